"""Siting (选址建议): which schools to open or enlarge first, by exact optimisation, with reasons."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.siting.at_level import propose
    from layoutplan.siting.demand_level import demand_at, usable_level
    from layoutplan.siting.horizon import HorizonInputs, evaluate_horizon
    from layoutplan.siting.propose import Proposal, propose_for_target

__all__ = [
    "HorizonInputs",
    "Proposal",
    "demand_at",
    "evaluate_horizon",
    "propose",
    "propose_for_target",
    "usable_level",
]

lazy_package(__name__)
