"""Cluster statistics of every area (or cell): Gi* and local Moran of a year, Gi* over years and draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.hotspots.cells import HotspotCells
from layoutplan.hotspots.demand_draws import ShortageComponents
from layoutplan.hotspots.gi_star import false_discovery, gi_star, one_sided_p, permutation_p
from layoutplan.hotspots.local_moran import CLASSES, LocalMoran, local_moran
from layoutplan.plan.settings import HotspotSettings

_CHUNK = 50  # draws tested at a time, to limit memory
_NO_CLASS = "none"
_DUST = 1e-9


def tested_areas(
    cells: HotspotCells,
    weights: sparse.csr_array,
    settings: HotspotSettings,
    *,
    years: Sequence[int],
    year: int,
    demand: FloatArray,
    short: FloatArray,
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
    demand, short
        Pupils, and pupils short, by unit, units × years.
    components
        Pupils short in the draws of the year; without it ``probability`` is nan.
    seed
        Seed of the permutations.

    Returns
    -------
    pandas.DataFrame
        Columns of the table except ``stage``, ``year`` and ``hotspot_id``.
    """
    at = list(years).index(year)
    lacking, pupils = cells.totals(short), cells.totals(demand)
    rate = _rates(lacking, pupils)
    z = gi_star(rate, weights)
    order = _west_to_east(cells.middles)
    chances = {"permutations": settings.permutations, "seed": seed}
    p = _by_permutation(rate, weights, order, **chances)
    q = false_discovery(p)
    hot = _passes(q, settings.false_discovery_rate)
    moran = _moran(rate[:, at], weights, order, **chances)
    moran_q = false_discovery(moran.p)
    telling = _passes(moran_q, settings.false_discovery_rate)
    words = np.array([*CLASSES, _NO_CLASS], dtype=object)
    first, last = spell(hot, years)
    told = pupils[:, at], short[:, at]
    return pd.DataFrame(
        {
            "area_id": cells.shapes.index,
            "demand": pupils[:, at],
            "short": lacking[:, at],
            "rate": np.where(pupils[:, at] > 0, rate[:, at], np.nan),
            "z": z[:, at],
            "p": p[:, at],
            "q": q[:, at],
            "significant": hot[:, at],
            "years_significant": hot.sum(axis=1),
            "first_significant_year": first,
            "last_significant_year": last,
            "probability": _share_of_draws(cells, weights, settings, told, components),
            "moran": moran.score,
            "moran_p": moran.p,
            "moran_q": moran_q,
            "moran_class": words[np.where(telling, moran.quadrant, len(CLASSES))],
        },
    )


def _rates(short: FloatArray, pupils: FloatArray) -> FloatArray:
    """Return pupils short ÷ pupils; where nobody lives the rate of all, which favours neither side."""
    whole = short.sum(axis=0) / np.maximum(pupils.sum(axis=0), _DUST)
    spread = np.broadcast_to(whole, short.shape).copy()
    return np.asarray(np.divide(short, pupils, out=spread, where=pupils > _DUST))


def _west_to_east(middles: FloatArray) -> IntArray:
    """Return the order in which cells are drawn, so that p does not depend on the order of the rows."""
    return np.lexsort((middles[:, 1], middles[:, 0])).astype(np.int64)


def _by_permutation(
    rate: FloatArray, weights: sparse.csr_array, order: IntArray, *, permutations: int, seed: int
) -> FloatArray:
    """Return p of every cell and year."""
    sorted_weights = sparse.csr_array(weights[order][:, order])
    p = np.full(rate.shape, np.nan)
    for year in range(rate.shape[1]):
        p[order, year] = permutation_p(
            rate[order, year], sorted_weights, permutations=permutations, seed=seed
        )
    return p


def _moran(
    rate: FloatArray, weights: sparse.csr_array, order: IntArray, *, permutations: int, seed: int
) -> LocalMoran:
    """Return local Moran's I of the rates."""
    back = np.argsort(order)
    found = local_moran(
        rate[order], sparse.csr_array(weights[order][:, order]), permutations=permutations, seed=seed
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
    told: tuple[FloatArray, FloatArray],
    components: ShortageComponents | None,
) -> FloatArray:
    """Return the share of the draws in which each cell passes the Gi* test; nan without draws.

    ``told``: pupils by cell, and pupils short by unit. In the draws the scores are taken as normal: permuting
    each would take as long as the run.
    """
    count = len(cells.shapes)
    if components is None:
        return np.full(count, np.nan)
    pupils, short = told
    passed, draws = np.zeros(count), components.lacking.shape[1]
    for start in range(0, draws, _CHUNK):
        drawn = ShortageComponents(
            of_unit=components.of_unit, lacking=components.lacking[:, start : start + _CHUNK]
        )
        lacking = drawn.unserved_by_group(short, cells.of_unit, groups=count)
        rate = _rates(lacking, np.broadcast_to(pupils[:, None], lacking.shape))
        q = false_discovery(one_sided_p(gi_star(rate, weights)))
        passed += _passes(q, settings.false_discovery_rate).sum(axis=1)
    return np.asarray(passed / draws)
