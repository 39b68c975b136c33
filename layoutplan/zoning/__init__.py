"""Redraw catchments (划片调整): connected, within the seats, near, with few pupils changing school."""

from layoutplan.zoning.redraw import Redraw, redraw
from layoutplan.zoning.successor import REDRAWN

__all__ = ["REDRAWN", "Redraw", "redraw"]
