"""Redraw catchments (划片调整): connected, within the seats, near, with few pupils changing school."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.zoning.areas import moved_areas, moved_cells
    from layoutplan.zoning.options import check_names, check_options, zoning_options
    from layoutplan.zoning.outlines import with_outlines
    from layoutplan.zoning.redraw import Redraw, redraw
    from layoutplan.zoning.request import check_redraw, check_request, check_schools
    from layoutplan.zoning.successor import REDRAWN

__all__ = [
    "REDRAWN",
    "Redraw",
    "check_names",
    "check_options",
    "check_redraw",
    "check_request",
    "check_schools",
    "moved_areas",
    "moved_cells",
    "redraw",
    "with_outlines",
    "zoning_options",
]

lazy_package(__name__)
