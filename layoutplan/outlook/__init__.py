"""Outlook (需求展望): uncertainty, peaks and composition of the demand."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outlook.draws import Shocks
    from layoutplan.outlook.estimate import estimate_outlook, expected_shocks
    from layoutplan.outlook.peaks import PeakSplit, split_shortfall
    from layoutplan.outlook.result import Outlook

__all__ = ["Outlook", "PeakSplit", "Shocks", "estimate_outlook", "expected_shocks", "split_shortfall"]

lazy_package(__name__)
