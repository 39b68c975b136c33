"""Propose schools to open or enlarge for one target year, by exact optimisation, with reasons."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.balance.result import Balance
from layoutplan.cards import Outlined
from layoutplan.errors import DefectError, Fault, FaultLog
from layoutplan.hotspots.result import Hotspots
from layoutplan.layouts.layout import Layout
from layoutplan.layouts.seats import Seats
from layoutplan.siting.candidates import Sizing
from layoutplan.siting.decision import (
    PUPILS_TOLERANCE,
    Decision,
    chosen_seats,
    decide,
    marginal_pupils,
    newly_served,
    together,
)
from layoutplan.siting.explain import Case, Figures, HotspotServed, proposal_reason, rejected
from layoutplan.siting.formulation import Choice, Effort, Limits, priced, useful_choices
from layoutplan.siting.messages import nothing_possible, step_rows
from layoutplan.siting.problem import Problem, SitingInputs, shortages_with, situation_today, with_candidates
from layoutplan.siting.reach import StageReach
from layoutplan.siting.results import (
    Finding,
    OutcomeRow,
    answer_row,
    outcome_table,
    proposals_table,
    walk_row,
)
from layoutplan.siting.shortage import Shortage
from layoutplan.siting.successor import Chosen, proposed_layout
from layoutplan.solve import Placement
from layoutplan.study import Study
from layoutplan.texts import in_both, text
from layoutplan.travel.matrix import WalkMatrix


@dataclass(frozen=True, repr=False)
class Proposal(Outlined):
    """The proposals, and the layout with them.

    Attributes
    ----------
    proposals
        Result table ``proposals`` with points in the city's CRS; empty if nothing is needed or possible.
    outcome
        Result table ``siting_outcome``: each solve with bound, gap and audit, or the answer in words.
    layout
        The proposed layout: seats from the target year on, catchments, and walks to all schools.
    notes
        Warnings and notices.
    """

    proposals: gpd.GeoDataFrame
    outcome: pd.DataFrame
    layout: Layout
    notes: tuple[Fault, ...] = ()


def propose_for_target(study: Study, balance: Balance, hotspots: Hotspots) -> Proposal:
    """Propose schools to open or enlarge so that the most pupils have a seat within reach in the target year.

    Lexicographic objectives: maximum pupils served (a school is opened or enlarged only if that places at
    least ``min_pupils`` who have no seat without it); among those plans minimum cost; for that choice of
    schools minimum walking. Known land has priority: the sites table and the next level of open public
    schools. For pupils whom it cannot serve, locations generated in hotspots (labelled so) are decided in the
    same way. Sizes are the profile's standard levels, subject to its size caps, the land of the site, the
    budget and the number of new schools.

    Parameters
    ----------
    study
        Demand, today's layout and the limits of ``[siting]``; standards of the target year apply, and
        proposed seats count from it on.
    balance, hotspots
        Of today's layout.

    Returns
    -------
    Proposal
        Without unserved pupils the outcome is "nothing needed"; if no candidate can help it is "nothing
        possible" with the reason. Both are rows of ``outcome``, with today's seats and walks.

    Raises
    ------
    DefectError
        If the audit contradicts the solver, or siting contradicts the balance.
    """
    wanted, year = study.plan.siting.stages or study.stages, study.target_year
    stages = tuple(stage for stage in study.stages if stage in wanted)
    task = SitingInputs(study, hotspots, sizing=Sizing(study.profile.at(year), stages))
    today = situation_today(task)
    _agree(today, balance, year=year)
    if today.unserved_total < PUPILS_TOLERANCE:
        message = in_both(lambda lang: text("siting.outcome.nothing_needed", lang, year=year))
        return _nothing(task, answer_row("NOTHING_NEEDED", message=message))
    return _propose(task, with_candidates(today, task))


def _propose(task: SitingInputs, situation: Problem) -> Proposal:
    """Decide, and describe the decision, where pupils lack a seat."""
    settings = task.settings
    by_cost = priced(situation.candidates)
    budget = settings.budget if by_cost else None
    limits = Limits(budget, settings.max_new_schools, settings.min_pupils)
    decision = _decide(task, situation, limits)
    if not decision.chosen:
        row = nothing_possible(situation, decision, task)
        return _nothing(task, row, candidates=len(situation.candidates))
    case = Case(
        situation.candidates,
        situation.places,
        situation.shortages,
        decision.chosen,
        limits,
        reach_m=task.reach_m,
    )
    return _with(task, situation, case, decision, by_cost=by_cost)


def _decide(task: SitingInputs, situation: Problem, limits: Limits) -> Decision:
    """Decide on known land first, then on generated locations for the pupils that it cannot serve.

    If there are generated locations, known land may use half of the time, and they the remainder.
    """
    effort = Effort(task.settings.time_limit_s, task.settings.relative_gap)
    two = any(candidate.origin == "generated" for candidate in situation.candidates)
    first, begun = effort.half() if two else effort, time.monotonic()
    known = _decide_on(situation, situation.shortages, limits, first, generated=False)
    later = effort.left(begun)
    if not two:
        return known
    added = {stage: chosen_seats(known.chosen, stage) for stage in situation.baseline}
    rest = shortages_with(situation, task, added) if known.chosen else situation.shortages
    spent = sum(choice.price for choice in known.chosen)
    opened = sum(choice.is_new for choice in known.chosen)
    left = Limits(
        budget=None if limits.budget is None else max(0.0, limits.budget - spent),
        new_schools=None if limits.new_schools is None else limits.new_schools - opened,
        min_pupils=limits.min_pupils,
    )
    return together(known, _decide_on(situation, rest, left, later, generated=True))


def _decide_on(
    situation: Problem,
    shortages: Mapping[str, Shortage],
    limits: Limits,
    effort: Effort,
    *,
    generated: bool,
) -> Decision:
    """Decide on the generated locations only, or on all others; no steps if none can help."""
    choices = [
        choice
        for choice in useful_choices(situation.candidates, situation.places, shortages)
        if (situation.candidates[choice.candidate].origin == "generated") == generated
    ]
    return decide(shortages, choices, limits, effort) if choices else Decision((), ())


def _agree(today: Problem, balance: Balance, *, year: int) -> None:
    """Check that the unserved pupils equal those of the balance."""
    city = balance.city[balance.city["year"] == year]
    for stage, unserved in today.unserved.items():
        judged = float(city.loc[city["stage"] == stage, "unserved"].sum())
        if abs(judged - float(unserved.sum())) > PUPILS_TOLERANCE:
            raise DefectError(
                f"{stage} {year}: siting finds {unserved.sum():.2f} pupils unserved, the balance {judged:.2f}"
            )


def _nothing(task: SitingInputs, row: OutcomeRow, *, candidates: int = 0) -> Proposal:
    """Return today's layout, with the outcome in words."""
    return Proposal(
        proposals=proposals_table([], city=task.city, lang=task.lang),
        outcome=outcome_table([row], candidates=candidates, lang=task.lang),
        layout=proposed_layout(task.study, chosen=(), walks=task.pairs),
    )


