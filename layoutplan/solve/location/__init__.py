"""Which sites to open, and whom each serves: capacitated location, with contiguous districts if asked."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.solve.location.problem import LocationProblem
    from layoutplan.solve.location.solve import Location, solve_location

__all__ = ["Location", "LocationProblem", "solve_location"]

lazy_package(__name__)
