"""How far past forecasts were off, stage by stage, and how wide a band that makes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import stdtrit

from layoutplan.arrays import FloatArray

Z_80: Final = 1.2815515655446004
"""Standard deviations between the middle of a normal distribution and its 10th or 90th percentile."""

CHANCE: Final = 0.25
"""Variance × pupils that single families make in a year, in a district; it adds up from year to year."""

PLACE_GROWTH: Final = 0.8
"""Power of the years ahead by which the variance of a place beside its district grows: a little of what
leaves it comes back (1 would be a random walk)."""

SIZE_SHARES: Final = (0.0, 0.5, 1.0)
"""Shares of a place's variance that may be due to its size, of which the likeliest is taken."""

DISTRICT_PRIOR, PLACE_PRIOR = 2.0, 3.0
"""How many past errors the spread believed beforehand is worth, of a district and of its places."""

_SHORT: Final = 4.0
"""Years of history with which the variance of a district's level is believed twice that of many years."""

_UNSEEN_TREND: Final = 8.0
"""The trend that y years of history do not show is believed to have 8 ÷ y times the spread of a year."""

_FEWEST_YEARS: Final = 3.0  # that y is, for a trend

_PRIOR_FREEDOM: Final = 8.0  # degrees of freedom of the variance believed beforehand
_HELD: Final = 0.8  # share of outcomes that the band has to hold
_TOGETHER: Final = 0.3  # correlation of two stages' errors believed beforehand
_CORRELATION_PRIOR: Final = 3.0  # pairs of errors it is worth
_SMALLEST: Final = 1e-6
_LEAST_ALONE: Final = 1e-3  # of a place that is its whole district


@dataclass(frozen=True)
class Residuals:
    """Errors of forecasts from past years: ln(actual ÷ forecast), with horizon and forecast pupils.

    ``years`` is how many years of history each forecast had.
    """

    errors: FloatArray
    horizons: FloatArray
    pupils: FloatArray
    years: FloatArray


@dataclass(frozen=True)
class StageSpread:
    """Standard deviation of ln(actual ÷ forecast) of one stage, for 1, 2, … years ahead.

    Attributes
    ----------
    district
        Of the stage's total in the district.
    own
        Of a place of ``typical_pupils`` beside its district.
    size_share
        Share of a place's own variance that is inversely proportional to its pupils.
    typical_pupils
        Median pupils of a place in the errors it was calibrated on.
    district_errors, place_errors
        How many past errors stand behind each; with none the spread is the one believed beforehand.
    """

    district: tuple[float, ...]
    own: tuple[float, ...]
    size_share: float
    typical_pupils: float
    district_errors: int
    place_errors: int

    @property
    def place(self) -> tuple[float, ...]:
        """Of a place of ``typical_pupils``, with the error it shares with its district."""
        return tuple(np.hypot(self.own, self.district).tolist())

    def of_places(self, pupils: FloatArray) -> FloatArray:
        """Return the standard deviation of the log error of places.

        Parameters
        ----------
        pupils
            Forecast pupils, any shape whose last axis is the horizon.

        Returns
        -------
        FloatArray
            Same shape.
        """
        size = _by_size(pupils, share=self.size_share, typical=self.typical_pupils)
        return np.asarray(np.hypot(np.array(self.own) * size, np.array(self.district)))


@dataclass(frozen=True)
class ErrorSpread:
    """How sure a forecast is: stage by stage, and for sums over stages.

    Attributes
    ----------
    stages
        The spread of each stage.
    correlation
        Of the stages' errors, stages × stages in the order of ``stages``.
    district
        Standard deviation of all stages together, for 1, 2, … years ahead.
    """

    stages: Mapping[str, StageSpread]
    correlation: FloatArray
    district: tuple[float, ...]

    @property
    def place(self) -> tuple[float, ...]:
        """Standard deviation of a typical place, the mean over stages by their past errors."""
        rows = [stage.place for stage in self.stages.values()]
        weights = [1.0 + stage.place_errors for stage in self.stages.values()]
        return tuple(np.average(np.array(rows), axis=0, weights=weights).tolist())

    @property
    def place_errors(self) -> int:
        """How many past errors of places stand behind all stages."""
        return sum(stage.place_errors for stage in self.stages.values())

    @property
    def place_alone(self) -> tuple[float, ...]:
        """The part of a typical place's spread that is not its district's, drawn beside the shared shock."""
        pairs = zip(self.place, self.district, strict=True)
        return tuple(math.sqrt(max(place**2 - district**2, 0.0)) for place, district in pairs)