def _with(
    task: SitingInputs, situation: Problem, case: Case, decision: Decision, *, by_cost: bool
) -> Proposal:
    """Return the proposed layout, placed, audited and explained."""
    in_order = sorted(case.chosen, key=lambda one: one.candidate)
    chosen = [Chosen(case.candidates[one.candidate], one.option) for one in in_order]
    layout = proposed_layout(task.study, chosen=chosen, walks=_pairs(task, case))
    seats, pairs = layout.seats, layout.walks
    reaches = {stage: task.reach(stage, seats, pairs) for stage in task.sizing.stages}
    placements = {stage: reach.placed(reach.seats) for stage, reach in reaches.items()}
    _audit(situation, case, placements)
    findings = [
        _finding(task, situation, case, choice, pupils=pupils, visits=_Visits(seats, reaches, placements))
        for choice, pupils in zip(case.chosen, marginal_pupils(case.shortages, case.chosen), strict=True)
    ]
    left = sum(float(placement.unserved.sum()) for placement in placements.values())
    rows = step_rows(decision, task, unserved=situation.unserved_total, left=left, by_cost=by_cost)
    metres = sum(placement.metres for placement in placements.values())
    return Proposal(
        proposals=proposals_table(findings, city=task.city, lang=task.lang),
        outcome=outcome_table([*rows, walk_row(metres)], candidates=len(case.candidates), lang=task.lang),
        layout=layout,
        notes=_notes(task, chosen, by_cost=by_cost),
    )


def _pairs(task: SitingInputs, case: Case) -> WalkMatrix:
    """Return today's walks with those to new schools, in the order of the proposed seats.

    Their limit is that of all walks, since a proposed school may be a unit's nearest one beyond its reach.
    """
    new = sorted((one.place, one.candidate) for one in case.chosen if one.is_new)
    if not new:
        return task.pairs
    places = [case.candidates[candidate] for _, candidate in new]
    limits_m = [task.pairs.limit_m] * len(places)
    return task.pairs.with_destinations(task.walks_to(places, limits_m=limits_m))


