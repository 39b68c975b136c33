"""Layouts (布局方案): seats by school, stage and year, and the operators that change them."""

from layoutplan.layouts.current import seats_by_year
from layoutplan.layouts.seats import Boarding, Seats

__all__ = ["Boarding", "Seats", "seats_by_year"]