def calibrate_stage(
    district: Residuals,
    place: Residuals,
    *,
    pupils: float,
    years: int,
    horizon: int,
    district_spread: float,
    place_spread: float,
) -> StageSpread:
    """Return the spread of one stage's forecasts, from past errors and the spread believed beforehand.

    Conformal calibration on a rolling origin, horizon by horizon (Wang and Hyndman 2024, arXiv:2410.13115,
    review it): of the errors h years ahead, each over the spread believed beforehand for its size, the 80th
    percentile of their size counts, which is what the band has to hold. There are few of them, and those from
    successive years share h − 1 of their h years, so that an error counts 1 ÷ h. They therefore correct a
    variance believed beforehand, which counts as two of them (places: three). The variance is itself an
    estimate: the spread is widened as Student's t of its degrees of freedom is, which add up as variances of
    variances do (Satterthwaite 1946, doi:10.2307/3002019), so that short histories have wide bands. It never
    shrinks with the horizon, and asking for more years changes none.

    A place is off with its district and beside it. The places of one past year are all off with one district,
    so that they tell nothing of how far that may be; only their errors beside it are theirs, and both
    variances add up. Beforehand, a place has the less of its own the more of the district it is.

    Parameters
    ----------
    district, place
        Past errors; may be empty.
    pupils, years
        Of the stage in the whole district at the origin; years of history there.
    horizon
        Years ahead.
    district_spread, place_spread
        Standard deviation of the first year, from the profile; for the district that of a large one.
    """
    beside = _beside_district(place)
    typical = float(np.median(place.pupils)) if place.pupils.size else 1.0
    share = _size_share(beside, typical=typical)
    sizes = _by_size(place.pupils, share=share, typical=typical)
    steps = np.arange(1.0, horizon + 1.0)
    now = Residuals(np.zeros(horizon), steps, np.full(horizon, pupils), np.full(horizon, float(years)))
    part = min(typical / max(pupils, 1.0), 1.0) if place.pupils.size else 0.0
    alone = max(place_spread * math.sqrt(1.0 - part), _LEAST_ALONE)
    return StageSpread(
        district=_by_horizon(
            district.errors / believed(district, spread=district_spread),
            district.horizons,
            beforehand=believed(now, spread=district_spread),
            worth=DISTRICT_PRIOR,
        ),
        own=_by_horizon(
            beside.errors / sizes / (alone * place.horizons ** (PLACE_GROWTH / 2)),
            place.horizons,
            beforehand=alone * steps ** (PLACE_GROWTH / 2),
            worth=PLACE_PRIOR,
        ),
        size_share=share,
        typical_pupils=typical,
        district_errors=int(district.errors.size),
        place_errors=int(place.errors.size),
    )


def _beside_district(place: Residuals) -> Residuals:
    """Return the errors of places without that of all places of the same past year and horizon together."""
    if not place.errors.size:
        return place
    cases = np.stack([place.years, place.horizons])
    _, case = np.unique(cases, axis=1, return_inverse=True)
    case = case.ravel()
    hoped = np.bincount(case, place.pupils)
    came = np.bincount(case, place.pupils * np.exp(place.errors))
    return replace(place, errors=place.errors - np.log(came / hoped)[case])


def believed(of: Residuals, *, spread: float) -> FloatArray:
    """Return the prior standard deviation of a district's log errors in a stage.

    √(spread² · (h · (1 + 4 ÷ y) + (7 h ÷ y)²) + 0.25 · h ÷ pupils) with horizon h and y years of history (at
    least three in the term of the trend): a random walk of the level, which y years determine imperfectly,
    and a trend that few years do not show.

    Parameters
    ----------
    of
        Horizons, pupils and years of history; their errors are not used.
    spread
        Standard deviation of one year's change.

    Returns
    -------
    FloatArray
        One per residual.
    """
    trend = _UNSEEN_TREND * of.horizons / np.maximum(of.years, _FEWEST_YEARS)
    own = spread**2 * (of.horizons * (1.0 + _SHORT / of.years) + trend**2)
    return np.asarray(np.sqrt(own + CHANCE * of.horizons / np.maximum(of.pupils, 1.0)))


