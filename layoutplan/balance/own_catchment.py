"""Soft preference for the schools of the own catchment (就近与片区优先)."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.catchment_view import Parts, school_links
from layoutplan.layouts.layout import Layout


def handicap(walks: Walks, parts: Parts, layout: Layout, *, stage: str, own_catchment_m: float) -> FloatArray:
    """Return the metres added, for comparison, to each walk to a school outside the own catchment.

    With this penalty a pupil is assigned to a school of the own catchment (any of several) unless another
    school is nearer by more than ``own_catchment_m`` or the assignment would leave another pupil without a
    seat. Units in no catchment, and units whose catchment has no school within reach, have no penalty, so
    that they are not served last.

    Parameters
    ----------
    walks
        Pairs within reach.
    parts
        Catchment of each unit.
    layout
        Links between catchments and schools.
    stage
        Stage.
    own_catchment_m
        Penalty, metres.

    Returns
    -------
    numpy.ndarray
        Metres per walk: ``own_catchment_m`` or 0.
    """
    inside = in_own_catchment(walks, parts, layout, stage=stage)
    has_own = np.zeros(len(parts.unit_catchment), dtype=bool)
    has_own[walks.units[inside]] = True
    return np.where(has_own[walks.units] & ~inside, own_catchment_m, 0.0)


def in_own_catchment(walks: Walks, parts: Parts, layout: Layout, *, stage: str) -> BoolArray:
    """Return which walks lead to a school that serves the unit's own catchment.

    Parameters
    ----------
    walks
        Unit-school pairs.
    parts
        Catchment of each unit.
    layout
        Links between catchments and schools.
    stage
        Stage.

    Returns
    -------
    numpy.ndarray
        Boolean, one per walk; all false for a stage without catchments.
    """
    links = school_links(layout, stage, parts.catchments)
    count = len(layout.seats.schools)
    own = parts.unit_catchment[walks.units]
    return np.isin(own * count + walks.schools, links["catchment"] * count + links["school"]) & (own >= 0)
