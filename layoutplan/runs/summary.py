"""Headline figures of a run: what ``summary.json`` holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from layoutplan.outputs.layout_titles import listed_layouts
from layoutplan.texts import other_language

if TYPE_CHECKING:
    from layoutplan.runs.record import RunRecord

_BASES = ("by_residence", "by_hukou", "by_permit", "by_hukou_and_permit")
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
    "share_within_circle",
    "mean_walk_m",
    "max_walk_m",
)
"""Columns of result table ``city_balance`` in the summary; the data dictionary says what each means."""

ACCESS_FIGURES = (
    "radius_m",
    "demand",
    "near",
    "seated",
    "share_near",
    "share_near_circle",
    "share_seated",
    "mean_access",
    "gini",
    "mismatch",
)
"""Columns of result tables ``coverage`` and ``access_inequality`` in the summary."""


def summarise(run: RunRecord, frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return the headline figures as JSON-able values, under these keys.

    ``name, scenario, base_year, target_year, years, stages, profile, currency, crs, walking``: what was run.
    ``residents, areas, units, catchments``: the size of the city.
    ``layouts``: a list of every layout, today's first: ``id``, ``title`` by language, ``proposals`` (whether
    it is that of the proposals).
    ``answers``: a list by stage, the worst first: ``stage``, worst ``year``, ``unserved``, ``net_short``,
    ``shortfall``, ``cost``, and ``said``, the answer in words by language.
    ``stages_by_year``: ``{layout: {stage: {year: {figure: value}}}}`` with the figures of ``STAGE_FIGURES``;
    ``null`` where a figure is not defined.
    ``outlook``: ``draws``; ``likely_short`` ``{stage: {year: catchments}}`` whose shortage is likelier than
    not; ``bands`` ``{stage: {year: {p10, p50, p90}}}`` of the whole city (both empty without draws);
    ``peaks`` ``{stage: {peak_year, peak, horizon, lasting, passing, kinds}}``: the year of the city's highest
    demand, that demand and that of the last year, seats missing for long and for a time in all catchments,
    and catchments by kind; ``estates_late``: estates occupied before their schools open; ``bases``: demand
    of the base year on each basis by stage, where the units table gives more than one.
    ``access``: ``{layout: {stage: {year: {figure: value}}}}`` of the whole city in the base and the target
    year, with the figures of ``ACCESS_FIGURES``.
    ``flags``: number of flags by rule. ``ledger``: number of cases by status.
    ``rules``: number of lines of the scorecard by section and status.
    ``hotspots``: ``count`` and ``pupils_short`` in the target year.
    ``proposals``: ``count``, ``seats``, ``cost``, ``pupils_served`` (unserved without them minus unserved
    with them, all stages, target year), ``temporary`` (schools with temporary classes), ``outcome``
    and ``gap`` of the first solve; ``null`` without siting.
    ``notes``: number of warnings and notices by code.

    Parameters
    ----------
    run
        The run.
    frames
        Its result tables.

    Returns
    -------
    dict
        JSON values.
    """
    plan, city = run.plan, run.city
    return {
        "name": city.name,
        "scenario": plan.scenario or "base",
        "base_year": city.base_year,
        "target_year": plan.general.target,
        "years": list(city.years),
        "stages": list(city.stages),
        "profile": plan.profile.id,
        "currency": plan.profile.currency,
        "crs": city.crs.to_string(),
        "walking": run.study.today.walks.method,
        "residents": _plain(city.units["residents"].sum()),
        "areas": len(city.areas),
        "units": len(city.units),
        "catchments": len(city.catchments),
        "layouts": [
            {"id": one.id, "title": dict(one.title), "proposals": one.proposals}
            for one in listed_layouts(frames)
        ],
        "answers": _answers(run, frames["answers"]),
        "stages_by_year": _by_stage_and_year(frames["city_balance"]),
        "outlook": _outlook(run, frames),
        "access": _access(frames),
        "flags": _counts(frames["flags"]["rule"]),
        "ledger": _counts(frames["ledger"]["status"]),
        "rules": {
            str(letter): _counts(lines["status"]) for letter, lines in frames["scorecard"].groupby("section")
        },
        "hotspots": {
            "count": len(frames["hotspots"]),
            "pupils_short": _plain(frames["hotspots"]["pupils_short"].sum()),
        },
        "proposals": _proposals(run, frames),
        "notes": _counts(pd.Series([note.code for note in run.notes], dtype="string")),
    }


