"""Result tables as one offline HTML page."""

from layoutplan.maps.combine import combine_maps
from layoutplan.maps.meta import MapMeta
from layoutplan.maps.page import render_map
from layoutplan.maps.tiles import Tiles

__all__ = ["MapMeta", "Tiles", "combine_maps", "render_map"]
