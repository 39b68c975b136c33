"""Seats by year and the balance every plan is judged by (学位供需平衡)."""

from layoutplan.balance.earlier import PlacedStages
from layoutplan.balance.judge import judge
from layoutplan.balance.model import Balance, Seats
from layoutplan.balance.seats import seats_by_year

__all__ = ["Balance", "PlacedStages", "Seats", "judge", "seats_by_year"]
