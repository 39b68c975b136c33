"""Capacity expansion over years: which sites take which states when, with temporary units; bound, audit."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.solve.expansion.alternatives import Alternatives
    from layoutplan.solve.expansion.audit import PlanFigures, audit_plan
    from layoutplan.solve.expansion.effort import ExpansionEffort
    from layoutplan.solve.expansion.inequalities import ExpansionChoice
    from layoutplan.solve.expansion.paths import without_unmet
    from layoutplan.solve.expansion.problem import (
        Expansion,
        ExpansionLimits,
        Market,
        StateMoves,
        StateNeeds,
        States,
        TemporaryUnits,
        UnitBars,
    )
    from layoutplan.solve.expansion.solve import ExpansionPlan, ExpansionStep, solve_expansion

__all__ = [
    "Alternatives",
    "Expansion",
    "ExpansionChoice",
    "ExpansionEffort",
    "ExpansionLimits",
    "ExpansionPlan",
    "ExpansionStep",
    "Market",
    "PlanFigures",
    "StateMoves",
    "StateNeeds",
    "States",
    "TemporaryUnits",
    "UnitBars",
    "audit_plan",
    "solve_expansion",
    "without_unmet",
]

lazy_package(__name__)
