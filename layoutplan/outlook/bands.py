"""Quantile bands of the demand and the probability of a shortfall, from random draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.balance.seats_by_grade import GradeLimits
from layoutplan.outlook.draws import DrawPlaces, Shocks, draw_demand

_QUANTILES = (0.1, 0.5, 0.9)


OfGrades = tuple[FloatArray, FloatArray]
"""Demand (places × years × draws) and seats (places × years) of a set of grades."""


@dataclass(frozen=True)
class Bands:
    """Statistics of the draws by place; arrays, places × years.

    Attributes
    ----------
    p10, p50, p90
        Quantiles of the demand, pupils.
    probability_short
        Share of the draws in which the demand exceeds the seats, in all or of a set of grades.
    expected_shortfall
        Mean number of these pupils over the draws.
    """

    p10: FloatArray
    p50: FloatArray
    p90: FloatArray
    probability_short: FloatArray
    expected_shortfall: FloatArray

    def columns(self) -> dict[str, FloatArray]:
        """Return the statistics under the column names of the result tables."""
        return {
            "p10": self.p10,
            "p50": self.p50,
            "p90": self.p90,
            "probability_short": self.probability_short,
            "expected_shortfall": self.expected_shortfall,
        }


def bands_of(values: FloatArray, seats: FloatArray, *, of_grades: Sequence[OfGrades] = ()) -> Bands:
    """Return the statistics of draws.

    A place is short in a draw if demand exceeds the seats by more than the rounding error of sums; where
    schools teach some grades only, if that holds of any set of grades.

    Parameters
    ----------
    values
        Demand, places × years × draws; at least one draw.
    seats
        Seats, places × years.
    of_grades
        Demand and seats of sets of grades, as the two before.

    Returns
    -------
    Bands
        Arrays, places × years.
    """
    low, middle, high = np.quantile(values, _QUANTILES, axis=-1)
    lacking, short = np.zeros_like(values), np.zeros(values.shape, dtype=bool)
    for wanted, offered in ((values, seats), *of_grades):
        over = wanted - offered[:, :, None]
        short |= over > 1e-9 * np.maximum(offered[:, :, None], 1.0)  # tolerance for rounding of sums
        np.maximum(lacking, over, out=lacking)
    return Bands(
        p10=low,
        p50=middle,
        p90=high,
        probability_short=short.mean(axis=-1),
        expected_shortfall=lacking.mean(axis=-1),
    )


@dataclass(frozen=True)
class Groups:
    """Larger areas composed of pieces of places.

    Attributes
    ----------
    place, area
        For each piece the place it is part of and the area it belongs to, positions.
    share
        The piece's share of its place, pieces × years.
    seats
        Seats of the areas, areas × years.
    grade_seats
        Seats of the areas for each set of grades of the places' limits, sets × areas × years.
    """

    place: np.ndarray
    area: np.ndarray
    share: FloatArray
    seats: FloatArray
    grade_seats: FloatArray | None = None


def draw_bands(
    places: DrawPlaces,
    groups: Groups,
    shocks: Shocks,
    *,
    seats: FloatArray,
    limits: GradeLimits | None = None,
    seed: int,
    draws: int,
) -> tuple[Bands, Bands]:
    """Draw the demand and return the statistics of places and of the areas composed of them.

    Both are computed from the same draws, so the totals are consistent.

    Parameters
    ----------
    places
        Demand of one stage by place.
    groups
        Areas composed of the places.
    shocks
        Standard deviations of the forecast errors.
    seats
        Seats of the places, places × years.
    limits
        Sets of grades of the places that may lack seats; ``None`` if every school teaches all grades.
    seed
        Seed of the draws.
    draws
        Number of draws.

    Returns
    -------
    places, areas
        :class:`Bands` of each.
    """
    shares = np.zeros((0, *seats.shape)) if limits is None else limits.share
    offered = np.zeros((0, *groups.seats.shape)) if groups.grade_seats is None else groups.grade_seats
    parts = []
    totals = np.zeros((1 + len(shares), *groups.seats.shape, draws))
    for rows, values in draw_demand(places, shocks, seed=seed, draws=draws):
        of_sets = [values, *(share[rows][:, :, None] * values for share in shares)]
        own = () if limits is None else zip(of_sets[1:], limits.seats[:, rows], strict=True)
        parts.append(bands_of(values, seats[rows], of_grades=[*own]))
        here = np.flatnonzero((groups.place >= rows.start) & (groups.place < rows.stop))
        for area in np.unique(groups.area[here]):
            pieces = here[groups.area[here] == area]
            for total, of_set in zip(totals, of_sets, strict=True):
                inside = of_set[groups.place[pieces] - rows.start]
                total[area] += np.einsum("py,pyd->yd", groups.share[pieces], inside)
    areas = bands_of(totals[0], groups.seats, of_grades=[*zip(totals[1:], offered, strict=True)])
    return _joined(parts, years=places.settled.shape[1]), areas


def _joined(parts: list[Bands], *, years: int) -> Bands:
    empty = np.zeros((0, years))
    fields = {
        name: [part.columns()[name] for part in parts] or [empty] for name in Bands.__dataclass_fields__
    }
    return Bands(**{name: np.vstack(values) for name, values in fields.items()})
