"""Small offline HTML pages: comparison of scenarios, scorecard."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outputs.pages.comparison import render_comparison
    from layoutplan.outputs.pages.scorecard import render_scorecard

__all__ = ["render_comparison", "render_scorecard"]

lazy_package(__name__)
