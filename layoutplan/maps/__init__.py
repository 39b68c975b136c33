"""Result tables as one offline HTML page."""

from layoutplan.maps.combine import combine_maps
from layoutplan.maps.meta import MapMeta
from layoutplan.maps.page import render_map

__all__ = ["MapMeta", "combine_maps", "render_map"]
