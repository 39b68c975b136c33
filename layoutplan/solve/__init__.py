"""The only door to OR-Tools: flows, mixed-integer models, and what their answers mean."""

from layoutplan.solve.flow import Placement, assign_pupils
from layoutplan.solve.outcome import Outcome

__all__ = ["Outcome", "Placement", "assign_pupils"]
