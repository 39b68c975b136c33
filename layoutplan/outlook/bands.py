"""From draws to bands: low, middle and high demand, and how likely it exceeds the seats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.outlook.draws import DrawPlaces, Shocks, draw_demand

_QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Bands:
    """Figures of places over their draws, each places × years."""

    p10: FloatArray
    p50: FloatArray
    p90: FloatArray
    probability_short: FloatArray
    expected_shortfall: FloatArray

    def columns(self) -> dict[str, FloatArray]:
        """Return the figures under the names of the result tables."""
        return {
            "p10": self.p10,
            "p50": self.p50,
            "p90": self.p90,
            "probability_short": self.probability_short,
            "expected_shortfall": self.expected_shortfall,
        }


def bands_of(values: FloatArray, seats: FloatArray) -> Bands:
    """Return the bands of draws (places × years × draws) against seats (places × years).

    A place is short in a draw if demand exceeds the seats; by less than the rounding of sums is not short.
    """
    low, middle, high = np.quantile(values, _QUANTILES, axis=-1)
    lacking = values - seats[:, :, None]
    short = lacking > 1e-9 * np.maximum(seats[:, :, None], 1.0)  # sums of pupils round in the last digits
    return Bands(
        p10=low,
        p50=middle,
        p90=high,
        probability_short=short.mean(axis=-1),
        expected_shortfall=np.maximum(lacking, 0.0).mean(axis=-1),
    )


@dataclass(frozen=True)
class Groups:
    """Larger areas that places add up to: piece ``i`` gives ``share[i]`` (by year) of a place to an area.

    ``seats`` are those of the areas, areas × years.
    """

    place: np.ndarray
    area: np.ndarray
    share: FloatArray
    seats: FloatArray


def draw_bands(
    places: DrawPlaces, groups: Groups, shocks: Shocks, *, seats: FloatArray, seed: int, draws: int
) -> tuple[Bands, Bands]:
    """Return the bands of places, and those of the areas they add up to, from the same draws."""
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
