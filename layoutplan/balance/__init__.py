"""Evaluate a layout: seats and demand by school, catchment, district and city (学位供需平衡)."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.balance.evaluate import Evaluator, evaluate
    from layoutplan.balance.result import Balance

__all__ = ["Balance", "Evaluator", "evaluate"]

lazy_package(__name__)
