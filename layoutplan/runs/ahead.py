"""How a plan looks into the future: its forecast, what that is worth, and the draws around it."""

from __future__ import annotations

from collections.abc import Mapping

from layoutplan.balance import Seats
from layoutplan.config import Plan
from layoutplan.demand import Demand
from layoutplan.errors import InputError
from layoutplan.forecast import Backtest, Forecast, PlannedPlaces, backtest, forecast_enrolment
from layoutplan.hotspots import DemandDraws, draw_factors
from layoutplan.inputs import City
from layoutplan.outlook import Shocks


def forecast_city(plan: Plan, city: City, seats: Seats) -> Forecast | None:
    """Move the enrolment history forward, from the base year or its last before; ``None`` without one."""
    history = city.tables["enrolment_history"]
    if history.empty:
        return None
    origin = min(int(history["year"].max()), city.base_year)
    ahead = city.years[-1] - origin
    if ahead < 1:
        return None
    return forecast_enrolment(
        history,
        city.tables["births"],
        profile=plan.profile,
        horizon=ahead,
        origin=origin,
        births_factor=plan.demand.births_factor,
        planned=PlannedPlaces.of(
            city.tables["projects"],
            seats=seats.seats,
            areas=seats.schools["district_id"],
            states=plan.supply.project_states,
        ),
    )


def backtest_city(plan: Plan, city: City) -> Backtest | None:
    """Say how far off forecasts from past years were; ``None`` where the history is too short to tell."""
    try:
        return backtest(
            city.tables["enrolment_history"],
            city.tables["births"],
            profile=plan.profile,
            last_target=min(int(city.tables["enrolment_history"]["year"].max()), city.base_year),
        )
    except InputError:  # the forecast itself took the same tables: only the earlier years do not suffice
        return None


def expected_shocks(plan: Plan, city: City, forecast: Forecast | None) -> Shocks | None:
    """Return how far off forecasts are: by the past errors of this place where known, else by the profile."""
    shocks = Shocks.of(plan.profile.at(city.base_year), ahead=city.years[-1] - city.base_year)
    if shocks is None or forecast is None or not forecast.spread.place_errors:
        return shocks
    return shocks.seen(district=forecast.spread.district, zone=forecast.spread.place_alone)


def hotspot_draws(
    plan: Plan,
    city: City,
    demand: Demand,
    seats: Seats,
    shocks: Shocks | None,
    *,
    reach_m: Mapping[str, float],
) -> dict[str, DemandDraws]:
    """Draw the target year's demand for the hotspots; nothing where the plan or the profile has no draws."""
    count = min(plan.hotspots.draws, plan.uncertainty.draws)
    if not plan.uncertainty.enabled or shocks is None or count == 0:
        return {}
    return draw_factors(
        city,
        demand,
        seats,
        plan.profile,
        shocks,
        year=plan.plan.target,
        seed=plan.plan.seed,
        draws=count,
        reach_m=reach_m,
    )
