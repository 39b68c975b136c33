"""OR-Tools behind one interface: network flows, mixed-integer programs and the outcomes they report."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.solve.certificate import Certificate, certify
    from layoutplan.solve.flow import Placement, assign_pupils
    from layoutplan.solve.mip import Solution, solve_program
    from layoutplan.solve.outcome import Outcome
    from layoutplan.solve.program import Program, ProgramBuilder

__all__ = [
    "Certificate",
    "Outcome",
    "Placement",
    "Program",
    "ProgramBuilder",
    "Solution",
    "assign_pupils",
    "certify",
    "solve_program",
]

lazy_package(__name__)
