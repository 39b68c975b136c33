"""Connected school districts (划片): minimum overload, then minimum cost, with a lower bound.

:func:`districting_problem` checks arrays; :func:`solve_districting` assigns every unit to one school.
"""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.solve.districting.audit import DistrictingAudit, audit
    from layoutplan.solve.districting.problem import (
        DistrictingInputError,
        DistrictingProblem,
        LockedUnitError,
        SchoolWithoutUnitError,
        ShapeError,
        SharedUnitError,
        dense_arcs,
        districting_problem,
    )
    from layoutplan.solve.districting.solve import Districting, solve_districting

__all__ = [
    "Districting",
    "DistrictingAudit",
    "DistrictingInputError",
    "DistrictingProblem",
    "LockedUnitError",
    "SchoolWithoutUnitError",
    "ShapeError",
    "SharedUnitError",
    "audit",
    "dense_arcs",
    "districting_problem",
    "solve_districting",
]

lazy_package(__name__)
