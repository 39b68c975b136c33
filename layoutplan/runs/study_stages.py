"""Declaration of the stages that make a study, and how declared stages are computed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from layoutplan.city import City, load_city
from layoutplan.demand import Demand
from layoutplan.enrolment import Backtest, Forecast
from layoutplan.layouts import Layout, Seats, WalkSettings, Zoning, current_supply
from layoutplan.plan import Plan, as_plan
from layoutplan.runs.forecasts import backtest_city, demand_of_city, forecast_city
from layoutplan.runs.meter import Meter
from layoutplan.runs.refusals import refuse_run
from layoutplan.runs.reserving import input_paths
from layoutplan.runs.run_stage import RunStage, Values
from layoutplan.runs.travel_stage import reach_by_stage, street_notes, today_layout, walk_settings
from layoutplan.study import Study
from layoutplan.travel import WalkMatrixStore, travel_notes

if TYPE_CHECKING:
    from layoutplan.runs.stage_store import StageReuser


def _input_files(plan: Plan) -> Iterable[Path]:
    return (path for path in input_paths(plan) if path != plan.path)


def _read(plan: Plan) -> City:
    return load_city(plan)


def _check(plan: Plan, city: City, previous_ledger: pd.DataFrame | None) -> tuple[()]:
    refuse_run(plan, city, previous_ledger=previous_ledger)
    return ()


def _seats(plan: Plan, city: City) -> tuple[Seats, Zoning]:
    return current_supply(city, plan.profile, plan.supply)


def _demand(
    plan: Plan, city: City, seats: Seats
) -> tuple[Forecast | None, Backtest | None, Demand, pd.DataFrame]:
    forecast = forecast_city(plan, city, seats)
    backtest = backtest_city(plan, city) if forecast else None
    return forecast, backtest, *demand_of_city(plan, city, seats, forecast)


def _travel(
    plan: Plan, city: City, seats: Seats, zoning: Zoning, store: WalkMatrixStore | None
) -> tuple[Mapping[str, float], WalkSettings, Layout]:
    reach_m = reach_by_stage(plan)
    walking = walk_settings(plan, city, store=store)
    return reach_m, walking, today_layout(plan, city, seats, zoning, walking=walking, reach_m=reach_m)


def _study(  # noqa: PLR0917  called by name
    plan: Plan,
    city: City,
    forecast: Forecast | None,
    backtest: Backtest | None,
    demand: Demand,
    reconciliation: pd.DataFrame,
    reach_m: Mapping[str, float],
    walking: WalkSettings,
    layout_today: Layout,
) -> Study:
    return Study(
        plan=plan,
        city=city,
        demand=demand,
        today=layout_today,
        walking=walking,
        reach_m=reach_m,
        forecast=forecast,
        backtest=backtest,
        reconciliation=reconciliation,
        notes=(
            *street_notes(plan, city),
            *travel_notes(layout_today.walks, walking.network, pupils=_pupils_now(demand, city)),
        ),
    )


def _pupils_now(demand: Demand, city: City) -> pd.Series[float]:
    """Return the pupils of every unit in the base year, all stages together."""
    stages = [frame[city.base_year] for frame in demand.pupils.values()]
    return pd.Series(sum(stages, pd.Series(0.0, index=city.units.index)), dtype=float)


STUDY_STAGES = (
    RunStage("read", ("city",), _read, files=_input_files),
    RunStage("check", (), _check),
    RunStage("seats", ("seats", "zoning"), _seats),
    RunStage("demand", ("forecast", "backtest", "demand", "reconciliation"), _demand),
    RunStage("travel", ("reach_m", "walking", "layout_today"), _travel),
    RunStage("study", ("study",), _study, kept=False),
)
"""The stages that create a study."""


def compute(
    stages: Sequence[RunStage],
    values: MutableMapping[str, Any],
    meter: Meter,
    *,
    reuser: StageReuser | None = None,
) -> Iterator[RunStage]:
    """Compute stages in order and add their values to ``values``.

    Parameters
    ----------
    stages
        The stages, each after those whose values it reads.
    values
        Values by name; extended. It must contain ``plan``.
    meter
        Measures each stage.
    reuser
        Takes results of earlier runs where they hold; ``None`` computes every stage.

    Yields
    ------
    RunStage
        Each required stage when it is complete.
    """
    for stage in stages:
        if not stage.wanted(values["plan"]):
            values.update(dict.fromkeys(stage.gives))
            if reuser is not None:
                reuser.identify(dict.fromkeys(stage.gives))
            continue
        with meter.stage(stage.name):
            if reuser is None:
                values.update(stage.given_by(values))
            else:
                reuser.complete(stage)
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
