"""Blank figures of residents: estimated from the other units' shares, never counted as 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.city.ages import AgeBand


@dataclass(frozen=True)
class KnownBand:
    """Residents of an age band in every area.

    Attributes
    ----------
    band
        Ages.
    column
        Column of the units table that it comes from.
    people
        Residents, shape (areas,); NaN where blank.
    guessed
        Where ``people`` was blank and is estimated, shape (areas,).
    """

    band: AgeBand
    column: str
    people: FloatArray
    guessed: BoolArray


def estimate_blanks(values: FloatArray, reference: FloatArray) -> FloatArray:
    """Return values with blanks estimated from the share that the known values have in a reference.

    Parameters
    ----------
    values
        Figures, shape (n,); NaN where blank.
    reference
        A larger figure of the same areas (residents, a wider age band), shape (n,); NaN where unknown.

    Returns
    -------
    numpy.ndarray
        Shape (n,). A blank becomes reference × (sum of known values ÷ sum of their references); it stays NaN
        where its reference is unknown or the known values have none.

    Examples
    --------
    >>> estimate_blanks(np.array([10.0, np.nan, 30.0]), np.array([100.0, 200.0, 300.0])).tolist()
    [10.0, 20.0, 30.0]
    """
    both = ~np.isnan(values) & ~np.isnan(reference)
    base = float(reference[both].sum())
    if base <= 0:
        return np.where(np.isnan(values) & (reference == 0), 0.0, values)
    return np.where(np.isnan(values), reference * (float(values[both].sum()) / base), values)


def fill_bands(known: Sequence[KnownBand], total: FloatArray | None) -> list[KnownBand]:
    """Return the bands with blanks estimated, from the widest band to the narrowest.

    A blank takes the share that its band has, over the areas that state both, in the narrowest wider band
    that contains it, else in all residents, else in the other bands that the area states. It is at least the
    sum of finer figures inside it, and at most what is left of the wider band.

    Parameters
    ----------
    known
        Bands as stated, ``people`` NaN where blank.
    total
        All residents of every area, NaN where blank; ``None`` if no area states them.

    Returns
    -------
    list of KnownBand
        In the order of ``known``; NaN where nothing can be estimated from.
    """
    filled = list(known)
    widest_first = sorted(range(len(known)), key=lambda place: (-known[place].band.width, known[place].band))
    for place in widest_first:
        part = filled[place]
        blank = np.isnan(part.people)
        if not blank.any():
            continue
        others = [other for at, other in enumerate(filled) if at != place]
        values = part.people
        for reference in _references(part, others, total):
            values = estimate_blanks(values, reference)
        values = np.where(blank, np.maximum(values, _inside(part, others)), values)
        for parent in _parents(part, others)[:1]:
            room = np.maximum(parent.people - _inside(parent, others), 0.0)
            values = np.where(blank, np.fmin(values, room), values)
        filled[place] = KnownBand(part.band, part.column, values, blank & ~np.isnan(values))
    return filled


def _parents(part: KnownBand, others: Sequence[KnownBand]) -> list[KnownBand]:
    """Return the wider bands that contain a band, narrowest first."""
    ages = set(part.band.ages)
    wider = [one for one in others if ages < set(one.band.ages)]
    return sorted(wider, key=lambda one: (one.band.width, one.band))


def _references(part: KnownBand, others: Sequence[KnownBand], total: FloatArray | None) -> list[FloatArray]:
    """Return the figures that a blank may be a share of, the best first."""
    found = [parent.people for parent in _parents(part, others)]
    if total is not None:
        found.append(total)
    apart = [one.people for one in others if not set(one.band.ages) & set(part.band.ages)]
    return [*found, *apart]


def _inside(part: KnownBand, others: Sequence[KnownBand]) -> FloatArray:
    """Return the sum of the finer figures inside a band that are known; overlapping ones count once."""
    inside = sorted(
        (one for one in others if set(one.band.ages) < set(part.band.ages)), key=lambda one: -one.band.width
    )
    found, taken = np.zeros(len(part.people)), set[int]()
    for one in inside:
        if not taken & set(one.band.ages):
            taken |= set(one.band.ages)
            found += np.nan_to_num(one.people, nan=0.0)
    return found
