"""Result tables as one offline HTML page."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outputs.map.combine import combine_maps
    from layoutplan.outputs.map.meta import MapMeta
    from layoutplan.outputs.map.page import render_map
    from layoutplan.outputs.map.stored import StoredMapError, read_map_page
    from layoutplan.outputs.map.tiles import Tiles

__all__ = [
    "MapMeta",
    "StoredMapError",
    "Tiles",
    "combine_maps",
    "read_map_page",
    "render_map",
]

lazy_package(__name__)
