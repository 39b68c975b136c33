"""Small offline HTML pages: comparison of scenarios, scorecard."""

from layoutplan.outputs.pages.comparison import render_comparison
from layoutplan.outputs.pages.scorecard import render_scorecard

__all__ = ["render_comparison", "render_scorecard"]
