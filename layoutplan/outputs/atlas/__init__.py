"""The atlas (规划布局图): printed maps as vector PDF."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outputs.atlas.atlas import write_atlas

__all__ = ["write_atlas"]

lazy_package(__name__)
