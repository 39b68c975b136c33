"""Clusters of unserved pupils in a city: density clustering, division of wide clusters, numbering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.city.city import City
from layoutplan.hotspots.clusters import cluster_pupils
from layoutplan.hotspots.divide import divide_cluster
from layoutplan.plan.settings import HotspotSettings


@dataclass(frozen=True)
class Cluster:
    """One cluster of a stage.

    Attributes
    ----------
    stage
        Stage.
    number
        Rank within the stage by unserved pupils, from 1.
    rows
        Positions of its units in ``City.units``.
    pupils
        Unserved pupils in the year.
    west, south
        Lower bounds of its units' coordinates, metres.
    """

    stage: str
    number: int
    rows: npt.NDArray[np.int64]
    pupils: float
    west: float
    south: float

    @property
    def hotspot_id(self) -> str:
        """Id: stage and number."""
        return f"{self.stage}-{self.number}"


def find_clusters(city: City, lacking: Mapping[str, pd.Series], settings: HotspotSettings) -> list[Cluster]:
    """Return the clusters of all stages by decreasing unserved pupils, ties from west to east.

    Parameters
    ----------
    city
        Units and catchments.
    lacking
        For each stage the unserved pupils of every unit of the city.
    settings
        Radius and minimum size for :func:`~layoutplan.hotspots.clusters.cluster_pupils`, and largest extent
        for :func:`~layoutplan.hotspots.divide.divide_cluster`.

    Returns
    -------
    list of Cluster
        Disjoint within a stage.
    """
    points = city.units.geometry
    xy = np.column_stack([points.x.to_numpy(), points.y.to_numpy()])
    found = []
    for stage, pupils in lacking.items():
        weight = pupils.to_numpy(dtype=float)
        clusters = [
            Cluster(stage, 0, rows, float(weight[rows].sum()), *map(float, xy[rows].min(axis=0)))
            for rows in _groups(city, xy, weight, settings, stage=stage)
        ]
        found += [
            Cluster(stage, number, one.rows, one.pupils, one.west, one.south)
            for number, one in enumerate(sorted(clusters, key=_order), start=1)
        ]
    return sorted(found, key=_order)


def _order(cluster: Cluster) -> tuple[float, float, float, int]:
    return -round(cluster.pupils, 6), cluster.west, cluster.south, int(cluster.number)


def _groups(
    city: City,
    xy: npt.NDArray[np.float64],
    pupils: npt.NDArray[np.float64],
    settings: HotspotSettings,
    *,
    stage: str,
) -> list[npt.NDArray[np.int64]]:
    """Return the units of each cluster, or of each part of a cluster that is too wide."""
    labels = cluster_pupils(xy, pupils, radius_m=settings.cluster_radius_m, min_pupils=settings.min_pupils)
    of_stage = city.unit_catchments.get(stage)
    known = np.zeros(len(xy)) if of_stage is None else pd.factorize(of_stage.to_numpy(), sort=True)[0]
    groups = []
    for label in range(labels.max(initial=-1) + 1):
        rows = np.flatnonzero(labels == label)
        part = divide_cluster(
            xy[rows],
            pupils[rows],
            known[rows],
            largest_m=settings.largest_extent_m,
            min_pupils=settings.min_pupils,
        )
        groups += [rows[part == number] for number in range(part.max() + 1)]
    return groups
