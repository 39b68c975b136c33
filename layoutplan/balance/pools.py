"""Pooled shortage: where the pupils without a seat live, whichever best placement was found.

Which single pupils the best placement leaves without a seat is not unique; which *pool* they belong to, and
how many the pool lacks, is. A pool is a set of homes and full schools: unserved pupils, the schools within
their reach, the pupils placed there, the schools within the reach of these, and so on (the over-demanded part
of the Dulmage-Mendelsohn decomposition). Its homes reach no seat outside it. What a pool lacks is laid on its
homes in proportion to the shortage of their own catchments and, as far as that does not suffice, to their
pupils.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import BoolArray, FloatArray, IntArray
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
        used = placement.years[year].walks
        pools = find_pools(
            (near.units, near.schools),
            (used.units, used.schools),
            unserved=unserved[:, year],
            full=placement.served_per_seat[:, year] > _ONE_MORE,
        )
        found[:, year] = pools.laid(unserved[:, year], demand[:, year], own=own[:, year])
    return found


def _own_share(demand: FloatArray, parts: Parts) -> FloatArray:
    """Return the share of each unit's pupils who lack a seat of their own catchment; nan without one."""
    catchments = len(parts.catchments)
    share = np.full((catchments + 1, demand.shape[1]), np.nan)
    held, short = parts.demand[:catchments], parts.shortfall[:catchments]
    share[:catchments] = np.divide(short, held, out=np.zeros_like(held), where=held > 0)
    return share[parts.unit_catchment]


@dataclass(frozen=True)
class Pools:
    """Pools of homes and full schools: the pool of each home, −1 for none, and the number of pools."""

    of_home: IntArray
    count: int

    def totals(self, values: FloatArray) -> FloatArray:
        """Return the sum over the homes of each pool, shape (pools,).

        Parameters
        ----------
        values
            A value for each home.
        """
        inside = self.of_home >= 0
        return np.bincount(self.of_home[inside], weights=values[inside], minlength=self.count).astype(
            np.float64
        )

    def laid(self, unserved: FloatArray, demand: FloatArray, *, own: FloatArray) -> FloatArray:
        """Return what each pool lacks, laid on its homes.

        Parameters
        ----------
        unserved, demand
            Pupils without a seat in some best placement, and all pupils, shape (homes,).
        own
            Share of each home's pupils who lack a seat of their own catchment; nan without one.

        Returns
        -------
        numpy.ndarray
            Shape (homes,), between 0 and ``demand``; sums to ``unserved`` in each pool.
        """
        inside = self.of_home >= 0
        of = self.of_home[inside]
        pupils, lacking = demand[inside], self.totals(unserved)[of]
        rate = lacking / np.maximum(self.totals(demand)[of], _DUST)
        first, rest = np.zeros_like(demand), np.zeros_like(demand)
        first[inside] = pupils * np.where(np.isnan(own[inside]), rate, own[inside])
        rest[inside] = pupils - first[inside]
        known = self.totals(first)[of]
        more = np.maximum(lacking - known, 0.0)
        part = np.minimum(lacking / np.maximum(known, _DUST), 1.0)
        found = np.zeros_like(demand)
        found[inside] = first[inside] * part
        found[inside] += rest[inside] * more / np.maximum(self.totals(rest)[of], _DUST)
        return np.minimum(found, demand)


def find_pools(
    near: tuple[IntArray, IntArray],
    used: tuple[IntArray, IntArray],
    *,
    unserved: FloatArray,
    full: BoolArray,
) -> Pools:
    """Return the pools of a best placement.

    Parameters
    ----------
    near, used
        Homes and schools of the pairs within reach, and of the pairs that the placement uses.
    unserved
        Pupils without a seat, shape (homes,).
    full
        Whether one more seat at each school would serve one more pupil, shape (schools,).
    """
    homes = len(unserved)
    inside = unserved > _DUST
    inside[used[0][full[used[1]]]] = True
    linked = inside[near[0]] & full[near[1]]
    size = homes + len(full)
    links = sparse.csr_array(
        (np.ones(int(linked.sum())), (near[0][linked], near[1][linked] + homes)), shape=(size, size)
    )
    of_any = connected_components(links, directed=False)[1][:homes]
    short = np.unique(of_any[unserved > _DUST])
    at = np.searchsorted(short, of_any)
    return Pools(np.where(np.isin(of_any, short), at, -1).astype(np.int64), len(short))
