"""Small offline HTML pages: comparison of scenarios, scorecard, back-test."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outputs.pages.backtest import render_backtest, share_text, verdict_words
    from layoutplan.outputs.pages.comparison import Contrast, render_comparison
    from layoutplan.outputs.pages.scorecard import render_scorecard

__all__ = [
    "Contrast",
    "render_backtest",
    "render_comparison",
    "render_scorecard",
    "share_text",
    "verdict_words",
]

lazy_package(__name__)
