"""From past enrolment and births to pupils by school, grade and year, and how sure that is (在校生预测)."""

from layoutplan.forecast.backtest import HORIZONS, METHODS, Backtest, backtest
from layoutplan.forecast.changes import PlannedPlaces
from layoutplan.forecast.forecast import forecast_enrolment
from layoutplan.forecast.model import Forecast
from layoutplan.forecast.places import rake
from layoutplan.forecast.spread import Spread, band

__all__ = [
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
]
