"""Forecasts of a plan: enrolment, its back-test, and the demand reconciled with it."""

from __future__ import annotations

import pandas as pd

from layoutplan.city import City
from layoutplan.demand import (
    Demand,
    check_projections,
    enrolment_growth,
    estimate_demand,
    reconcile,
    with_projection,
)
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
    """Forecast enrolment from the history of the base year or the last year before it.

    Parameters
    ----------
    plan
        The plan.
    city
        The city, with enrolment history, births and projects.
    seats
        Seats by school, stage and year.

    Returns
    -------
    Forecast or None
        ``None`` without enrolment history up to the base year.
    """
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
    """Return the year from which the enrolment history is forecast.

    Parameters
    ----------
    city
        The city, with table ``enrolment_history``.

    Returns
    -------
    int or None
        The last year of the history, at most the base year; ``None`` without history, or if it is the last
        year of the plan.
    """
    years = city.tables["enrolment_history"]["year"].dropna()
    if years.empty:
        return None
    origin = min(int(years.max()), city.base_year)
    return origin if city.years[-1] > origin else None


def check_history(plan: Plan, city: City) -> None:
    """Check that a forecast can be made from enrolment history and births.

    Parameters
    ----------
    plan
        The plan.
    city
        The city, with enrolment history and births.

    Raises
    ------
    InputError
        With every fault of the two tables, or the forecast rules missing from the profile in that year.
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
    """Return the errors of forecasts made from past years.

    Parameters
    ----------
    plan
        The plan.
    city
        The city, with enrolment history and births.

    Returns
    -------
    Backtest or None
        ``None`` if the history is too short.
    """
    try:
        return backtest(
            city.tables["enrolment_history"],
            city.tables["births"],
            profile=plan.profile,
            last_target=min(int(city.tables["enrolment_history"]["year"].max()), city.base_year),
        )
    except InputError:  # the forecast accepted the same tables, so only the history is too short
        return None


def demand_of_city(
    plan: Plan, city: City, seats: Seats, forecast: Forecast | None
) -> tuple[Demand, pd.DataFrame]:
    """Return the demand of every unit, reconciled with the enrolment forecast and the authority's projection.

    Parameters
    ----------
    plan
        The plan.
    city
        The city.
    seats
        Seats by school, stage and year.
    forecast
        Enrolment forecast; ``None`` for none.

    Returns
    -------
    demand
        Pupils by unit, stage and year.
    reconciliation
        Result table ``reconciliation``.
    """
    counting = pd.DataFrame(seats.counting(), index=seats.schools.index, columns=[*seats.years])
    by_residents = estimate_demand(
        city, plan.profile, plan.demand, ownership=plan.supply.ownership, counting=counting
    )
    growth = enrolment_growth(forecast, base_year=city.base_year) if forecast else {}
    demand, reconciliation = reconcile(by_residents, growth, weight=plan.demand.history_weight)
    given = city.tables["projections"]
    if given.empty:
        return demand, reconciliation
    districts, follow = city.units["district_id"], plan.demand.follow_projection
    return with_projection(demand, reconciliation, given, districts=districts, follow=follow)


def check_projection(plan: Plan, city: City) -> None:
    """Check the authority's own projection against the plan.

    Parameters
    ----------
    plan
        The plan, which says whether it is followed.
    city
        The city, with table ``projections``.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    log = FaultLog()
    follow = plan.demand.follow_projection
    check_projections(
        city.tables["projections"], stages=city.stages, years=city.years, follow=follow, log=log
    )
    log.raise_if_errors()
