"""Access to schools: floating catchments, coverage, inequality, service areas. 可达性、服务覆盖与服务范围.

::

    pairs = walk_matrix(homes, schools, limit_m=2000, network=network)
    two_step_access(pairs, pupils=pupils, seats=seats, decay=gaussian_m(2000))   seats per pupil, by home
    seated_pupils(pairs, pupils=pupils, seats=seats, radius_m=500)               pupils with a seat in reach
    service_areas(schools, network, radius_m=500)                                polygons

:func:`measure_access` computes all measures for one layout and returns them as result tables.
"""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.access.areas_table import service_area_table
    from layoutplan.access.coverage import near_pupils, seated_pupils
    from layoutplan.access.decay import Decay, gaussian_m, steps_m, within_m
    from layoutplan.access.floating import three_step_access, two_step_access
    from layoutplan.access.inequality import Theil, gini, mismatch, theil
    from layoutplan.access.measure import measure_access
    from layoutplan.access.nearest import count_within, mean_of_nearest
    from layoutplan.access.result import Access
    from layoutplan.access.service_areas import service_areas

__all__ = [
    "Access",
    "Decay",
    "Theil",
    "count_within",
    "gaussian_m",
    "gini",
    "mean_of_nearest",
    "measure_access",
    "mismatch",
    "near_pupils",
    "seated_pupils",
    "service_area_table",
    "service_areas",
    "steps_m",
    "theil",
    "three_step_access",
    "two_step_access",
    "within_m",
]

lazy_package(__name__)
