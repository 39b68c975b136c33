"""Input data (输入数据): the files of a plan read into a checked :class:`City` in one coordinate system."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.city.assemble import load_city
    from layoutplan.city.city import City, Source

__all__ = ["City", "Source", "load_city"]

lazy_package(__name__)
