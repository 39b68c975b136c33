"""Walks within a limit of its own for each destination."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.travel.distances import walking_pairs
from layoutplan.travel.network import Network
from layoutplan.travel.pairs import Pairs, compress
from layoutplan.travel.store import PairStore


def walking_pairs_within(
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    limits_m: npt.NDArray[np.float64],
    network: Network | None,
    snap_limit_m: float,
    detour_factor: float,
    store: PairStore | None = None,
) -> Pairs:
    """Return the walking metres of every pair within its destination's limit.

    One search for each limit there is: the many schools of small children need not be looked at from as far
    as the few of the older ones.

    Parameters
    ----------
    limits_m
        Longest walk to each destination, walking metres.
    origins, destinations, network, snap_limit_m, detour_factor, store
        As for :func:`~layoutplan.travel.walking_pairs`.

    Returns
    -------
    Pairs
        ``limit_m`` is the longest of the limits.
    """
    groups = [np.flatnonzero(limits_m == limit) for limit in np.unique(limits_m)] or [np.arange(0)]
    parts = [
        walking_pairs(
            origins,
            destinations.iloc[group],
            limit_m=float(limits_m[group].max(initial=1.0)),
            network=network,
            snap_limit_m=snap_limit_m,
            detour_factor=detour_factor,
            store=store,
        )
        for group in groups
    ]
    if len(parts) == 1:
        return parts[0]
    ids = destinations.index
    whole = replace(
        parts[-1],
        destinations=ids,
        unsnapped_destinations=_in_order(ids, [part.unsnapped_destinations for part in parts]),
        island_destinations=_in_order(ids, [part.island_destinations for part in parts]),
        moved_destinations=_in_order(ids, [part.moved_destinations for part in parts]),
    )
    rows = np.concatenate([part.rows for part in parts])
    columns = np.concatenate([group[part.indices] for group, part in zip(groups, parts, strict=True)])
    metres = np.concatenate([part.metres for part in parts])
    indptr, indices, walked = compress(rows, columns, metres, rows=len(origins))
    return replace(whole, indptr=indptr, indices=indices, metres=walked)


def with_pairs(
    pairs: Pairs,
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    metres: npt.NDArray[np.float32],
) -> Pairs:
    """Return pairs with more of them, none of which is there yet."""
    indptr, indices, walked = compress(
        np.concatenate([pairs.rows, rows]),
        np.concatenate([pairs.indices, columns]),
        np.concatenate([pairs.metres, metres]),
        rows=len(pairs.origins),
    )
    return replace(pairs, indptr=indptr, indices=indices, metres=walked)


def _in_order(ids: pd.Index, parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    there = {*chain.from_iterable(parts)}
    return tuple(str(one) for one in ids if str(one) in there)
