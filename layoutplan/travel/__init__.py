"""Walking network and walking distances. 步行路网与步行距离.

::

    network = build_network(roads, exclude_classes=("motorway",))
    walks = walk_matrix(homes, schools, limit_m=3000, network=network)
    walks.nearest()                      metres to the nearest school, one value per home
    travel_notes(walks, network)         warnings and notices about network and distances
"""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.travel.barriers import keep_to_bridges, keep_to_side
    from layoutplan.travel.distances import check_streets, walk_matrix
    from layoutplan.travel.interchange import network_from_networkx, network_to_networkx
    from layoutplan.travel.matrix import WalkMatrix
    from layoutplan.travel.matrix_store import WalkMatrixStore
    from layoutplan.travel.nearest import walking_nearest
    from layoutplan.travel.network import Network, NetworkReport, build_network
    from layoutplan.travel.notes import network_notes, travel_notes
    from layoutplan.travel.snapping import Footing, Snaps, snap_points

__all__ = [
    "Footing",
    "Network",
    "NetworkReport",
    "Snaps",
    "WalkMatrix",
    "WalkMatrixStore",
    "build_network",
    "check_streets",
    "keep_to_bridges",
    "keep_to_side",
    "network_from_networkx",
    "network_notes",
    "network_to_networkx",
    "snap_points",
    "travel_notes",
    "walk_matrix",
    "walking_nearest",
]

lazy_package(__name__)
