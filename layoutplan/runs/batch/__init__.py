"""Many scenarios in one go (批量情景): grids and lists, executors, one table of all figures."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.runs.batch.analysis import driver_swings, pareto, robust_choice, sobol_indices
    from layoutplan.runs.batch.batch import Batch, batch
    from layoutplan.runs.batch.variations import Variation, read_variations, variations_of

__all__ = [
    "Batch",
    "Variation",
    "batch",
    "driver_swings",
    "pareto",
    "read_variations",
    "robust_choice",
    "sobol_indices",
    "variations_of",
]

lazy_package(__name__)