def _answers(run: RunRecord, answers: pd.DataFrame) -> list[dict[str, Any]]:
    lang = run.study.lang
    return [
        {
            "stage": row["stage"],
            "year": int(row["year"]),
            **{name: _plain(row[name]) for name in ("unserved", "net_short", "shortfall", "cost")},
            "said": {lang: row["answer"], other_language(lang): row["answer_translated"]},
        }
        for row in answers.sort_values("rank").to_dict("records")
    ]


def _by_stage_and_year(city_balance: pd.DataFrame) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for row in city_balance.to_dict("records"):
        stages = tree.setdefault(row["layout"], {})
        years = stages.setdefault(row["stage"], {})
        years[str(row["year"])] = {name: _plain(row[name]) for name in STAGE_FIGURES}
    return tree


def _access(frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    key = ["layout", "stage", "year"]
    coverage = frames["coverage"]
    city = coverage[coverage["level"] == "city"].drop(columns="demand")
    tree: dict[str, Any] = {}
    for row in city.merge(frames["access_inequality"], on=key, sort=False).to_dict("records"):
        years = tree.setdefault(row["layout"], {}).setdefault(row["stage"], {})
        years[str(row["year"])] = {name: _plain(row[name]) for name in ACCESS_FIGURES}
    return tree


def _outlook(run: RunRecord, frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    bands, totals, peaks = frames["demand_bands"], frames["total_bands"], frames["peaks"]
    whole = totals[totals["level"] == "city"]
    likely = bands.assign(likely=bands["probability_short"] > 0.5)  # noqa: PLR2004
    return {
        "draws": run.outlook.draws,
        "likely_short": {
            stage: {str(year): int(count) for year, count in rows.groupby("year")["likely"].sum().items()}
            for stage, rows in likely.groupby("stage", sort=False)
        },
        "bands": {
            stage: {
                str(row["year"]): {name: _plain(row[name]) for name in ("p10", "p50", "p90")}
                for row in rows.to_dict("records")
            }
            for stage, rows in whole.groupby("stage", sort=False)
        },
        "peaks": {stage: _peak(run, stage, peaks[peaks["stage"] == stage]) for stage in run.city.stages},
        "estates_late": int(frames["estate_gaps"]["housing_id"].nunique()),
        "bases": {
            stage: {name: _plain(rows[name].sum(min_count=1)) for name in _BASES}
            for stage, rows in frames["area_bases"].groupby("stage", sort=False)
        },
    }


def _peak(run: RunRecord, stage: str, peaks: pd.DataFrame) -> dict[str, Any]:
    total = run.study.demand.pupils[stage].to_numpy(dtype=float).sum(axis=0)
    return {
        "peak_year": run.city.years[int(total.argmax())],
        "peak": _plain(total.max()),
        "horizon": _plain(total[-1]),
        "lasting": _plain(peaks["lasting_shortfall"].sum()),
        "passing": _plain(peaks["passing_shortfall"].sum()),
        "kinds": _counts(peaks["kind"]),
    }


def _proposals(run: RunRecord, frames: Mapping[str, pd.DataFrame]) -> dict[str, Any] | None:
    if run.proposal is None:
        return None
    found, proposed = frames["proposals"], run.evaluations[run.proposal.layout.id].balance
    year = run.plan.general.target
    before, after = (_unserved(balance.city, year) for balance in (run.balance, proposed))
    outcome = frames["siting_outcome"]
    return {
        "count": len(found),
        "seats": _plain(found["seats"].sum()),
        "cost": _plain(found["cost"].sum()),
        "pupils_served": _plain(before - after),
        "temporary": int((frames["measures"]["kind"] == "temporary").sum()),
        "outcome": str(outcome["outcome"].iloc[0]),
        "gap": _plain(outcome["gap"].iloc[0]),
    }


def _unserved(city_balance: pd.DataFrame, year: int) -> float:
    return float(city_balance.loc[city_balance["year"] == year, "unserved"].sum())


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in values.value_counts().sort_index().items()}


def _plain(value: Any) -> float | int | None:  # noqa: ANN401  a frame's cell
    """Return a JSON number: an integer if whole, otherwise six decimals; ``None`` for a missing value."""
    if pd.isna(value):
        return None
    rounded = round(float(value), 6)
    return int(rounded) if rounded.is_integer() else rounded
