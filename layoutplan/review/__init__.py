"""Review (预警与销号台账): schools flagged by the rules, and the ledger in which each case is cleared."""

from layoutplan.review.flags import flag_schools
from layoutplan.review.ledger import keep_ledger
from layoutplan.review.rules import FLAG_RULES, FlagRule, flag_rule

__all__ = ["FLAG_RULES", "FlagRule", "flag_rule", "flag_schools", "keep_ledger"]
