"""Quantile bands of the demand and the probability of a shortfall, from random draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.outlook.draws import DrawPlaces, Shocks, draw_demand

_QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Bands:
    """Statistics of the draws by place; arrays, places × years.

    Attributes
    ----------
    p10, p50, p90
        Quantiles of the demand, pupils.
    probability_short
        Share of the draws in which the demand exceeds the seats.
    expected_shortfall
        Mean of ``max(0, demand − seats)`` over the draws, pupils.
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


def bands_of(values: FloatArray, seats: FloatArray) -> Bands:
    """Return the statistics of draws.

    A place is short in a draw if demand exceeds the seats by more than the rounding error of sums.

    Parameters
    ----------
    values
        Demand, places × years × draws; at least one draw.
    seats
        Seats, places × years.

    Returns
    -------
    Bands
        Arrays, places × years.
    """
    low, middle, high = np.quantile(values, _QUANTILES, axis=-1)
    lacking = values - seats[:, :, None]
    short = lacking > 1e-9 * np.maximum(seats[:, :, None], 1.0)  # tolerance for rounding of sums
    return Bands(
        p10=low,
        p50=middle,
        p90=high,
        probability_short=short.mean(axis=-1),
        expected_shortfall=np.maximum(lacking, 0.0).mean(axis=-1),
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
    """

    place: np.ndarray
    area: np.ndarray
    share: FloatArray
    seats: FloatArray


def draw_bands(
    places: DrawPlaces, groups: Groups, shocks: Shocks, *, seats: FloatArray, seed: int, draws: int
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
    seed
        Seed of the draws.
    draws
        Number of draws.

    Returns
    -------
    places, areas
        :class:`Bands` of each.
    """
    parts = []
    totals = np.zeros((*groups.seats.shape, draws))
    for rows, values in draw_demand(places, shocks, seed=seed, draws=draws):
        parts.append(bands_of(values, seats[rows]))
        here = np.flatnonzero((groups.place >= rows.start) & (groups.place < rows.stop))
        for area in np.unique(groups.area[here]):
            pieces = here[groups.area[here] == area]
            share, inside = groups.share[pieces], values[groups.place[pieces] - rows.start]
            totals[area] += np.einsum("py,pyd->yd", share, inside)
    return _joined(parts, years=places.settled.shape[1]), bands_of(totals, groups.seats)


def _joined(parts: list[Bands], *, years: int) -> Bands:
    empty = np.zeros((0, years))
    fields = {
        name: [part.columns()[name] for part in parts] or [empty] for name in Bands.__dataclass_fields__
    }
    return Bands(**{name: np.vstack(values) for name, values in fields.items()})
