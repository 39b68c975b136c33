"""Outcome of a solve: one enumeration for all solvers.

There is no outcome "ok". A plan may be used if a feasible solution exists and has passed the audit. A solve
that reaches its time limit without a solution is :attr:`Outcome.NO_PLAN_FOUND`.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a solve ended.

    ``OPTIMAL``: proven best within the requested gap. ``FEASIBLE``: a plan whose bound does not prove it
    best. ``NO_PLAN_FOUND``: a limit was reached before any plan was found. ``NO_PLAN_EXISTS``: proven
    infeasible. ``UNBOUNDED``: the objective has no limit (a defect of the model). ``FAILED``: the solver
    failed, or its solution did not pass the audit.
    """

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    NO_PLAN_FOUND = "NO_PLAN_FOUND"
    NO_PLAN_EXISTS = "NO_PLAN_EXISTS"
    UNBOUNDED = "UNBOUNDED"
    FAILED = "FAILED"

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan to use."""
        return self in (Outcome.OPTIMAL, Outcome.FEASIBLE)
