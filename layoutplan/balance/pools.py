"""Pooled shortage: where the pupils without a seat live, whichever best placement was found.

Which single pupils the best placement leaves without a seat is not unique; which *pool* they belong to, and
how many the pool lacks, is. A pool is a set of homes and full schools: unserved pupils, the schools within
their reach, the pupils placed there, the schools within the reach of these, and so on (the over-demanded part
of the Dulmage-Mendelsohn decomposition). Its homes reach no seat outside it. What a pool lacks is laid on its
homes in proportion to the shortage of their own catchments and, as far as that does not suffice, to their
pupils.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.assignment import StagePlacement
from layoutplan.balance.catchment_view import Parts

_ONE_MORE = 0.5
_DUST = 1e-6


def pooled_shortage(
    placement: StagePlacement, near: Walks, *, demand: FloatArray, parts: Parts
) -> FloatArray:
    """Return the pupils of every unit who lack a seat, by the shortage of their pool.

    Parameters
    ----------
    placement
        Optimal placement of the stage.
    near
        Pairs within the stage's reach.
    demand
        Pupils, units × years.
    parts
        Partition of demand and seats by catchment.

    Returns
    -------
    numpy.ndarray
        Units × years, between 0 and ``demand``. Sums to the pupils without a seat, in each pool and in the
        city; does not depend on which best placement was found, nor on the order of the rows.

    References
    ----------
    Dulmage, A. L. and Mendelsohn, N. S. (1958). Coverings of bipartite graphs. Canadian Journal of
    Mathematics 10, 517-534. https://doi.org/10.4153/CJM-1958-052-0
    """
    unserved = np.maximum(demand - placement.served, 0.0)
    own = _own_share(demand, parts)
    found = np.zeros_like(demand)
    for year in np.flatnonzero((unserved > _DUST).any(axis=0)):
        pool, count = _pools(placement, near, unserved[:, year], year=int(year))
        found[:, year] = _laid(unserved[:, year], demand[:, year], own[:, year], pool=pool, count=count)
    return found


def _own_share(demand: FloatArray, parts: Parts) -> FloatArray:
    """Return the share of each unit's pupils who lack a seat of their own catchment; nan without one."""
    catchments = len(parts.catchments)
    share = np.full((catchments + 1, demand.shape[1]), np.nan)
    held, short = parts.demand[:catchments], parts.shortfall[:catchments]
    share[:catchments] = np.divide(short, held, out=np.zeros_like(held), where=held > 0)
    return share[parts.unit_catchment]


def _pools(
    placement: StagePlacement, near: Walks, unserved: FloatArray, *, year: int
) -> tuple[IntArray, int]:
    """Return the pool of each unit (−1 for none) and the number of pools."""
    units = len(unserved)
    binding = placement.served_per_seat[:, year] > _ONE_MORE
    inside = unserved > _DUST
    used = placement.years[year].walks
    inside[used.units[binding[used.schools]]] = True
    linked = inside[near.units] & binding[near.schools]
    size = units + len(binding)
    links = sparse.csr_array(
        (np.ones(int(linked.sum())), (near.units[linked], near.schools[linked] + units)), shape=(size, size)
    )
    of_any = connected_components(links, directed=False)[1][:units]
    short = np.unique(of_any[unserved > _DUST])
    at = np.searchsorted(short, of_any)
    return np.where(np.isin(of_any, short), at, -1).astype(np.int64), len(short)


def _laid(
    unserved: FloatArray, demand: FloatArray, own: FloatArray, *, pool: IntArray, count: int
) -> FloatArray:
    """Lay what each pool lacks on its homes."""
    inside = pool >= 0
    of = pool[inside]

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(of, weights=values, minlength=count).astype(np.float64)[of]

    pupils, lacking = demand[inside], total(unserved[inside])
    rate = lacking / np.maximum(total(pupils), _DUST)
    first = pupils * np.where(np.isnan(own[inside]), rate, own[inside])
    rest = pupils - first
    known, more = total(first), np.maximum(lacking - total(first), 0.0)
    part = np.minimum(lacking / np.maximum(known, _DUST), 1.0)
    found = np.zeros_like(demand)
    found[inside] = first * part + rest * more / np.maximum(total(rest), _DUST)
    return np.minimum(found, demand)
