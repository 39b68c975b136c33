"""Headline figures of a run: what ``summary.json`` holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from layoutplan.runs.pipeline import Run

STAGE_FIGURES = (
    "schools",
    "children",
    "seats",
    "demand",
    "balance",
    "shortfall",
    "surplus",
    "served",
    "unserved",
    "outside_catchments",
    "enrolment",
    "over_capacity_schools",
    "share_within_radius",
    "mean_walk_m",
    "max_walk_m",
)
"""Columns of result table ``city_balance`` in the summary; the data dictionary says what each means."""


def summarise(run: Run, frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return the headline figures as JSON-able values, under these keys.

    ``name, scenario, base_year, target_year, years, stages, profile, currency, crs, walking``: what was run.
    ``residents, areas, units, catchments``: the size of the city.
    ``stages_by_year``: ``{variant: {stage: {year: {figure: value}}}}`` with the figures of ``STAGE_FIGURES``;
    ``null`` where a figure is not defined.
    ``flags``: number of flags by rule. ``ledger``: number of cases by status.
    ``hotspots``: ``count`` and ``pupils_short`` in the target year.
    ``proposals``: ``count``, ``seats``, ``cost``, ``pupils_served`` (unserved without them minus unserved
    with them, all stages, target year), ``outcome`` and ``gap`` of the first solve; ``null`` without siting.
    ``notes``: number of warnings and notices by code.
    """
    plan, city = run.plan, run.city
    return {
        "name": city.name,
        "scenario": plan.scenario or "base",
        "base_year": city.base_year,
        "target_year": plan.plan.target,
        "years": list(city.years),
        "stages": list(city.stages),
        "profile": plan.profile.id,
        "currency": plan.profile.currency,
        "crs": city.crs.to_string(),
        "walking": run.pairs.method,
        "residents": _plain(city.units["residents"].sum()),
        "areas": len(city.areas),
        "units": len(city.units),
        "catchments": len(city.catchments),
        "stages_by_year": _by_stage_and_year(frames["city_balance"]),
        "flags": _counts(frames["flags"]["rule"]),
        "ledger": _counts(frames["ledger"]["status"]),
        "hotspots": {
            "count": len(frames["hotspots"]),
            "pupils_short": _plain(frames["hotspots"]["pupils_short"].sum()),
        },
        "proposals": _proposals(run, frames),
        "notes": _counts(pd.Series([note.code for note in run.notes], dtype="string")),
    }


def _by_stage_and_year(city_balance: pd.DataFrame) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for row in city_balance.to_dict("records"):
        stages = tree.setdefault(row["variant"], {})
        years = stages.setdefault(row["stage"], {})
        years[str(row["year"])] = {name: _plain(row[name]) for name in STAGE_FIGURES}
    return tree


def _proposals(run: Run, frames: Mapping[str, pd.DataFrame]) -> dict[str, Any] | None:
    if run.proposal is None or run.proposed is None:
        return None
    found = frames["proposals"]
    year = run.plan.plan.target
    before, after = (_unserved(balance.city, year) for balance in (run.balance, run.proposed))
    outcome = frames["siting_outcome"]
    return {
        "count": len(found),
        "seats": _plain(found["seats"].sum()),
        "cost": _plain(found["cost"].sum()),
        "pupils_served": _plain(before - after),
        "outcome": str(outcome["outcome"].iloc[0]),
        "gap": _plain(outcome["gap"].iloc[0]),
    }


def _unserved(city_balance: pd.DataFrame, year: int) -> float:
    return float(city_balance.loc[city_balance["year"] == year, "unserved"].sum())


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in values.value_counts().sort_index().items()}


def _plain(value: Any) -> float | int | None:  # noqa: ANN401  a frame's cell
    """Return a JSON number: whole where it is whole, else six decimals; ``None`` for a missing value."""
    if pd.isna(value):
        return None
    rounded = round(float(value), 6)
    return int(rounded) if rounded.is_integer() else rounded
