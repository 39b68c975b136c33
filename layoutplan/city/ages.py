"""From what is known of ages (single years, bands, stages) to single years of age.

Inside a band the years follow a smooth profile fitted to the whole city: the least curved non-negative curve
whose sums over the bands are the city's. Every unit's own band total is kept exactly; where nothing tells the
years of a band apart they share it evenly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import optimize

from layoutplan.arrays import FloatArray

AGES: Final = tuple(range(18))
_OLDEST: Final = 120
_SUM_WEIGHT: Final = 1e4  # how much a band's sum counts against smoothness; the rest is scaled away exactly
_LEVEL_WEIGHT: Final = 1e-3  # among equally smooth curves the flattest
_BAND: Final = re.compile(r"\s*(\d{1,3})\s*(?:[-_~–—至到]\s*(\d{1,3}))?\s*(?:周?岁)?\s*")


@dataclass(frozen=True, slots=True, order=True)
class AgeBand:
    """Completed years of age ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def ages(self) -> tuple[int, ...]:
        """The years of age in the band."""
        return tuple(range(self.first, self.last + 1))

    @property
    def width(self) -> int:
        """How many years of age it holds."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        """Write the band as ``0-4``, a single year as ``5``."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def parse_band(text: str) -> AgeBand | None:
    """Read ``"5"``, ``"0-4"``, ``"age_0_14"`` or ``"0至4岁"``; ``None`` if it is no band.

    Examples
    --------
    >>> parse_band("age_0_14"), parse_band("7"), parse_band("9-3") is None
    (Band(first=0, last=14), Band(first=7, last=7), True)
    """
    match = _BAND.fullmatch(text.removeprefix("age_"))
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return AgeBand(first, last) if first <= last <= _OLDEST else None


def fit_profile(totals: Mapping[AgeBand, float]) -> dict[int, float]:
    """Return a smooth weight for every year of age in the bands (which must not overlap).

    Runs of adjoining bands are fitted together; the weights of a band sum to its total. A band of total zero
    gets even weights of one, so that a share can always be formed.

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
    """Split each unit's band total over its years of age by ``weights``; even where all weights are zero.

    The years of each unit sum to its total to the last bits of a float.
    """
    given = np.array([weights.get(age, 0.0) for age in band.ages])
    shares = given / given.sum() if given.sum() > 0 else np.full(band.width, 1.0 / band.width)
    return {age: values * share for age, share in zip(band.ages, shares, strict=True)}
