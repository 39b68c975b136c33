"""The plan over the years agrees with itself: shortages divided by remedy, measures by year, costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from layoutplan.layouts import TODAY
from layoutplan.runs.agreement import differ, exceed
from layoutplan.runs.claims import Tables

_STEP: Final = ["stage", "year"]


def plan_contradictions(tables: Tables) -> Iterator[str]:
    """Yield where the plan's tables contradict each other or the balance of today's layout.

    Parameters
    ----------
    tables
        Result tables by name; without siting there is nothing to compare.

    Yields
    ------
    str
        One sentence each, for the developer.
    """
    if "remedies" not in tables:
        return
    yield from _shortages(tables)
    yield from _costs(tables)


def _shortages(tables: Tables) -> Iterator[str]:
    """Compare each shortage with its parts, the city's waterfall with them, and both with the balance."""
    rows, totals = tables["remedies"], tables["remedy_totals"].set_index(_STEP)
    parts = [*rows.loc[:, "shortfall":"main"].columns[1:-1]]
    yield from differ(
        "remedies of a shortage", rows[parts].astype(float).sum(axis=1), rows["shortfall"].astype(float)
    )
    by_step = rows.groupby(_STEP, observed=True)[["shortfall", *parts]].sum().astype(float)
    left = by_step["shortfall"]
    yield from differ("shortages of the catchments", left, totals["shortfall"])
    for part in parts[:-1]:
        left = left - by_step[part]
        yield from differ(f"shortage after {part}", left.clip(lower=0.0), totals[f"after_{part}"])
    yield from differ("shortage left", by_step[parts[-1]], totals["left"])
    catchments, city = tables["catchment_balance"], tables["city_balance"]
    today = catchments[catchments["layout"] == TODAY].groupby(_STEP, observed=True)["shortfall"].sum()
    yield from differ("shortage by catchment", today.reindex(totals.index).fillna(0.0), totals["shortfall"])
    # What lies in no catchment is short as well, and no remedy of a catchment answers it.
    whole = city[city["layout"] == TODAY].set_index(_STEP).reindex(totals.index)
    outside = whole["shortfall"].astype(float) - totals["shortfall"]
    yield from exceed("shortage divided", totals["shortfall"], whole["shortfall"].astype(float))
    yield from exceed("shortage outside catchments", outside, whole["outside_catchments"].astype(float))


def _costs(tables: Tables) -> Iterator[str]:
    """Compare what the measures cost by year with the plan's costs."""
    years, costs = tables["measure_years"], tables["plan_costs"].set_index("year")
    yield from differ("capital by year", years.groupby("year")["capital"].sum(), costs["capital"])
    paid = years["running"].astype(float)
    for name in ("temporary", "bus", "purchase"):
        own = paid.where(years["kind"] == name, 0.0).groupby(years["year"]).sum()
        yield from differ(f"cost of {name} by year", own, costs[name])
    parts = costs[["capital", "running", "temporary", "bus", "purchase"]].astype(float).sum(axis=1)
    yield from differ("costs of a year", parts, costs["total"].astype(float))
