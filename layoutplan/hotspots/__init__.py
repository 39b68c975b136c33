"""Hotspots (热点区域): spatial clusters of unserved pupils, with significance and probability."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.hotspots.cells import HotspotCells, make_cells
    from layoutplan.hotspots.clusters import cluster_pupils
    from layoutplan.hotspots.demand_draws import DemandDraws, draw_factors
    from layoutplan.hotspots.divide import divide_cluster
    from layoutplan.hotspots.find import find_hotspots
    from layoutplan.hotspots.gi_star import false_discovery, gi_star, one_sided_p
    from layoutplan.hotspots.local_moran import LocalMoran, local_moran
    from layoutplan.hotspots.neighbours import nearest_neighbours
    from layoutplan.hotspots.outlines import soft_outlines
    from layoutplan.hotspots.result import Hotspots

__all__ = [
    "DemandDraws",
    "HotspotCells",
    "Hotspots",
    "LocalMoran",
    "cluster_pupils",
    "divide_cluster",
    "draw_factors",
    "false_discovery",
    "find_hotspots",
    "gi_star",
    "local_moran",
    "make_cells",
    "nearest_neighbours",
    "one_sided_p",
    "soft_outlines",
]

lazy_package(__name__)
