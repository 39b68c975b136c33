"""Result tables as one offline HTML page."""

from layoutplan.maps.combine import combine_maps
from layoutplan.maps.meta import MapMeta
from layoutplan.maps.page import render_map
from layoutplan.maps.policy import content_policy
from layoutplan.maps.stored import StoredMapError, read_map_page
from layoutplan.maps.tiles import Tiles

__all__ = [
    "MapMeta",
    "StoredMapError",
    "Tiles",
    "combine_maps",
    "content_policy",
    "read_map_page",
    "render_map",
]
