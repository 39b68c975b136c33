"""Declaration of the stages that make a study, and how declared stages are computed.

A stage is a function whose parameter names are the values that it reads; the declaration names the values
that it gives.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from layoutplan.city import City, load_city
from layoutplan.demand import Demand
from layoutplan.enrolment import Backtest, Forecast
from layoutplan.layouts import Seats, Zoning, current_supply
from layoutplan.plan import Plan, as_plan
from layoutplan.runs.forecasts import backtest_city, demand_of_city, forecast_city
from layoutplan.runs.meter import Meter
from layoutplan.runs.refusals import refuse_run
from layoutplan.runs.travel_stage import reach_by_stage, street_notes, today_layout, walk_settings
from layoutplan.study import Study
from layoutplan.travel import WalkMatrixStore, travel_notes

Values = dict[str, Any]


@dataclass(frozen=True)
class RunStage:
    """One stage of a run.

    Attributes
    ----------
    name
        Name in the progress bar, the manifest and the documentation.
    gives
        Names of the values that it returns, in order.
    compute
        The function; its parameters are the values that it reads.
    wanted
        Whether a plan requires the stage; the values of an omitted stage are ``None``.
    """

    name: str
    gives: tuple[str, ...]
    compute: Callable[..., Any]
    wanted: Callable[[Plan], bool] = field(default=lambda _plan: True)

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the values that the stage reads."""
        return tuple(inspect.signature(self.compute).parameters)


def _read(plan: Plan, previous_ledger: pd.DataFrame | None) -> City:
    city = load_city(plan)
    refuse_run(plan, city, previous_ledger=previous_ledger)
    return city


def _seats(plan: Plan, city: City) -> tuple[Seats, Zoning]:
    return current_supply(city, plan.profile, plan.supply)


def _demand(
    plan: Plan, city: City, seats: Seats
) -> tuple[Forecast | None, Backtest | None, Demand, pd.DataFrame]:
    forecast = forecast_city(plan, city, seats)
    backtest = backtest_city(plan, city) if forecast else None
    return forecast, backtest, *demand_of_city(plan, city, seats, forecast)


def _travel(  # noqa: PLR0917  called by name
    plan: Plan,
    city: City,
    seats: Seats,
    zoning: Zoning,
    forecast: Forecast | None,
    backtest: Backtest | None,
    demand: Demand,
    reconciliation: pd.DataFrame,
    store: WalkMatrixStore | None,
) -> Study:
    walking = walk_settings(plan, city, store=store)
    today = today_layout(plan, city, seats, zoning, walking=walking, reach_m=reach_by_stage(plan))
    return Study(
        plan=plan,
        city=city,
        demand=demand,
        today=today,
        walking=walking,
        reach_m=reach_by_stage(plan),
        forecast=forecast,
        backtest=backtest,
        reconciliation=reconciliation,
        notes=(
            *street_notes(plan, city),
            *travel_notes(today.walks, walking.network, pupils=_pupils_now(demand, city)),
        ),
    )


def _pupils_now(demand: Demand, city: City) -> pd.Series[float]:
    """Return the pupils of every unit in the base year, all stages together."""
    stages = [frame[city.base_year] for frame in demand.pupils.values()]
    return pd.Series(sum(stages, pd.Series(0.0, index=city.units.index)), dtype=float)


STUDY_STAGES = (
    RunStage("read", ("city",), _read),
    RunStage("seats", ("seats", "zoning"), _seats),
    RunStage("demand", ("forecast", "backtest", "demand", "reconciliation"), _demand),
    RunStage("travel", ("study",), _travel),
)
"""The stages that create a study."""


def compute(stages: Sequence[RunStage], values: Values, meter: Meter) -> Iterator[RunStage]:
    """Compute stages in order and add their values to ``values``.

    Parameters
    ----------
    stages
        The stages, each after those whose values it reads.
    values
        Values by name; extended. It must contain ``plan``.
    meter
        Measures each stage.

    Yields
    ------
    RunStage
        Each required stage when it is complete.
    """
    for stage in stages:
        if not stage.wanted(values["plan"]):
            values.update(dict.fromkeys(stage.gives))
            continue
        with meter.stage(stage.name):
            given = stage.compute(**{name: values[name] for name in stage.reads})
        values.update(zip(stage.gives, given if len(stage.gives) > 1 else (given,), strict=True))
        yield stage


def make_study(plan: Plan | str | os.PathLike[str], *, store: WalkMatrixStore | None = None) -> Study:
    """Read a plan's tables and return the study of the city: the first stages of a run.

    Parameters
    ----------
    plan
        A loaded plan, whose ``scenario`` says which; or the path of its file.
    store
        Cache of walking distances between runs; it does not affect the results.

    Returns
    -------
    Study
        With today's layout.

    Raises
    ------
    InputError
        With every fault of the plan's tables.
    """
    values: Values = {"plan": as_plan(plan), "store": store, "previous_ledger": None}
    for _ in compute(STUDY_STAGES, values, Meter()):
        pass
    study: Study = values["study"]
    return study
