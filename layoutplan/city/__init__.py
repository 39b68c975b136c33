"""Input data (输入数据): the files of a plan read into a checked :class:`City` in one coordinate system."""

from layoutplan.city.assemble import load_city
from layoutplan.city.city import City, Source

__all__ = ["City", "Source", "load_city"]
