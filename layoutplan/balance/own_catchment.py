"""A soft preference for the schools of the own catchment (就近与片区优先)."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.catchment_view import Parts, school_links
from layoutplan.layouts.layout import Layout


def handicap(walks: Walks, parts: Parts, layout: Layout, *, stage: str, own_catchment_m: float) -> FloatArray:
    """Return metres to add to each walk to a school outside the own catchment, when walks are compared.

    A pupil then goes to a school of the own catchment, any of several, unless another is nearer by more than
    ``own_catchment_m``, or somebody else would have no seat. Nothing is added in no catchment, nor where the
    own one has no school within reach: those pupils are not to be served last for it.
    """
    links = school_links(layout, stage, parts.catchments)
    count = len(layout.seats.schools)
    own = parts.unit_catchment[walks.units]
    inside = np.isin(own * count + walks.schools, links["catchment"] * count + links["school"]) & (own >= 0)
    has_own = np.zeros(len(parts.unit_catchment), dtype=bool)
    has_own[walks.units[inside]] = True
    return np.where(has_own[walks.units] & ~inside, own_catchment_m, 0.0)
