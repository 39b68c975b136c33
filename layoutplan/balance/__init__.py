"""Evaluate a layout: seats against pupils by school, catchment, district and city (学位供需平衡)."""

from layoutplan.balance.evaluate import evaluate
from layoutplan.balance.result import Balance
from layoutplan.balance.reuse import PlacedStages

__all__ = ["Balance", "PlacedStages", "evaluate"]