def combined_spread(
    stages: Sequence[StageSpread], errors: Sequence[FloatArray], pupils: FloatArray
) -> tuple[FloatArray, tuple[float, ...]]:
    """Return the correlation of the stages' errors and the spread of their sum.

    The correlation of each two is that of their past errors, over the spread of their horizon and shrunk
    toward 0.3; the variance of the sum is Σ wᵢ wⱼ sᵢ sⱼ rᵢⱼ, with shares of pupils as weights.

    Parameters
    ----------
    errors
        For each stage past origins × years ahead, nan where not known.
    pupils
        Stages × years ahead.
    """
    horizon = pupils.shape[1]
    scaled = [
        np.clip(np.nan_to_num(off[:, :horizon] / np.array(stage.district)), -3.0, 3.0)
        for stage, off in zip(stages, errors, strict=True)
    ]
    known = [np.isfinite(off[:, :horizon]) for off in errors]
    worth = 1.0 / np.arange(1, horizon + 1)
    correlation = np.eye(len(stages))
    for one in range(len(stages)):
        for other in range(one):
            both = known[one] & known[other]
            product = float((scaled[one] * scaled[other] * both * worth).sum())
            first, second = (
                float((figures**2 * both * worth).sum()) for figures in (scaled[one], scaled[other])
            )
            prior = _CORRELATION_PRIOR
            shared = (prior * _TOGETHER + product) / math.sqrt((prior + first) * (prior + second))
            correlation[one, other] = correlation[other, one] = max(shared, 0.0)
    weights = pupils / np.maximum(pupils.sum(axis=0), _SMALLEST)
    sizes = weights * np.array([stage.district for stage in stages])
    whole = np.sqrt(np.einsum("ih,ij,jh->h", sizes, correlation, sizes))
    return correlation, tuple(float(value) for value in whole)


def band(pupils: FloatArray, spread: FloatArray | Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Return the 10th and the 90th percentile of a log-normal error around a forecast, which is the median.

    Parameters
    ----------
    pupils
        Forecast.
    spread
        Standard deviation of the log error; broadcast to ``pupils``.

    Returns
    -------
    low, high : FloatArray
        Pupils, shape of ``pupils``.
    """
    factor = np.exp(Z_80 * np.asarray(spread, dtype=float))
    return pupils / factor, pupils * factor


def _by_size(pupils: FloatArray, *, share: float, typical: float) -> FloatArray:
    """Return the factor on a typical place's standard deviation."""
    return np.sqrt(1.0 - share + share * typical / np.maximum(pupils, typical * 0.01))


def _size_share(place: Residuals, *, typical: float) -> float:
    """Return the size share under which the errors are likeliest (normal, variance in proportion to h)."""
    middle = SIZE_SHARES[1]
    if place.errors.size < PLACE_PRIOR:
        return middle
    scores = []
    for share in SIZE_SHARES:
        factor = _by_size(place.pupils, share=share, typical=typical) * np.sqrt(place.horizons)
        scaled = float(np.mean((place.errors / factor) ** 2))
        scores.append(math.log(max(scaled, _SMALLEST**2)) / 2 + float(np.mean(np.log(factor))))
    best = min(range(len(SIZE_SHARES)), key=lambda at: (round(scores[at], 9), abs(SIZE_SHARES[at] - middle)))
    return SIZE_SHARES[best]


def _by_horizon(
    errors: FloatArray, horizons: FloatArray, *, beforehand: FloatArray, worth: float
) -> tuple[float, ...]:
    """Return standard deviations for 1, 2, … years ahead from errors over those believed ``beforehand``."""
    found = []
    variance, freedom = 1.0, _PRIOR_FREEDOM
    for step, spread in enumerate(beforehand, start=1):
        own = np.abs(errors[horizons == step])
        if own.size:
            count = own.size / step
            seen = (_size_held(own) / Z_80) ** 2
            trusted = worth / (worth + count)
            variance = trusted * variance + (1.0 - trusted) * seen
            freedom = 1.0 / (trusted**2 / freedom + (1.0 - trusted) ** 2 / count)
        found.append(float(stdtrit(freedom, 0.9)) / Z_80 * math.sqrt(variance) * float(spread))
    return tuple(float(value) for value in np.maximum.accumulate(np.array(found)))


def _size_held(sizes: FloatArray) -> float:
    """Return the size that four errors in five do not exceed: one great error does not widen all bands."""
    order = np.sort(sizes)
    return float(np.interp(_HELD, (np.arange(order.size) + 0.5) / order.size, order))
