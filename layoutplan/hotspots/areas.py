"""Cluster statistics of every area (or cell): Gi* and local Moran of a year, Gi* over years and draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from layoutplan.arrays import FloatArray
from layoutplan.hotspots.cells import HotspotCells
from layoutplan.hotspots.demand_draws import ShortageComponents
from layoutplan.hotspots.gi_star import false_discovery, gi_star, one_sided_p
from layoutplan.hotspots.local_moran import CLASSES, LocalMoran, local_moran
from layoutplan.plan.settings import HotspotSettings

_CHUNK = 50  # draws tested at a time, to limit memory
_NO_CLASS = "none"


def tested_areas(
    cells: HotspotCells,
    weights: sparse.csr_array,
    settings: HotspotSettings,
    *,
    years: Sequence[int],
    year: int,
    demand: FloatArray,
    unserved: FloatArray,
    components: ShortageComponents | None,
    seed: int,
) -> pd.DataFrame:
    """Return the statistics of table ``area_hotspots`` for one stage, one row per cell, in their order.

    P values are corrected for multiple testing over all cells (Benjamini-Hochberg).

    Parameters
    ----------
    cells
        Areas or cells that contain the units.
    weights
        Binary neighbour matrix of the cells, diagonal included, shape ``(cells, cells)``.
    settings
        ``[hotspots]`` of the plan: false discovery rate and number of permutations.
    years, year
        Years of the plan, and the year to test.
    demand, unserved
        Pupils by unit, units × years.
    components
        Unserved pupils in the draws of the year; without it ``probability`` is nan.
    seed
        Seed of the permutations of local Moran.

    Returns
    -------
    pandas.DataFrame
        Columns of the table except ``stage``, ``year`` and ``hotspot_id``.
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
            "probability": _share_of_draws(cells, weights, settings, unserved[:, at], components),
            "moran": moran.score,
            "moran_p": moran.p,
            "moran_q": moran_q,
            "moran_class": words[np.where(telling, moran.quadrant, len(CLASSES))],
        },
    )


def _moran(
    lacking: FloatArray, weights: sparse.csr_array, middles: FloatArray, *, permutations: int, seed: int
) -> LocalMoran:
    """Return local Moran's I; cells are sorted from west to east, so that p does not depend on row order."""
    order = np.lexsort((middles[:, 1], middles[:, 0]))
    back = np.argsort(order)
    found = local_moran(
        lacking[order], sparse.csr_array(weights[order][:, order]), permutations=permutations, seed=seed
    )
    return LocalMoran(score=found.score[back], p=found.p[back], quadrant=found.quadrant[back])


def spell(marked: npt.NDArray[np.bool_], years: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Return the first and the last marked year of each row.

    Parameters
    ----------
    marked
        Boolean, rows × years.
    years
        Labels of the columns.

    Returns
    -------
    first, last
        Years as floats, shape ``(rows,)``; nan where no year is marked.
    """
    label = np.array(years, dtype=np.float64)
    ever = marked.any(axis=1)
    first = label[marked.argmax(axis=1)]
    last = label[len(label) - 1 - marked[:, ::-1].argmax(axis=1)]
    return np.where(ever, first, np.nan), np.where(ever, last, np.nan)


def _passes(q: FloatArray, rate: float) -> npt.NDArray[np.bool_]:
    return np.asarray(np.nan_to_num(q, nan=1.0) <= rate)


def _share_of_draws(
    cells: HotspotCells,
    weights: sparse.csr_array,
    settings: HotspotSettings,
    unserved: FloatArray,
    components: ShortageComponents | None,
) -> FloatArray:
    """Return the share of the draws in which each cell passes the Gi* test; nan without draws."""
    count = len(cells.shapes)
    if components is None:
        return np.full(count, np.nan)
    passed, draws = np.zeros(count), components.lacking.shape[1]
    for start in range(0, draws, _CHUNK):
        drawn = ShortageComponents(
            of_unit=components.of_unit, lacking=components.lacking[:, start : start + _CHUNK]
        )
        lacking = drawn.unserved_by_group(unserved, cells.of_unit, groups=count)
        q = false_discovery(one_sided_p(gi_star(lacking, weights)))
        passed += _passes(q, settings.false_discovery_rate).sum(axis=1)
    return np.asarray(passed / draws)
