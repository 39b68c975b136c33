"""What a solver's answer means: one word, one visible mapping.

"Ok" is not an outcome. Whether a plan may be used is decided by one thing only: a feasible solution exists
(and has then been audited). A solve that ran out of time without one is :attr:`Outcome.NO_PLAN_FOUND`.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a solve ended.

    ``OPTIMAL``: proven best, within the gap asked for. ``FEASIBLE``: a plan, with a bound that does not
    prove it best. ``NO_PLAN_FOUND``: a limit was reached before any plan. ``NO_PLAN_EXISTS``: proven that
    no plan satisfies the constraints. ``UNBOUNDED``: the objective has no limit (a defect of the model).
    ``FAILED``: the solver gave up or disagreed with itself.
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
