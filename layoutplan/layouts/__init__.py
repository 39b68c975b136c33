"""Layouts (布局方案): seats by school, stage and year, the catchments they serve, and operators on them."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.layouts.current import current_supply
    from layoutplan.layouts.edit import LayoutEdit, apply_edit, edited_supply, read_edit, read_edits
    from layoutplan.layouts.layout import TODAY, Layout, Zoning
    from layoutplan.layouts.seats import Boarding, Seats
    from layoutplan.layouts.walks import WalkSettings

__all__ = [
    "TODAY",
    "Boarding",
    "Layout",
    "LayoutEdit",
    "Seats",
    "WalkSettings",
    "Zoning",
    "apply_edit",
    "current_supply",
    "edited_supply",
    "read_edit",
    "read_edits",
]

lazy_package(__name__)
