"""How a plan looks into the future: its forecast, what that is worth, and the draws around it."""

from __future__ import annotations

import pandas as pd

from layoutplan.city import City
from layoutplan.demand import Demand, enrolment_growth, estimate_demand, reconcile
from layoutplan.enrolment import (
    FORECAST_RULES,
    Backtest,
    Forecast,
    PlannedPlaces,
    backtest,
    forecast_enrolment,
    read_inputs,
)
from layoutplan.errors import FaultLog, InputError
from layoutplan.layouts import Seats
from layoutplan.plan import Plan


def forecast_city(plan: Plan, city: City, seats: Seats) -> Forecast | None:
    """Move the enrolment history forward, from the base year or its last before; ``None`` without one."""
    origin = forecast_origin(city)
    if origin is None:
        return None
    return forecast_enrolment(
        city.tables["enrolment_history"],
        city.tables["births"],
        profile=plan.profile,
        horizon=city.years[-1] - origin,
        origin=origin,
        births_factor=plan.demand.births_factor,
        planned=PlannedPlaces.of(
            city.tables["projects"],
            seats=seats.seats,
            areas=seats.schools["district_id"],
            states=plan.supply.project_states,
        ),
    )


def forecast_origin(city: City) -> int | None:
    """Return the year that the enrolment history is moved forward from; ``None`` where it is not."""
    years = city.tables["enrolment_history"]["year"].dropna()
    if years.empty:
        return None
    origin = min(int(years.max()), city.base_year)
    return origin if city.years[-1] > origin else None


def check_history(plan: Plan, city: City) -> None:
    """Refuse enrolment history and births that no forecast can be made from.

    Raises
    ------
    InputError
        With every fault of the two tables, or the rules of forecasts that the profile does not have then.
    """
    origin = forecast_origin(city)
    if origin is None:
        return
    log = FaultLog()
    standards = plan.profile.at(origin)
    for rule in FORECAST_RULES:
        if standards.find(rule) is None:
            log.add(
                "plan_rule_not_in_force",
                file=plan.path.name,
                profile=plan.profile.id,
                rule=rule,
                stage="-",
                year=origin,
            )
    log.raise_if_errors()
    read_inputs(
        city.tables["enrolment_history"],
        city.tables["births"],
        plan.profile,
        origin=origin,
        births_factor=plan.demand.births_factor,
        log=log,
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


def demand_of_city(
    plan: Plan, city: City, seats: Seats, forecast: Forecast | None
) -> tuple[Demand, pd.DataFrame]:
    """Return the demand of every unit, reconciled with the forecast, and table ``reconciliation``."""
    counting = pd.DataFrame(seats.counting(), index=seats.schools.index, columns=[*seats.years])
    by_residents = estimate_demand(
        city, plan.profile, plan.demand, ownership=plan.supply.ownership, counting=counting
    )
    growth = enrolment_growth(forecast, base_year=city.base_year) if forecast else {}
    return reconcile(by_residents, growth, weight=plan.demand.history_weight)
