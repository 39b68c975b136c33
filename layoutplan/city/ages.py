"""Disaggregation of age figures (single years, bands, stages) to single years of age.

Within a band the years follow a smooth profile fitted to the whole city: the non-negative curve of least
curvature whose sums over the bands are the city's (non-negative least squares). The band total of every unit
is preserved; where nothing distinguishes the years of a band they share it evenly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray

AGES: Final = tuple(range(18))
_OLDEST: Final = 120
_SUM_WEIGHT: Final = 1e4  # weight of band sums against smoothness; the residual is removed by scaling
_LEVEL_WEIGHT: Final = 1e-3  # selects the flattest of equally smooth curves
_BAND: Final = re.compile(r"\s*(\d{1,3})\s*(?:[-_~–—至到]\s*(\d{1,3}))?\s*(?:周?岁)?\s*")


@dataclass(frozen=True, slots=True, order=True)
class AgeBand:
    """Ages from ``first`` to ``last`` in completed years, both inclusive."""

    first: int
    last: int

    @property
    def ages(self) -> tuple[int, ...]:
        """The years of age in the band."""
        return tuple(range(self.first, self.last + 1))

    @property
    def width(self) -> int:
        """Number of years of age in the band."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        """Return the band as ``0-4``, a single year as ``5``."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def parse_band(text: str) -> AgeBand | None:
    """Parse an age band: ``"5"``, ``"0-4"``, ``"age_0_14"`` or ``"0至4岁"``.

    Parameters
    ----------
    text
        Column name or key.

    Returns
    -------
    AgeBand or None
        ``None`` if the text is not a band up to age 120.

    Examples
    --------
    >>> parse_band("age_0_14"), parse_band("7"), parse_band("9-3") is None
    (AgeBand(first=0, last=14), AgeBand(first=7, last=7), True)
    """
    match = _BAND.fullmatch(text.removeprefix("age_"))
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return AgeBand(first, last) if first <= last <= _OLDEST else None


def fit_profile(totals: Mapping[AgeBand, float]) -> dict[int, float]:
    """Return smooth weights for every year of age in disjoint bands.

    Runs of adjoining bands are fitted together; the weights of a band sum to its total. A band with total
    zero gets weights of one, so that shares are always defined.

    Parameters
    ----------
    totals
        Residents of the city in each band; bands must not overlap.

    Returns
    -------
    dict of int to float
        Weight by year of age.

    Examples
    --------
    >>> fit = fit_profile({AgeBand(0, 4): 50.0, AgeBand(5, 9): 50.0})
    >>> [round(weight, 6) for weight in fit.values()] == [10.0] * 10
    True
    """
    weights: dict[int, float] = {}
    run: list[AgeBand] = []
    for band in sorted(totals):
        if run and band.first != run[-1].last + 1:
            weights |= _fit_run(run, totals)
            run = []
        run.append(band)
    return weights | _fit_run(run, totals) if run else weights


def _fit_run(run: Sequence[AgeBand], totals: Mapping[AgeBand, float]) -> dict[int, float]:
    ages = [age for band in run for age in band.ages]
    scale = max(sum(totals[band] for band in run) / len(ages), 1e-300)
    from scipy import optimize  # noqa: PLC0415  only where residents are given in bands

    size = len(ages)
    curvature = np.diff(np.eye(size), n=2, axis=0) if size > 2 else np.empty((0, size))  # noqa: PLR2004
    slope = _LEVEL_WEIGHT * np.diff(np.eye(size), axis=0)
    sums = np.zeros((len(run), size))
    for row, band in enumerate(run):
        sums[row, band.first - ages[0] : band.last - ages[0] + 1] = _SUM_WEIGHT
    goals = np.array([totals[band] / scale for band in run]) * _SUM_WEIGHT
    matrix = np.vstack([curvature, slope, sums])
    target = np.concatenate([np.zeros(len(curvature) + len(slope)), goals])
    curve, _ = optimize.nnls(matrix, target)
    weights: dict[int, float] = {}
    for band in run:
        part = curve[band.first - ages[0] : band.last - ages[0] + 1]
        if totals[band] > 0 and part.sum() > 0:
            part = part * (totals[band] / part.sum())
        else:
            part = np.full(band.width, totals[band] / band.width if totals[band] > 0 else 1.0)
        weights |= dict(zip(band.ages, part.tolist(), strict=True))
    return weights


def split_band(values: FloatArray, band: AgeBand, weights: Mapping[int, float]) -> dict[int, FloatArray]:
    """Split band totals into years of age in proportion to weights.

    Parameters
    ----------
    values
        Total of the band in each unit, shape (n,).
    band
        The band.
    weights
        Weight by year of age; if all are zero in the band, the split is even.

    Returns
    -------
    dict of int to numpy.ndarray
        Values by year of age, each of shape (n,); they sum to ``values`` within floating-point rounding.
    """
    given = np.array([weights.get(age, 0.0) for age in band.ages])
    shares = given / given.sum() if given.sum() > 0 else np.full(band.width, 1.0 / band.width)
    return {age: values * share for age, share in zip(band.ages, shares, strict=True)}
