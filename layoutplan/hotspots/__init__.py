"""Hotspots (热点区域): where shortage clusters, and how sure that is."""

from layoutplan.hotspots.clusters import cluster_pupils
from layoutplan.hotspots.find import find_hotspots
from layoutplan.hotspots.gi_star import false_discovery, gi_star, one_sided_p
from layoutplan.hotspots.model import Hotspots
from layoutplan.hotspots.neighbours import nearest_neighbours

__all__ = [
    "Hotspots",
    "cluster_pupils",
    "false_discovery",
    "find_hotspots",
    "gi_star",
    "nearest_neighbours",
    "one_sided_p",
]
