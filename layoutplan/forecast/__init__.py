"""From past enrolment and births to pupils by school, grade and year, and how sure that is (在校生预测)."""

from layoutplan.forecast.backtest import HORIZONS, METHODS, Backtest, backtest
from layoutplan.forecast.changes import PlannedPlaces
from layoutplan.forecast.forecast import FORECAST_RULES, forecast_enrolment, read_inputs
from layoutplan.forecast.model import Forecast
from layoutplan.forecast.places import rake
from layoutplan.forecast.spread import Spread, band

__all__ = [
    "FORECAST_RULES",
    "HORIZONS",
    "METHODS",
    "Backtest",
    "Forecast",
    "PlannedPlaces",
    "Spread",
    "backtest",
    "band",
    "forecast_enrolment",
    "rake",
    "read_inputs",
]
