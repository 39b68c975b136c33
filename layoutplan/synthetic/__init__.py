"""Synthetic cities: one deterministic generator for the demo, the tests and the benchmarks.

``make_city_tables`` generates the input tables of a plausible Chinese new-town district or metropolis (5,000
to 15 million residents); ``write_city`` and ``write_demo`` write them, with a plan, in the mixed file formats
that an education office uses.
"""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.synthetic.bundled import demo
    from layoutplan.synthetic.tables import DEMO_RESIDENTS, DEMO_SEED, make_city_tables
    from layoutplan.synthetic.writing import write_city, write_demo

__all__ = ["DEMO_RESIDENTS", "DEMO_SEED", "demo", "make_city_tables", "write_city", "write_demo"]

lazy_package(__name__)
