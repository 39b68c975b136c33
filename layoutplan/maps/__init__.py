"""Result tables as one offline HTML page."""

from layoutplan.maps.meta import MapMeta
from layoutplan.maps.page import render_map

__all__ = ["MapMeta", "render_map"]
