"""Every area (or cell) tested: Gi* and local Moran of a year, Gi* over the years and over the draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from layoutplan.arrays import FloatArray
from layoutplan.hotspots.cells import Cells
from layoutplan.hotspots.demand_draws import Pools
from layoutplan.hotspots.gi_star import false_discovery, gi_star, one_sided_p
from layoutplan.hotspots.local_moran import CLASSES, LocalMoran, local_moran
from layoutplan.plan.settings import HotspotSettings

_CHUNK = 50  # draws tested at once
_NO_CLASS = "none"


def tested_areas(
    cells: Cells,
    weights: sparse.csr_array,
    settings: HotspotSettings,
    *,
    years: Sequence[int],
    year: int,
    demand: FloatArray,
    unserved: FloatArray,
    pools: Pools | None,
    seed: int,
) -> pd.DataFrame:
    """Return the figures of result table ``area_hotspots`` for one stage, a row a cell in their order.

    Parameters
    ----------
    weights
        Neighbours of the cells, themselves among them.
    years, year
        Plan years, and the one judged.
    demand, unserved
        Of the units, units × years.
    pools
        What the shortage is in the draws of the year; without it, no probability.
    seed
        Of the permutations of local Moran.
    """
    at = list(years).index(year)
    lacking = cells.totals(unserved)
    z = gi_star(lacking, weights)
    p = one_sided_p(z)
    q = false_discovery(p)
    hot = _passes(q, settings.false_discovery_rate)
    moran = _moran(lacking[:, at], weights, cells.middles, permutations=settings.permutations, seed=seed)
    moran_q = false_discovery(moran.p)
    telling = _passes(moran_q, settings.false_discovery_rate)
    words = np.array([*CLASSES, _NO_CLASS], dtype=object)
    first, last = spell(hot, years)
    return pd.DataFrame(
        {
            "area_id": cells.shapes.index,
            "demand": cells.totals(demand[:, at]),
            "unserved": lacking[:, at],
            "z": z[:, at],
            "p": p[:, at],
            "q": q[:, at],
            "significant": hot[:, at],
            "years_significant": hot.sum(axis=1),
            "first_significant_year": first,
            "last_significant_year": last,
            "probability": _share_of_draws(cells, weights, settings, unserved[:, at], pools),
            "moran": moran.score,
            "moran_p": moran.p,
            "moran_q": moran_q,
            "moran_class": words[np.where(telling, moran.quadrant, len(CLASSES))],
        },
    )


def _moran(
    lacking: FloatArray, weights: sparse.csr_array, middles: FloatArray, *, permutations: int, seed: int
) -> LocalMoran:
    """Return local Moran's I, its draws made from west to east: the order of the rows does not matter."""
    order = np.lexsort((middles[:, 1], middles[:, 0]))
    back = np.argsort(order)
    found = local_moran(
        lacking[order], sparse.csr_array(weights[order][:, order]), permutations=permutations, seed=seed
    )
    return LocalMoran(score=found.score[back], p=found.p[back], quadrant=found.quadrant[back])


def spell(marked: npt.NDArray[np.bool_], years: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Return the first and the last year marked of each row (rows × years); nan where none is."""
    label = np.array(years, dtype=np.float64)
    ever = marked.any(axis=1)
    first = label[marked.argmax(axis=1)]
    last = label[len(label) - 1 - marked[:, ::-1].argmax(axis=1)]
    return np.where(ever, first, np.nan), np.where(ever, last, np.nan)


def _passes(q: FloatArray, rate: float) -> npt.NDArray[np.bool_]:
    return np.asarray(np.nan_to_num(q, nan=1.0) <= rate)


def _share_of_draws(
    cells: Cells,
    weights: sparse.csr_array,
    settings: HotspotSettings,
    unserved: FloatArray,
    pools: Pools | None,
) -> FloatArray:
    """Return the share of the draws in which each cell passes Gi*; nan without draws."""
    count = len(cells.shapes)
    if pools is None:
        return np.full(count, np.nan)
    passed, draws = np.zeros(count), pools.lacking.shape[1]
    for start in range(0, draws, _CHUNK):
        drawn = Pools(of_unit=pools.of_unit, lacking=pools.lacking[:, start : start + _CHUNK])
        lacking = drawn.lacks(unserved, cells.of_unit, groups=count)
        q = false_discovery(one_sided_p(gi_star(lacking, weights)))
        passed += _passes(q, settings.false_discovery_rate).sum(axis=1)
    return np.asarray(passed / draws)
