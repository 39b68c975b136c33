"""Evaluate a layout: seats and demand by school, catchment, district and city (学位供需平衡)."""

from layoutplan.balance.evaluate import Evaluator, evaluate
from layoutplan.balance.result import Balance

__all__ = ["Balance", "Evaluator", "evaluate"]
