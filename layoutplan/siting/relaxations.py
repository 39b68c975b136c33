"""What would have to give way (放宽条件) where a plan leaves areas without seats: each limit in turn.

Each relaxation is a study with one limit given up or doubled, planned by the same model with a wider gap.
What the plan then uses beyond the limit is what the relaxation takes: money, schools, land, metres, classes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray
from layoutplan.balance import Balance
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.hotspots import Hotspots
from layoutplan.plan import Override
from layoutplan.siting.lacking import LackingArea
from layoutplan.siting.measures import BuildingPlan
from layoutplan.siting.model import SitingModel
from layoutplan.siting.planning import model_of
from layoutplan.solve.expansion import ExpansionEffort, solve_expansion
from layoutplan.standards import with_overrides
from layoutplan.study import Study
from layoutplan.texts import Language, in_both, number, other_language, text
from layoutplan.watched import unrecorded

_GAP: Final = 0.05  # wide, since relaxations are compared by what they serve first
_WORK: Final = 10.0  # an arc, for each relaxation
_FARTHER: Final = 2.0
_ENOUGH_M2: Final = 1e7
_FEW: Final = 1e-6
_CAP: Final = "temporary.classes"
_AT_ONCE: Final = ("reach", "temporary")


@dataclass(frozen=True)
class RelaxedLimit:
    """One limit given up, and the plan that is then possible.

    Attributes
    ----------
    lever
        Which limit: ``budget``, ``schools``, ``land``, ``reach``, ``temporary`` or ``min_pupils``.
    now, needed
        The limit, and what the plan without it uses, in the unit of the limit; nan where there is no figure.
    unserved
        Pupil-years that then stay without a seat.
    cost, more
        Discounted cost of the plan, and how much more that is than the plan within the limits.
    """

    lever: str
    now: float
    needed: float
    unserved: float
    cost: float
    more: float

    def said(self, lang: Language) -> str:
        """Return the relaxation in words.

        Parameters
        ----------
        lang
            The language.
        """
        key = self.lever if np.isfinite(self.needed) else f"{self.lever}_any"
        return text(f"siting.relax.{key}", lang, now=number(self.now, lang), needed=number(self.needed, lang))


def relaxations(
    plan: BuildingPlan,
    areas: Sequence[LackingArea],
    balance: Balance,
    hotspots: Hotspots,
    *,
    time_limit_s: float,
) -> tuple[tuple[RelaxedLimit, ...], bool]:
    """Return what each limit costs, the best relaxation first: fewest pupils without a seat, then least cost.

    Places that serve no stage that lacks seats stay as in the plan. Where seats lack only in years before
    anything can open, money, land and schools can not help: reach and temporary classes alone are tried, for
    those stages and years.

    Parameters
    ----------
    plan
        The plan.
    areas
        Areas that lack seats under it.
    balance, hotspots
        Of today's layout.
    time_limit_s
        Time for all of them together, seconds.

    Returns
    -------
    tuple of RelaxedLimit
        Those that serve more pupils than the plan; limits that bind nobody are left out.
    bool
        Whether time left some out.
    """
    if not areas:
        return (), False
    until = time.monotonic() + time_limit_s
    whole, whole_lost = plan.found.figures.cost, float(plan.found.figures.unserved.sum())
    stages, last = {area.stage for area in areas}, None
    if early := _early(plan, areas):
        last = max(area.year for area in areas)
        few = _with(plan.model.places.study, stages=tuple(s for s in plan.model.stages if s in stages))
        plan = _planned(model_of(few, balance, hotspots, last_year=last), time_limit_s / 3)
    levers = [one for one in _levers(plan, stages) if not early or one.name in _AT_ONCE]
    base, lost = plan.found.figures.cost, float(plan.found.figures.unserved.sum())
    found: list[RelaxedLimit] = []
    for at, lever in enumerate(levers):
        left = until - time.monotonic()
        if left <= 0:
            return _sorted(found), True
        model = model_of(lever.study, balance, hotspots, last_year=last)
        kept = _of_stages(model, plan, stages)
        model = replace(model, problem=model.problem.keeping(kept))
        wider = _planned(model, left / (len(levers) - at))
        figures = wider.found.figures
        unserved = float(figures.unserved.sum())
        if unserved < lost - 1.0:
            needed = lever.needed(wider)
            served, more = lost - unserved, figures.cost - base
            found.append(RelaxedLimit(lever.name, lever.now, needed, whole_lost - served, whole + more, more))
    return _sorted(found), time.monotonic() >= until


def _planned(model: SitingModel, time_limit_s: float) -> BuildingPlan:
    return BuildingPlan(model, solve_expansion(model.problem, ExpansionEffort(time_limit_s, _GAP, _WORK)))


def _of_stages(model: SitingModel, plan: BuildingPlan, stages: Collection[str]) -> BoolArray:
    """Return the moves that give seats to some stages, and those of the places where the plan builds."""
    after = model.problem.moves.after
    wanted = [number for number, stage in enumerate(model.stages) if stage in stages]
    serving = np.asarray((model.problem.states.seats[:, wanted] > 0).any(axis=1), dtype=np.bool_)
    built = {one.candidate.school_id for one in plan.measures if one.candidate is not None}
    own = np.array([site.school_id in built for site in model.sites], dtype=np.bool_)
    return np.asarray(serving[after] | own[model.problem.states.site[after]], dtype=np.bool_)


def _early(plan: BuildingPlan, areas: Sequence[LackingArea]) -> bool:
    """Return whether seats lack only before the first year in which something can open."""
    prices = plan.model.places.prices
    opens = plan.years[0] + min(prices.lead_new, prices.lead_enlarge)
    return all(area.year < opens for area in areas)


def _sorted(found: list[RelaxedLimit]) -> tuple[RelaxedLimit, ...]:
    return tuple(sorted(found, key=lambda one: (round(one.unserved), one.cost, one.lever)))


def relaxations_table(found: tuple[RelaxedLimit, ...], lang: Language) -> pd.DataFrame:
    """Return result table ``plan_relaxations``.

    Parameters
    ----------
    found
        The relaxations, best first.
    lang
        Language of the run.
    """
    table = result_table("plan_relaxations")
    rows = []
    for rank, one in enumerate(found, start=1):
        said = in_both(one.said)
        rows.append(
            {"rank": rank, **vars(one), "words": said[lang], "words_translated": said[other_language(lang)]}
        )
    frame = pd.DataFrame(rows, columns=[*table.column_names])
    return frame.astype(empty_frame(table).dtypes.to_dict())


@dataclass(frozen=True)
class _Lever:
    """A study without one limit, the limit, and how much of it a plan uses."""

    name: str
    study: Study
    now: float
    needed: Callable[[BuildingPlan], float]


def _levers(plan: BuildingPlan, stages: Collection[str]) -> Iterator[_Lever]:
    study = plan.model.places.study
    settings = study.plan.siting
    if settings.budget is not None or settings.budget_a_year is not None:
        yearly = settings.budget_a_year is not None
        yield _Lever(
            "budget_a_year" if yearly else "budget",
            _with(study, budget=None, budget_a_year=None),
            float(settings.budget_a_year if settings.budget_a_year is not None else settings.budget or 0.0),
            lambda plan: float(_by_year(plan.found.figures.spent, yearly=yearly)),
        )
    if settings.max_new_schools is not None or settings.new_schools_a_year is not None:
        yearly_ = settings.new_schools_a_year is not None
        most = settings.new_schools_a_year if yearly_ else settings.max_new_schools
        yield _Lever(
            "schools_a_year" if yearly_ else "schools",
            _with(study, max_new_schools=None, new_schools_a_year=None),
            float(most or 0),
            lambda plan: float(_by_year(plan.found.figures.opened, yearly=yearly_)),
        )
    yield _Lever("land", _with_land(study), np.nan, _land_needed)
    farthest = {stage: plan.model.places.bus_limit_m(stage) for stage in sorted(stages)}
    yield _Lever("reach", _with_reach(study, farthest), max(farthest.values(), default=0.0), _farthest)
    wider = _with_classes(study)
    if wider is not None:
        now = study.profile.at(study.target_year).number(_CAP)
        yield _Lever("temporary", wider, now, _most_classes)
    if settings.min_pupils > 0:
        yield _Lever("min_pupils", _with(study, min_pupils=0.0), settings.min_pupils, lambda _: 0.0)


def _by_year(amounts: np.ndarray, *, yearly: bool) -> float:
    return float(amounts.max(initial=0.0) if yearly else amounts.sum())


def _with(study: Study, **settings: object) -> Study:
    with unrecorded():  # a copy reads every field; what is read of it later is noted
        siting = study.plan.siting.model_copy(update=settings)
        return replace(study, plan=replace(study.plan, siting=siting))


def _with_land(study: Study) -> Study:
    """Return the study with land enough: every site free and large, schools not checked, places generated."""
    city = study.city
    sites = city.tables.get("sites")
    tables: Mapping[str, pd.DataFrame] = city.tables
    if sites is not None and len(sites):
        free = sites.assign(area_m2=_ENOUGH_M2, proposed_use=None, status="reserved", tenure="state")
        for limit in ("available_year", "max_classes"):
            free[limit] = pd.array([pd.NA] * len(free), dtype="Int64")
        tables = MappingProxyType({**tables, "sites": free})
    schools = city.schools
    if "site_area_m2" in schools.columns:
        schools = schools.assign(site_area_m2=np.nan)
    wider = _with(study, generate_sites=True, enlarge=True)
    return replace(wider, city=replace(city, tables=tables, schools=schools))


def _land_needed(plan: BuildingPlan) -> float:
    """Return the land that the new and enlarged schools need at least, m²."""
    needs = 0.0
    for one in plan.measures:
        if one.lasts and one.option is not None:
            needs += one.option.least_land_m2 or 0.0
    return needs


def _with_reach(study: Study, farthest: Mapping[str, float]) -> Study:
    """Return the study with twice the distance of buses; twice the walk where there are no buses."""
    farther = MappingProxyType({stage: _FARTHER * metres for stage, metres in farthest.items()})
    if study.profile.at(study.target_year).find("cost.bus") is None:
        return replace(study, reach_m=MappingProxyType({**study.reach_m, **farther}))
    return _with(study, bus_limit_m={**study.plan.siting.bus_limit_m, **farther})


def _farthest(plan: BuildingPlan) -> float:
    """Return the metres of the farthest pupils placed."""
    most = 0.0
    for market, placed in zip(plan.model.problem.markets, plan.found.figures.placements, strict=True):
        most = max(most, float(market.walk[placed.pupils > _FEW].max(initial=0.0)))
    return most


def _with_classes(study: Study) -> Study | None:
    """Return the study with twice the temporary classes a school; ``None`` where there is no such rule."""
    standards = study.profile.at(study.target_year)
    if standards.find(_CAP) is None or standards.find("cost.temporary_class") is None:
        return None
    most = max(2.0 * standards.number(_CAP), 1.0)
    with unrecorded():  # as above
        profile = with_overrides(study.profile, [Override(key=_CAP, value=most)])
        return replace(study, plan=replace(study.plan, profile=profile))


def _most_classes(plan: BuildingPlan) -> float:
    """Return the most temporary classes of a school in any year."""
    return max((float(one.classes.max()) for one in plan.measures if one.kind == "temporary"), default=0.0)
