"""The as-zoned view of one stage of a layout, without placing pupils in any other way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.balance.arcs import walks_of
from layoutplan.balance.catchment_view import Parts, divide
from layoutplan.balance.grade_bands import grade_bands
from layoutplan.balance.zoned import Zoned, measure_zoned
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study


@dataclass(frozen=True)
class ZonedStage:
    """One stage as zoned.

    Attributes
    ----------
    parts
        Demand and seats by catchment.
    zoned
        Schools, walks, moved pupils.
    demand
        Pupils, units × years.
    """

    parts: Parts
    zoned: Zoned
    demand: FloatArray


def zoned_stage(study: Study, layout: Layout, stage: str) -> ZonedStage:
    """Return one stage of a layout as zoned, in every year.

    Parameters
    ----------
    study
        Demand, standards, adjacency.
    layout
        The layout.
    stage
        A stage with catchments.

    Returns
    -------
    ZonedStage
        The figures that tables ``zoned_city``, ``zoned_catchment`` and ``zoned_school`` hold.
    """
    demand = study.demand.pupils[stage].to_numpy(dtype=float)
    counted = layout.seats.counted(stage).to_numpy(dtype=float)
    grades = grade_bands(study, layout.seats, stage)
    parts = divide(study.city, layout, stage=stage, demand=demand, counted=counted, grades=grades)
    zoned = measure_zoned(
        study,
        layout,
        stage=stage,
        parts=parts,
        demand=demand,
        counted=counted,
        walks=walks_of(layout.walks),
        radius_m=np.array([study.profile.at(year).service_radius_m(stage) for year in study.years]),
        grades=grades,
    )
    return ZonedStage(parts, zoned, demand)
