"""Files of a plan → a checked :class:`City` in one coordinate system (输入数据)."""

from layoutplan.city.assemble import load_city
from layoutplan.city.city import City, Source

__all__ = ["City", "Source", "load_city"]
