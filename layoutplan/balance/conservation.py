"""Conservation laws of an evaluation, checked on every call: no pupil or seat is lost or counted twice."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.balance.assignment import NEGLIGIBLE_PUPILS, StagePlacement
from layoutplan.balance.boarding import Beds
from layoutplan.balance.catchment_view import Parts
from layoutplan.errors import DefectError

_RELATIVE = 1e-9  # tolerance of floating-point sums


def check_conservation(
    *,
    stage: str,
    demand: FloatArray,
    counted: FloatArray,
    placement: StagePlacement,
    parts: Parts,
    beds: Beds | None = None,
) -> None:
    """Check the conservation laws of one stage in all years.

    * The pupils served of a unit lie between 0 and its demand; those assigned to a school do not exceed its
      counted seats.
    * The pupils who leave units equal those who arrive at schools.
    * Boarders are part of the pupils served, are old enough and do not exceed the beds.
    * The parts (catchments and remainders) sum to the city's demand, seats, and seats − demand; the districts
      sum to the city's shortfall.

    Parameters
    ----------
    stage
        Stage, for the message.
    demand
        Pupils, units × years.
    counted
        Counted seats, schools × years.
    placement
        Placement of all years.
    parts
        Partition of the demand and seats.
    beds
        Beds and eligibility; ``None`` if no pupil may board.

    Raises
    ------
    DefectError
        If a law is violated by more than rounding; names the stage, the law and the largest violation.
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
    """Return the violation of each law of boarding; without ``beds`` no pupil may board."""
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
    """Return the largest absolute difference of two arrays."""
    return float(np.abs(first - second).max(initial=0.0))
