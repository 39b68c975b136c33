"""Demand (学龄需求): from residents by age to pupils who need a public seat, by unit, stage and year."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.demand.authority import check_projections, with_projection
    from layoutplan.demand.cohorts import Cohorts
    from layoutplan.demand.demand import Demand
    from layoutplan.demand.estates import Estates
    from layoutplan.demand.estimate import check_residents, estimate_demand, grow_cohorts
    from layoutplan.demand.reconcile import enrolment_growth, reconcile

__all__ = [
    "Cohorts",
    "Demand",
    "Estates",
    "check_projections",
    "check_residents",
    "enrolment_growth",
    "estimate_demand",
    "grow_cohorts",
    "reconcile",
    "with_projection",
]

lazy_package(__name__)