def _audit(situation: Problem, case: Case, placements: Mapping[str, Placement]) -> None:
    """Check the decision against the placement of all pupils of the city, and against the limits."""
    left = sum(float(placement.unserved.sum()) for placement in placements.values())
    promised = newly_served(case.shortages, case.chosen)
    found = situation.unserved_total - left
    if abs(promised - found) > PUPILS_TOLERANCE:
        raise DefectError(f"siting promised seats for {promised:.2f} pupils, the placement finds {found:.2f}")
    spent = sum(one.price for one in case.chosen)
    if case.limits.budget is not None and spent > case.limits.budget * (1 + 1e-9):
        raise DefectError(f"siting spends {spent} of a budget of {case.limits.budget}")
    opened = sum(one.is_new for one in case.chosen)
    if case.limits.new_schools is not None and opened > case.limits.new_schools:
        raise DefectError(f"siting opens {opened} schools where {case.limits.new_schools} are allowed")


@dataclass(frozen=True)
class _Visits:
    """The placement in the proposed layout."""

    seats: Seats
    reaches: Mapping[str, StageReach]
    placements: Mapping[str, Placement]

    def at(self, school_id: str, stages: Sequence[str]) -> tuple[float, float]:
        """Return the pupils placed at a school, and the mean walk of those who walk, metres.

        Parameters
        ----------
        school_id
            The school.
        stages
            Stages to count.
        """
        place = int(self.seats.schools.index.get_indexer([school_id])[0])
        pupils = walking = walked = 0.0
        for stage in stages:
            if stage in self.reaches:
                here = self.reaches[stage].place == place
                flows = self.placements[stage].pupils[here]
                pupils += float(self.placements[stage].filled[place])
                walking += float(flows.sum())
                walked += float((flows * self.reaches[stage].metres[here]).sum())
        return pupils, walked / walking if walking > 0 else 0.0


def _finding(
    task: SitingInputs, situation: Problem, case: Case, choice: Choice, *, pupils: float, visits: _Visits
) -> Finding:
    """Return a proposal with its figures, reason and alternatives."""
    candidate = case.candidates[choice.candidate]
    assigned, mean_m = visits.at(candidate.school_id, [*choice.option.seats])
    before = 0.0
    if not candidate.is_new:
        before = sum(float(frame[task.year][candidate.school_id]) for frame in task.seats.seats.values())
    hotspot = _hotspot(task, situation, choice)
    figures = Figures(pupils=pupils, assigned=assigned, mean_m=mean_m, seats_before=before)
    return Finding(
        candidate=candidate,
        option=choice.option,
        target_year=task.year,
        pupils_served=pupils,
        assigned=assigned,
        hotspot_id=None if hotspot is None else hotspot.hotspot_id,
        reason=proposal_reason(case, choice, figures=figures, hotspot=hotspot),
        rejected=rejected(case, choice),
    )


def _hotspot(task: SitingInputs, situation: Problem, choice: Choice) -> HotspotServed | None:
    """Return the hotspot of a choice: its own, else the one with the most unserved pupils within reach."""
    own = situation.candidates[choice.candidate].hotspot_id
    near = {
        stage: situation.units_near(choice.place, stage, reach_m=task.reach_m[stage])
        for stage in choice.option.seats
        if stage in situation.unserved
    }
    best, most = None, 0.0
    spots = task.hotspots.hotspots
    columns = (spots[column] for column in ("hotspot_id", "stage", "name", "pupils_short"))
    for name, stage, called, lacking in zip(*columns, strict=True):
        if stage not in near or own not in {None, name}:
            continue
        members = np.intersect1d(situation.members[name], near[stage], assume_unique=True)
        short = float(situation.unserved[stage][members].sum())
        if name == own or short > most:
            label = str(called) if pd.notna(called) else name
            best, most = HotspotServed(name, label, stage, float(lacking)), short
    return best


def _notes(task: SitingInputs, chosen: Sequence[Chosen], *, by_cost: bool) -> tuple[Fault, ...]:
    """Return the warnings and notices for readers of the proposals."""
    log = FaultLog()
    log.add("siting_from_year", severity="notice", year=task.year)
    generated = sum(one.candidate.origin == "generated" for one in chosen)
    if generated:
        log.add("siting_generated", severity="warning", count=generated)
    unknown = sum(one.candidate.site_area_m2 is None for one in chosen)
    if unknown:
        log.add("siting_land_unknown", severity="warning", count=unknown)
    if not by_cost:
        log.add("siting_unpriced", severity="warning")
    return log.notes
