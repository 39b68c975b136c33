"""The atlas (规划布局图): printed maps as vector PDF."""

from layoutplan.outputs.atlas.atlas import write_atlas

__all__ = ["write_atlas"]
