"""From residents by age to pupils who need a public seat, by unit, stage and year (学龄需求)."""

from layoutplan.demand.cohorts import Cohorts
from layoutplan.demand.estates import Estates
from layoutplan.demand.estimate import estimate_demand, grow_cohorts
from layoutplan.demand.model import Demand

__all__ = ["Cohorts", "Demand", "Estates", "estimate_demand", "grow_cohorts"]
