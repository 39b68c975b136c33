"""From past enrolment and births to pupils by school, grade and year, and how sure that is (在校生预测)."""

from layoutplan.forecast.forecast import forecast_enrolment
from layoutplan.forecast.model import Forecast
from layoutplan.forecast.places import rake
from layoutplan.forecast.spread import Spread, band

__all__ = ["Forecast", "Spread", "band", "forecast_enrolment", "rake"]
