"""Result tables as one offline HTML page."""

from layoutplan.maps.meta import MapMeta

__all__ = ["MapMeta"]
