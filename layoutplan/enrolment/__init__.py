"""From past enrolment and births to pupils by school, grade and year, and how sure that is (在校生预测)."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.enrolment.backtest import HORIZONS, METHODS, Backtest, backtest
    from layoutplan.enrolment.changes import PlannedPlaces
    from layoutplan.enrolment.forecast import FORECAST_RULES, forecast_enrolment, read_inputs
    from layoutplan.enrolment.places import rake
    from layoutplan.enrolment.result import Forecast
    from layoutplan.enrolment.spread import ErrorSpread, band

__all__ = [
    "FORECAST_RULES",
    "HORIZONS",
    "METHODS",
    "Backtest",
    "ErrorSpread",
    "Forecast",
    "PlannedPlaces",
    "backtest",
    "band",
    "forecast_enrolment",
    "rake",
    "read_inputs",
]

lazy_package(__name__)
