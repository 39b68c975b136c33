"""The laws every balance keeps, checked on every call: no pupil lost or invented, no seat used twice."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.balance.assignment import NEGLIGIBLE_PUPILS, StagePlacement
from layoutplan.balance.boarding import Beds
from layoutplan.balance.catchment_view import Parts
from layoutplan.errors import DefectError

_RELATIVE = 1e-9  # of floating-point sums


def check_conservation(
    *,
    stage: str,
    demand: FloatArray,
    counted: FloatArray,
    placement: StagePlacement,
    parts: Parts,
    beds: Beds | None = None,
) -> None:
    """Check one stage, all years.

    Laws: served lies between none and the demand of each unit; pupils placed on walks leaving a unit sum to
    its served, those arriving at a school to its assigned; assigned never exceeds the seats that count;
    boarders are among those placed, no more than there are beds, and old enough;
    parts (catchments and what lies outside) sum to the city's demand, seats, and seats − demand; districts
    sum to the city's shortfall.

    Raises
    ------
    DefectError
        Naming the law, the stage and the greatest amount by which it is broken.
    """
    served, assigned = placement.served, placement.assigned
    laws = {
        "no unit is served beyond its demand": (served - demand).max(initial=0.0),
        "no unit is served less than nobody": (-served).max(initial=0.0),
        "no school is assigned more than its seats": (assigned - counted).max(initial=0.0),
        "pupils leaving units arrive at schools": _gap(served.sum(axis=0), assigned.sum(axis=0)),
        "catchments and the outside sum to the demand": _gap(parts.demand.sum(axis=0), demand.sum(axis=0)),
        "catchments and the outside sum to the seats": _gap(parts.seats.sum(axis=0), counted.sum(axis=0)),
        "districts and the outside sum to the shortfall": _gap(
            parts.by_district(parts.shortfall).sum(axis=0), parts.shortfall.sum(axis=0)
        ),
        **_laws_of_boarding(demand, placement, beds),
        "surplus less shortfall is seats less demand": _gap(
            (parts.surplus - parts.shortfall).sum(axis=0), counted.sum(axis=0) - demand.sum(axis=0)
        ),
    }
    slack = NEGLIGIBLE_PUPILS * (1 + len(demand)) + _RELATIVE * float(demand.sum() + counted.sum())
    for law, amount in laws.items():
        if not amount <= slack:
            raise DefectError(f"{stage}: {law}: broken by {amount:g}")


def _laws_of_boarding(demand: FloatArray, placement: StagePlacement, beds: Beds | None) -> dict[str, float]:
    """Return by how much each law of boarders is broken; without ``beds`` nobody may board."""
    leaving, arriving = placement.boarding, placement.boarding_at
    share = np.zeros(demand.shape[1]) if beds is None else beds.share
    there = np.zeros_like(arriving) if beds is None else beds.beds
    return {
        "boarders are among the pupils served": float((leaving - placement.served).max(initial=0.0)),
        "boarders are old enough": float((leaving - demand * share).max(initial=0.0)),
        "boarders have a bed": float((arriving - there).max(initial=0.0)),
        "boarders leaving units arrive at schools": _gap(leaving.sum(axis=0), arriving.sum(axis=0)),
    }


def _gap(first: FloatArray, second: FloatArray) -> float:
    """Return the greatest difference of two rows."""
    return float(np.abs(first - second).max(initial=0.0))
