"""The order of the stages. Only this module knows it; each stage can be called alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from layoutplan.access import Access, measure_access, service_area_table
from layoutplan.balance import Balance, PlacedStages, evaluate
from layoutplan.city import City, load_city
from layoutplan.demand import Demand, enrolment_growth, estimate_demand, reconcile
from layoutplan.enrolment import Backtest, Forecast
from layoutplan.errors import Fault
from layoutplan.hotspots import Hotspots, find_hotspots
from layoutplan.layouts import Seats, seats_by_year
from layoutplan.outlook import Outlook
from layoutplan.outlook.estimate import estimate_outlook
from layoutplan.plan import Plan
from layoutplan.rules import (
    Evidence,
    SafeWalks,
    compare_profiles,
    earlier_ledger,
    evaluate_rules,
    find_unsafe_walks,
    flag_schools,
    has_history,
    record_tables,
    update_ledger,
)
from layoutplan.runs.forecasts import backtest_city, expected_shocks, forecast_city, hotspot_draws
from layoutplan.runs.meter import Advanced, Meter, StageStarted
from layoutplan.runs.refusals import refuse_run
from layoutplan.runs.siting_stage import proposal_of
from layoutplan.runs.travel_stage import measure_walks, reach_by_stage, street_network
from layoutplan.second_process import LARGE_UNITS, SecondProcess
from layoutplan.siting import Proposal
from layoutplan.travel import travel_notes
from layoutplan.travel.matrix import WalkMatrix
from layoutplan.travel.matrix_store import WalkMatrixStore

STAGE_NAMES = (
    "read",
    "seats",
    "demand",
    "travel",
    "balance",
    "outlook",
    "review",
    "hotspots",
    "siting",
    "proposed",
    "access",
    "rules",
)


@dataclass(frozen=True)
class Run:
    """One scenario of a plan, computed; ``seconds`` and ``peak_mib`` are what each stage took.

    ``proposal`` and ``proposed`` (the city judged with the proposals, by the same code as ``balance``) are
    ``None`` where the plan switches siting off; ``forecast`` where no enrolment history is given, and
    ``tested``, its back-test, where it is too short as well. ``reconciliation`` is the table of that name,
    ``rule_tables`` are those behind the rules (:func:`~layoutplan.rules.record_tables`).
    ``access`` is measured in the base and the target year, ``proposed_access`` in the target year;
    ``service_areas`` are those of the schools of the target year, proposed ones too.
    """

    plan: Plan
    city: City
    seats: Seats
    demand: Demand
    forecast: Forecast | None
    tested: Backtest | None
    reconciliation: pd.DataFrame
    pairs: WalkMatrix
    balance: Balance
    outlook: Outlook
    flags: pd.DataFrame
    ledger: pd.DataFrame
    hotspots: Hotspots
    proposal: Proposal | None
    proposed: Balance | None
    access: Access
    proposed_access: Access | None
    service_areas: gpd.GeoDataFrame
    rule_results: pd.DataFrame
    rule_tables: Mapping[str, pd.DataFrame]
    seconds: dict[str, float]
    unsafe_walks: SafeWalks
    travel_notes: tuple[Fault, ...] = ()
    peak_mib: dict[str, float] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[Fault, ...]:
        """Every warning and notice of the run, in the order of the stages."""
        later = self.proposal.notes if self.proposal else ()
        parts = (
            self.plan.notes,
            self.city.notes,
            self.seats.notes,
            self.forecast.notes if self.forecast else (),
            self.demand.notes,
            self.travel_notes,
            self.unsafe_walks.notes,
            self.balance.notes,
            self.outlook.notes,
        )
        return tuple(note for part in (*parts, later) for note in part)


def run_plan(
    plan: Plan,
    *,
    previous_ledger: pd.DataFrame | None = None,
    started: StageStarted | None = None,
    advanced: Advanced | None = None,
    store: WalkMatrixStore | None = None,
) -> Run:
    """Run every stage of one scenario.

    Parameters
    ----------
    plan
        A loaded plan; its ``scenario`` says which.
    previous_ledger
        The ledger of an earlier year, possibly filled in by the office: its cases are carried on. Without it
        the cases of earlier years are found in the classes of those years, where the table has them.
    started
        Told the name of each stage when it starts, for a progress bar.
    advanced
        Told within long stages how many of how many steps are done.
    store
        Where walking distances are kept between runs; the result is the same without.

    Raises
    ------
    InputError
        With every fault of the plan's tables, before any stage that takes long; roads of another place are
        found when the walks are measured.
    """
    with SecondProcess("layoutplan.balance") as second_process:
        return _computed(
            plan,
            Meter(started, advanced),
            second_process=second_process,
            previous_ledger=previous_ledger,
            store=store,
        )


def _computed(
    plan: Plan,
    meter: Meter,
    *,
    second_process: SecondProcess,
    previous_ledger: pd.DataFrame | None,
    store: WalkMatrixStore | None,
) -> Run:
    """Run every stage with another process to hand; it is ended once no stage needs it."""
    profile, year, reach_m = plan.profile, plan.plan.target, reach_by_stage(plan)
    with meter.stage("read"):
        city = load_city(plan)
        refuse_run(plan, city, previous_ledger=previous_ledger)
    with meter.stage("seats"):
        seats = seats_by_year(city, profile, plan.supply)
    with meter.stage("demand"):
        forecast = forecast_city(plan, city, seats)
        tested = backtest_city(plan, city) if forecast else None
        demand, reconciliation = reconcile(
            estimate_demand(
                city, profile, plan.demand, ownership=plan.supply.ownership, counting=_counting(seats)
            ),
            enrolment_growth(forecast, base_year=city.base_year) if forecast else {},
            weight=plan.demand.history_weight,
        )
    placed = PlacedStages()
    if len(city.units) >= LARGE_UNITS:
        second_process.start()
    with meter.stage("travel"):
        network = street_network(plan, city)
        pairs = measure_walks(plan, city, seats, network, store=store)
        notes = travel_notes(pairs, network)
    with meter.stage("balance"):
        balance = evaluate(
            city,
            demand,
            seats,
            pairs,
            profile,
            reach_m=reach_m,
            own_catchment_m=plan.travel.own_catchment_m,
            advanced=meter.advance,
            second_process=second_process,
            placed=placed,
        )
    with meter.stage("outlook"):
        shocks = expected_shocks(plan, city, forecast)
        outlook = estimate_outlook(
            city,
            demand,
            seats,
            profile,
            plan.uncertainty,
            seed=plan.plan.seed,
            lang=plan.plan.lang,
            population=plan.population,
            shocks=shocks,
        )
    with meter.stage("review"):
        unsafe_walks = find_unsafe_walks(
            city,
            demand,
            seats,
            pairs,
            standards=profile.at(city.base_year),
            network=network,
            snap_limit_m=plan.travel.snap_limit_m,
            store=store,
        )
        flags = flag_schools(city, seats, profile)
        if previous_ledger is None:
            previous_ledger = earlier_ledger(city, profile, lang=plan.plan.lang)
        ledger = update_ledger(
            flags, profile, year=city.base_year, previous=previous_ledger, lang=plan.plan.lang
        )
    with meter.stage("hotspots"):
        hotspots = find_hotspots(
            city,
            balance,
            seats,
            pairs,
            plan.hotspots,
            year=year,
            lang=plan.plan.lang,
            seed=plan.plan.seed,
            draws=hotspot_draws(plan, city, demand, seats, shocks, reach_m=reach_m),
        )
    proposal, proposed = None, None
    if plan.siting.enabled:
        with meter.stage("siting"):
            proposal = proposal_of(
                plan,
                city,
                demand,
                seats=seats,
                balance=balance,
                pairs=pairs,
                hotspots=hotspots,
                outlook=outlook,
                network=network,
                reach_m=reach_m,
            )
        with meter.stage("proposed"):
            proposed = evaluate(
                city,
                demand,
                proposal.seats,
                proposal.pairs,
                profile,
                reach_m=reach_m,
                own_catchment_m=plan.travel.own_catchment_m,
                variant="proposed",
                advanced=meter.advance,
                second_process=second_process,
                placed=placed,
            )
    second_process.stop()
    placed.clear()
    with meter.stage("access"):
        access = _access(
            plan, city, demand, years=(city.base_year, year), seats=seats, pairs=pairs, balance=balance
        )
        proposed_access = None
        if proposal and proposed:
            seats_then, pairs_then = proposal.seats, proposal.pairs
            proposed_access = _access(
                plan,
                city,
                demand,
                years=(year,),
                seats=seats_then,
                pairs=pairs_then,
                balance=proposed,
                variant="proposed",
            )
        areas = service_area_table(
            city,
            demand,
            proposal.seats if proposal else seats,
            proposal.pairs if proposal else pairs,
            profile=profile,
            settings=plan.access,
            year=year,
            network=network,
            travel=plan.travel,
        )
    with meter.stage("rules"):
        evidence = Evidence(
            city=city,
            profile=profile,
            seats=seats,
            demand=demand,
            pairs=pairs,
            balance=balance,
            target_year=year,
            reach_m=reach_m,
            flags=flags,
            ledger=ledger,
            ledger_goes_back=has_history(previous_ledger, year=city.base_year),
            hotspots=hotspots,
            outlook=outlook,
            forecast=forecast,
            proposal=proposal,
            proposed=proposed,
            network=network,
            access=access,
            supply=plan.supply,
        )
        rule_results, rule_tables = _by_the_book(evidence, plan)
    return Run(
        plan=plan,
        city=city,
        seats=seats,
        demand=demand,
        forecast=forecast,
        tested=tested,
        reconciliation=reconciliation,
        pairs=pairs,
        balance=balance,
        outlook=outlook,
        flags=flags,
        ledger=ledger,
        hotspots=hotspots,
        proposal=proposal,
        proposed=proposed,
        access=access,
        proposed_access=proposed_access,
        service_areas=areas,
        rule_results=rule_results,
        rule_tables=rule_tables,
        seconds=meter.seconds,
        peak_mib=meter.peak_mib,
        unsafe_walks=unsafe_walks,
        travel_notes=notes,
    )


def _counting(seats: Seats) -> pd.DataFrame:
    """Return whether each school (rows) counts in each year (columns)."""
    return pd.DataFrame(seats.counting(), index=seats.schools.index, columns=[*seats.years])


def _by_the_book(evidence: Evidence, plan: Plan) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Return the results of all rules, and the tables made with them."""
    results = evaluate_rules(evidence)
    tables = {
        **record_tables(replace(evidence, results=results)),
        "profile_comparison": compare_profiles(evidence, plan.compared, results=results),
    }
    return results, tables


def _access(
    plan: Plan,
    city: City,
    demand: Demand,
    *,
    years: tuple[int, ...],
    seats: Seats,
    pairs: WalkMatrix,
    balance: Balance,
    variant: str = "baseline",
) -> Access:
    """Measure access under one of the run's plans: today's, or with the proposals."""
    return measure_access(
        city,
        demand,
        seats,
        pairs,
        balance,
        profile=plan.profile,
        settings=plan.access,
        reach_m=reach_by_stage(plan),
        years=years,
        variant=variant,
    )
