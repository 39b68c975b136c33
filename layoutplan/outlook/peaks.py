"""Peak and decline (峰值与回落): the lasting and the temporary part of a shortfall.

With the annual shortfall ``S(t)`` of a catchment over the years of the plan, ``max(0, demand − seats)`` or,
where schools teach some grades only, the pupils without a seat of their grade:

* **lasting** (长期): the seats missing in at least ``demand.lasting_years`` years of the plan (in all years
  of a shorter plan), that is, the n-th largest ``S``; or, if larger, those missing in the last year while
  demand is not falling, since nothing indicates that they are temporary;
* **passing** (阶段性): the remainder of the largest shortfall.

Hence lasting + passing is the largest shortfall. The lasting part justifies a building; the passing part
can be met by temporary classes, spare seats of a neighbouring catchment, or rooms with another later use.
Amounts below half a pupil are treated as 0.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.arrays import FloatArray
from layoutplan.outlook.inputs import StageInputs
from layoutplan.texts import Language, number, other_language, text

MIN_SHORTFALL: Final = 0.5  # pupils: demand is an expected value, so less than half a pupil is no shortfall
_SHARED_BORDER_M: Final = 1.0  # catchments that touch in a point only are not adjacent
_LIKELY: Final = 0.5


@dataclass(frozen=True)
class PeakSplit:
    """Largest shortfall of each place in two parts, pupils, shape ``(places,)``."""

    lasting: FloatArray
    passing: FloatArray


def split_shortfall(
    demand: FloatArray, seats: FloatArray, *, lasting_years: int, lacking: FloatArray | None = None
) -> PeakSplit:
    """Split the largest shortfall of each place into a lasting and a passing part; see the module docstring.

    Parameters
    ----------
    demand, seats
        Places × years.
    lasting_years
        Number of years from which a shortfall is lasting; clipped to 1 … number of years.
    lacking
        Pupils without a seat where they are more than ``demand − seats``, because schools teach some grades
        only.

    Returns
    -------
    PeakSplit
        Parts below half a pupil are 0.

    Examples
    --------
    A bulge of two years passes; demand that stays, or still rises, lasts.

    >>> demand = np.array([[10.0, 60, 60, 10, 10], [10, 60, 60, 60, 60], [10, 20, 30, 40, 50]])
    >>> split = split_shortfall(demand, np.full((3, 5), 10.0), lasting_years=3)
    >>> split.lasting.tolist(), split.passing.tolist()
    ([0.0, 50.0, 40.0], [50.0, 0.0, 0.0])
    """
    lacking = np.maximum(demand - seats, 0.0) if lacking is None else lacking
    ordered = -np.sort(-lacking, axis=1)
    needed = ordered[:, min(max(lasting_years, 1), lacking.shape[1]) - 1]
    falling = demand[:, -1] < demand[:, -2] if demand.shape[1] > 1 else np.zeros(len(demand), dtype=bool)
    lasting = np.maximum(needed, np.where(falling, 0.0, lacking[:, -1]))
    passing = ordered[:, 0] - lasting
    return PeakSplit(
        lasting=np.where(lasting >= MIN_SHORTFALL, lasting, 0.0),
        passing=np.where(passing >= MIN_SHORTFALL, passing, 0.0),
    )


def peak_rows(
    inputs: StageInputs, *, probability_short: FloatArray | None, lasting_years: int, lang: Language
) -> pd.DataFrame:
    """Return table ``peaks`` of one stage: one row per catchment.

    Parameters
    ----------
    inputs
        Stage inputs.
    probability_short
        Probability of a shortfall, places × years; ``None`` without draws.
    lasting_years
        As in :func:`split_shortfall`.
    lang
        Language of column ``advice``; ``advice_translated`` has the other.

    Returns
    -------
    pandas.DataFrame
        Columns of the result table.
    """
    count = len(inputs.catchments)
    rows = inputs.catchment_rows()
    demand, seats = inputs.parts.demand[:count], inputs.parts.seats[:count]
    years = np.array(inputs.city.years)
    lacking = inputs.parts.shortfall[:count]
    short = lacking >= MIN_SHORTFALL
    top = demand.argmax(axis=1)
    each = np.arange(count)
    split = split_shortfall(demand, seats, lasting_years=lasting_years, lacking=lacking)
    likely = np.zeros_like(short) if probability_short is None else probability_short[:count] > _LIKELY
    neighbour, spare = _neighbours(inputs, short)
    peak = demand[each, top]
    kinds = np.select(
        [(split.lasting > 0) & (split.passing > 0), split.lasting > 0, split.passing > 0],
        ["both", "lasting", "passing"],
        default="none",
    )
    rows = rows.assign(
        peak_year=years[top],
        peak_demand=peak,
        peak_seats=seats[each, top],
        peak_shortfall=lacking.max(axis=1, initial=0.0),
        years_short=short.sum(axis=1),
        first_short_year=_first(short, years),
        last_short_year=_first(short[:, ::-1], years[::-1]),
        likely_short_year=_first(likely, years),
        horizon_demand=demand[:, -1],
        horizon_share=np.divide(demand[:, -1], peak, out=np.full(count, np.nan), where=peak > 0),
        lasting_shortfall=split.lasting,
        passing_shortfall=split.passing,
        kind=kinds,
        neighbour_id=pd.Series(neighbour, index=rows.index, dtype=object),
        neighbour_surplus=spare,
    )
    records = rows.to_dict("records")
    said = {
        column: pd.Series([_advice(row, language) for row in records], index=rows.index, dtype=object)
        for column, language in (("advice", lang), ("advice_translated", other_language(lang)))
    }
    return rows.assign(**said)


def _first(marked: npt.NDArray[np.bool_], years: npt.NDArray[np.int_]) -> pd.Series[int]:
    """Return the first marked year of each row; null if none is marked."""
    found = pd.Series(years[marked.argmax(axis=1)], dtype="Int64")
    return found.where(pd.Series(marked.any(axis=1)))


def _neighbours(inputs: StageInputs, short: npt.NDArray[np.bool_]) -> tuple[list[str | None], FloatArray]:
    """Return, for each short catchment, the adjacent one with the most spare seats in all short years."""
    count = len(inputs.catchments)
    names: list[str | None] = [None] * count
    spare = np.full(count, np.nan)
    surplus = inputs.parts.surplus[:count]
    shapes = inputs.city.catchments.geometry.loc[inputs.catchments].to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes[short.any(axis=1)], predicate="intersects")
    one = np.flatnonzero(short.any(axis=1))[one]
    apart = one != other
    one, other = one[apart], other[apart]
    border = shapely.length(
        shapely.intersection(shapely.boundary(shapes[one]), shapely.boundary(shapes[other]))
    )
    inner = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    for here, there in zip(
        *(side[(border > _SHARED_BORDER_M) | (inner > 0)] for side in (one, other)), strict=True
    ):
        room = float(surplus[there, short[here]].min())
        best = (spare[here], names[here])
        if room >= MIN_SHORTFALL and (
            names[here] is None or (-room, inputs.catchments[there]) < (-best[0], best[1])
        ):
            names[here], spare[here] = str(inputs.catchments[there]), room
    return names, spare


def _advice(row: Mapping[Hashable, Any], lang: Language) -> str | None:
    """Return the advice that follows from the split; ``None`` without a shortfall."""
    kind = row["kind"]
    if kind == "none":
        return None
    words = {
        "lasting": number(row["lasting_shortfall"], lang),
        "passing": number(row["passing_shortfall"], lang),
        "first": row["first_short_year"],
        "span": _span(row["first_short_year"], row["last_short_year"]),
        "share": f"{row['horizon_share']:.0%}",
    }
    said = text(f"outlook.advice.{kind}", lang, **words)
    if kind != "lasting" and isinstance(row["neighbour_id"], str):
        room = number(row["neighbour_surplus"], lang)
        said += text("outlook.advice.neighbour", lang, neighbour=row["neighbour_id"], seats=room)
    return said


def _span(first: object, last: object) -> str:
    return str(first) if first == last else f"{first}-{last}"
