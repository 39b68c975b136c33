"""Siting: which schools to open or enlarge first, exactly and with reasons. 选址建议."""

from layoutplan.siting.horizon import Ahead, look_beyond
from layoutplan.siting.level_of_demand import demand_at, usable_level
from layoutplan.siting.propose import Proposal, propose

__all__ = ["Ahead", "Proposal", "demand_at", "look_beyond", "propose", "usable_level"]
