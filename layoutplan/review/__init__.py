"""Review (预警与销号台账): schools flagged by the rules, the ledger of their cases, unsafe walks."""

from layoutplan.review.flags import flag_schools, open_schools
from layoutplan.review.ledger import check_ledger, keep_ledger, remedies
from layoutplan.review.rules import FLAG_RULES, FlagRule, flag_rule
from layoutplan.review.safe_walks import SafeWalks, find_unsafe_walks
from layoutplan.review.years import earlier_ledger, goes_back

__all__ = [
    "FLAG_RULES",
    "FlagRule",
    "SafeWalks",
    "check_ledger",
    "earlier_ledger",
    "find_unsafe_walks",
    "flag_rule",
    "flag_schools",
    "goes_back",
    "keep_ledger",
    "open_schools",
    "remedies",
]
