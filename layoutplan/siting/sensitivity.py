"""What a plan hangs on (敏感性): the same study under other assumptions, and which measures stay in all.

Assumptions are changed one at a time: the reach, the cap of temporary classes, each kind of price, the level
of the demand. Every variant is planned by the same model with a wider gap and less work. Ids of measures are
those of places, so that a measure can be followed from variant to variant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import pandas as pd

from layoutplan.balance import Balance
from layoutplan.hotspots import Hotspots
from layoutplan.outlook import Outlook
from layoutplan.plan import Override
from layoutplan.siting.demand_level import DemandLevel, demand_at, usable_level
from layoutplan.siting.measures import NEW, BuildingPlan
from layoutplan.siting.planning import plan_measures
from layoutplan.standards import with_overrides
from layoutplan.study import Study
from layoutplan.watched import unrecorded

_CAP: Final = "temporary.classes"
_PRICES: Final = ("cost.per_seat", "cost.temporary_class", "cost.bus", "cost.purchased_seat", "cost.redraw")
_FACTORS: Final = (0.5, 2.0)
_NEARER: Final = (0.8, 1.25)
_LEVELS: Final[tuple[DemandLevel, ...]] = ("p10", "p50", "p90")
_GAP: Final = 0.05


@dataclass(frozen=True)
class Sensitivity:
    """Plans under other assumptions.

    Attributes
    ----------
    variants
        One row per variant: ``variant`` (what is changed, ``as_planned`` first), ``value`` (by what factor,
        to what number, or the demand level), ``unserved`` (pupil-years), ``cost`` (discounted),
        ``cost_ratio`` (to that of the first), ``new_schools``, ``seats_built``, ``gap`` (of the cost step),
        ``late`` (whether the clock cut it short: such a plan may be far from the best).
    measures
        One row per measure that is built in some variant: ``measure_id``, ``kind``, ``name``, ``variants``
        (in how many it stays), ``of`` (how many were not cut short), ``first_year``, ``last_year`` (earliest,
        latest opening), in most variants first.
    """

    variants: pd.DataFrame
    measures: pd.DataFrame


def sensitivity(
    study: Study, balance: Balance, hotspots: Hotspots, outlook: Outlook, *, time_limit_s: float = 900.0
) -> Sensitivity:
    """Plan a study again under other assumptions, one changed at a time.

    Parameters
    ----------
    study
        As for :func:`~layoutplan.siting.plan_measures`; takes about as long as siting for each variant.
    balance, hotspots
        Of today's layout: the places generated stay as they are.
    outlook
        Quantiles of demand; without draws there are no variants of demand.
    time_limit_s
        Time for each variant, seconds.

    Returns
    -------
    Sensitivity
        Tables of variants and measures.
    """
    rows, built = [], []
    for variant, value, changed in variations(study, outlook):
        plan = plan_measures(changed, balance, hotspots, time_limit_s=time_limit_s, relative_gap=_GAP)
        rows.append({"variant": variant, "value": value, **_figures(plan), "late": plan.found.late})
        if plan.found.late:
            continue
        built += [
            {
                "measure_id": one.id,
                "kind": one.kind,
                "name": one.candidate.name,
                "year": plan.years[one.first_year],
            }
            for one in plan.measures
            if one.candidate is not None
        ]
    variants = pd.DataFrame(rows)
    variants.insert(4, "cost_ratio", variants["cost"] / variants["cost"].iloc[0])
    return Sensitivity(variants, _stays(built, int((~variants["late"]).sum())))


def variations(study: Study, outlook: Outlook) -> Iterator[tuple[str, str, Study]]:
    """Yield what is changed, to what, and the study so changed; the study itself first.

    Parameters
    ----------
    study
        The study.
    outlook
        Quantiles of demand.
    """
    yield "as_planned", "", study
    for factor in _NEARER:
        farther = MappingProxyType({stage: factor * metres for stage, metres in study.reach_m.items()})
        yield "reach", f"{factor:g}", replace(study, reach_m=farther)
    standards = study.profile.at(study.target_year)
    if standards.find(_CAP) is not None:
        cap = standards.number(_CAP)
        for most in (cap - 1, cap + 1):
            if most >= 0:
                yield _CAP, f"{most:g}", _overridden(study, {(_CAP, ""): most})
    for key in _PRICES:
        prices = {
            (rule.key, rule.of): standards.number(rule.key, rule.of)
            for rule in standards.rules
            if rule.key == key
        }
        for factor in _FACTORS if prices else ():
            yield key, f"{factor:g}", _overridden(study, {of: factor * price for of, price in prices.items()})
    for level in _LEVELS:
        if usable_level(outlook, level) == level:
            yield "demand", level, replace(study, demand=demand_at(study, outlook, level=level))


def _overridden(study: Study, values: Mapping[tuple[str, str], float]) -> Study:
    with unrecorded():  # a copy reads every field; what is read of it later is noted
        changes = [Override(key=key, of=of, value=value) for (key, of), value in values.items()]
        profile = with_overrides(study.profile, changes)
        return replace(study, plan=replace(study.plan, profile=profile))


def _figures(plan: BuildingPlan) -> dict[str, float]:
    """Return the figures of a plan."""
    lasting = [one for one in plan.measures if one.lasts]
    steps = {step.name: step for step in plan.found.steps}
    return {
        "unserved": float(plan.found.figures.unserved.sum()),
        "cost": plan.found.figures.cost,
        "new_schools": sum(one.kind in NEW for one in lasting),
        "seats_built": float(sum(one.seats.sum(axis=0).max() for one in lasting)),
        "gap": steps["cost"].gap,
    }


def _stays(built: list[dict[str, object]], count: int) -> pd.DataFrame:
    """Return in how many variants each measure is."""
    names = ["measure_id", "kind", "name"]
    frame = pd.DataFrame(built, columns=[*names, "year"])
    counted = frame.groupby(names, sort=True)["year"].agg(["size", "min", "max"]).reset_index()
    found = counted.set_axis([*names, "variants", "first_year", "last_year"], axis=1)
    found = found.sort_values(["variants", "measure_id"], ascending=[False, True], kind="stable")
    found.insert(4, "of", count)
    return found.reset_index(drop=True)
