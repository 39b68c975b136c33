"""What is to come: how sure demand is, when it peaks, where it comes from (需求展望)."""

from layoutplan.outlook.draws import Shocks
from layoutplan.outlook.estimate import estimate_outlook, expected_shocks
from layoutplan.outlook.peaks import PeakSplit, split_shortfall
from layoutplan.outlook.result import Outlook

__all__ = ["Outlook", "PeakSplit", "Shocks", "estimate_outlook", "expected_shocks", "split_shortfall"]
