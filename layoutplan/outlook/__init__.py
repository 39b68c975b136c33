"""What is to come: how sure demand is, when it peaks, where it comes from (需求展望)."""

from layoutplan.outlook.draws import Shocks
from layoutplan.outlook.look import look_ahead
from layoutplan.outlook.model import Outlook
from layoutplan.outlook.peaks import Split, split_shortfall

__all__ = ["Outlook", "Shocks", "Split", "look_ahead", "split_shortfall"]
