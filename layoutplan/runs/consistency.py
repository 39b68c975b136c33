"""The consistency gate: what a run is about to publish must agree with itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from layoutplan.errors import DefectError
from layoutplan.layouts import TODAY
from layoutplan.runs.agreement import KEY, PUPIL, differ, exceed, same, slack, sums
from layoutplan.runs.claims import Tables, false_claims
from layoutplan.runs.consistency_plan import plan_contradictions
from layoutplan.texts import rounded

_OF_CITY: Final = {"short": "unserved"}
_SAID: Final = 10
"""Contradictions named in the message; the rest are counted."""


def check_consistency(tables: Tables, summary: Mapping[str, Any]) -> None:
    """Refuse results that contradict each other.

    Parameters
    ----------
    tables
        Result tables by name.
    summary
        Content of ``summary.json``.

    Raises
    ------
    DefectError
        Names the contradictions of :func:`contradictions`. No input may lead here.
    """
    found = contradictions(tables, summary)
    if found:
        more = [f"and {len(found) - _SAID} more"] if len(found) > _SAID else []
        raise DefectError("; ".join([*found[:_SAID], *more]))


def contradictions(tables: Tables, summary: Mapping[str, Any]) -> list[str]:
    """Return every contradiction between tables, headlines and sentences; empty if there is none.

    * Parts add up to their headline: homes, schools, catchments and districts to the city; hotspots and
      proposals to the summary.
    * Figures that follow from each other do: balance, pupils with and without a seat, gross and net shortage.
    * No sentence says another number than its row, or what its row denies (:mod:`layoutplan.runs.claims`).
    * Hotspots of a stage have distinct names and places 1, 2, … without gaps.
    * The plan over the years divides each shortage, and its costs, without a rest
      (:mod:`layoutplan.runs.consistency_plan`).

    Parameters
    ----------
    tables
        Result tables by name.
    summary
        Content of ``summary.json``.

    Returns
    -------
    list of str
        One sentence each, in English: they are for the developer.
    """
    return [
        *_parts(tables),
        *_derived(tables["city_balance"]),
        *_headlines(tables, summary),
        *_hotspots(tables),
        *_proposals(tables, summary),
        *_answers(tables, summary),
        *plan_contradictions(tables),
        *false_claims(tables),
    ]


def _parts(tables: Tables) -> Iterator[str]:
    """Compare the city with the sums of homes, schools, catchments and districts."""
    city = tables["city_balance"].set_index(KEY)
    units, schools = tables["unit_demand"], tables["school_balance"]
    for figure in ("demand", "served", "unserved", "short", "boarders"):
        yield from differ(f"{figure} of the units", sums(units, figure), city[_OF_CITY.get(figure, figure)])
    assigned = schools.assign(counted=schools["assigned"] + schools["spare"])
    yield from differ("seats of the schools", sums(assigned, "counted"), city["seats"])
    catchments = tables["catchment_balance"]
    zoned = city[city["outside_catchments"].notna()]
    inside = sums(catchments, "demand").reindex(zoned.index).fillna(0.0) + zoned["outside_catchments"]
    yield from differ("demand of the catchments and outside", inside, zoned["demand"])
    for name, figures in (
        ("catchment_balance", ("demand", "seats", "shortfall", "surplus")),
        ("district_balance", ("demand", "served", "unserved", "shortfall", "surplus")),
    ):
        for figure in figures:
            yield from exceed(f"{figure} in {name}", sums(tables[name], figure), city[figure])


def _derived(city: pd.DataFrame) -> Iterator[str]:
    """Compare figures of the city that follow from each other."""
    rows = city.set_index(KEY).astype({"outside_catchments": float})
    demand, seats, unserved = rows["demand"], rows["seats"], rows["unserved"]
    yield from differ("balance", rows["balance"], seats - demand)
    yield from differ("pupils with and without a seat", rows["served"] + unserved, demand)
    yield from exceed("net shortage", demand - seats - rows["boarders"], unserved)
    gross = rows[rows["shortfall"].notna()]
    yield from differ("gross shortage less surplus", gross["shortfall"] - gross["surplus"], -gross["balance"])


def _headlines(tables: Tables, summary: Mapping[str, Any]) -> Iterator[str]:
    """Compare the summary with the tables, cell by cell."""
    said = {
        (layout, stage, int(year)): figures
        for layout, stages in summary["stages_by_year"].items()
        for stage, years in stages.items()
        for year, figures in years.items()
    }
    for row in tables["city_balance"].to_dict("records"):
        place = (row["layout"], row["stage"], int(row["year"]))
        for name, value in said[place].items():
            if not same(value, row[name]):
                yield f"summary says {name} {value} at {place}, the table {row[name]}"
    flags = tables["flags"]["rule"].value_counts()
    if {str(rule): int(count) for rule, count in flags.items()} != summary["flags"]:
        yield f"summary counts flags {summary['flags']}, the table {dict(flags)}"


def _hotspots(tables: Tables) -> Iterator[str]:
    """Check the hotspots against the pupils of their stage, and their names and places."""
    spots, city = tables["hotspots"], tables["city_balance"]
    today = city[city["layout"] == TODAY]
    for (stage, year), rows in spots.groupby(["stage", "year"], observed=True):
        lacking, all_lacking = float(rows["pupils_short"].sum()), _cell(today, stage, year, "unserved")
        if lacking > all_lacking + slack(all_lacking):
            yield f"hotspots of {stage} hold {lacking} pupils without a seat, the city {all_lacking}"
        if sorted(rows["rank"]) != [*range(1, len(rows) + 1)]:
            yield f"hotspots of {stage} are numbered {sorted(rows['rank'])}"
        if rows["name"].duplicated().any():
            yield f"hotspots of {stage} share a name: {[*rows['name'][rows['name'].duplicated()]]}"
        if (rows["pupils_short"] > rows["demand"] + PUPIL).any():
            yield f"a hotspot of {stage} has more pupils without a seat than pupils"
        if (rows["seats_short"] != rows["pupils_short"].map(rounded)).any():
            yield f"a hotspot of {stage} lacks other seats than it has pupils without one"


def _proposals(tables: Tables, summary: Mapping[str, Any]) -> Iterator[str]:
    """Compare the proposals with the summary and with the seats of their layout."""
    found = tables.get("proposals")
    if found is None:
        return
    headline = summary["proposals"]
    for name, value in (
        ("count", len(found)),
        ("seats", found["seats"].sum()),
        ("cost", found["cost"].sum()),
    ):
        if not same(headline[name], value):
            yield f"summary says {name} of proposals {headline[name]}, the table {value}"
    by_stage = found[[name for name in found if str(name).startswith("seats_")]].astype(float)
    yield from differ("seats of the proposals by stage", by_stage.sum(axis=1), found["seats"].astype(float))
    if found["proposal_id"].duplicated().any():
        yield "a proposal is listed twice"


def _cell(city: pd.DataFrame, stage: object, year: object, figure: str) -> float:
    return float(city.loc[(city["stage"] == stage) & (city["year"] == year), figure].sum())


def _answers(tables: Tables, summary: Mapping[str, Any]) -> Iterator[str]:
    """Compare the answers with the city, the proposals and the summary."""
    answers, city = tables["answers"], tables["city_balance"]
    today = city[city["layout"] == TODAY]
    for row in answers.to_dict("records"):
        for figure in ("demand", "seats", "unserved"):
            value = _cell(today, row["stage"], row["year"], figure)
            if not same(value, row[figure]):
                yield f"the answer of {row['stage']} says {figure} {row[figure]}, the city {value}"
        most = today.loc[(today["stage"] == row["stage"]) & (today["year"] > today["year"].min()), "unserved"]
        if len(most) and float(most.max()) > float(row["unserved"]) + PUPIL:
            yield f"the answer of {row['stage']} is not of its worst year"
    proposals = tables.get("proposals")
    if proposals is not None and not same(float(answers["cost"].sum()), float(proposals["cost"].sum())):
        yield f"the answers cost {answers['cost'].sum()}, the proposals {proposals['cost'].sum()}"
    said = [one["stage"] for one in summary["answers"]]
    if said != [*answers.sort_values("rank")["stage"]]:
        yield f"the summary answers in the order {said}"
