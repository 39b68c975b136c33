"""Siting (设施计划): what to do, where, when and for how much, over all years, by exact optimisation."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.siting.demand_level import demand_at, usable_level
    from layoutplan.siting.measures import BuildingPlan, Measure
    from layoutplan.siting.planning import plan_measures
    from layoutplan.siting.propose import Proposal, propose
    from layoutplan.siting.sensitivity import Sensitivity, sensitivity

__all__ = [
    "BuildingPlan",
    "Measure",
    "Proposal",
    "Sensitivity",
    "demand_at",
    "plan_measures",
    "propose",
    "sensitivity",
    "usable_level",
]

lazy_package(__name__)
