"""One tidy table of the figures of scenarios: scenario × layout × stage × year × figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

NamedFigure = tuple[str, str, int, str, float | None]
"""Layout, stage, year, name and value."""

FIGURE_COLUMNS: Final = ("plan", "scenario", "layout", "stage", "year", "figure", "value")
ALL_STAGES: Final = "all"
"""Value of ``stage`` for figures of the whole plan."""

_SHARES: Final = ("share_within_radius", "share_within_circle", "gini", "mismatch", "gap", "mean_access")
_BANDS: Final = ("p10", "p50", "p90")


def scenario_figures(summary: Mapping[str, Any], *, plan: str, scenario: str) -> list[tuple[Any, ...]]:
    """Return the figures of one run, rounded as the summary of a run prints them.

    Parameters
    ----------
    summary
        As :func:`~layoutplan.runs.summary.summarise` returns it.
    plan, scenario
        Names of the plan and the scenario.

    Returns
    -------
    list of tuple
        Rows of :data:`FIGURE_COLUMNS`: the figures of every layout, stage and year; the demand exceeded with
        a probability of 90, 50 and 10 % (``demand_p10``, ``demand_p50``, ``demand_p90``); and, in the target
        year for all stages, pupils without a seat, hotspots, flags, and number, seats, cost and cost per
        pupil placed of the proposals. Counts are whole, shares have three decimals; a figure that is not
        defined is null.
    """
    named = (plan, scenario)
    return [
        (*named, layout, stage, year, figure, _rounded(figure, value))
        for part in (_by_stage(summary), _bands(summary), _whole(summary))
        for layout, stage, year, figure, value in part
    ]


def _by_stage(summary: Mapping[str, Any]) -> Iterator[NamedFigure]:
    for layout, stages in summary["stages_by_year"].items():
        for stage, years in stages.items():
            for year, figures in years.items():
                for figure, value in figures.items():
                    yield layout, stage, int(year), figure, value


def _bands(summary: Mapping[str, Any]) -> Iterator[NamedFigure]:
    today = summary["layouts"][0]["id"]
    for stage, years in summary["outlook"]["bands"].items():
        for year, bands in years.items():
            for band in _BANDS:
                yield today, stage, int(year), f"demand_{band}", bands.get(band)


def _whole(summary: Mapping[str, Any]) -> Iterator[NamedFigure]:
    today, target, proposals = summary["layouts"][0]["id"], summary["target_year"], summary["proposals"]
    for layout, stages in summary["stages_by_year"].items():
        known = [years[str(target)]["unserved"] for years in stages.values()]
        yield layout, ALL_STAGES, target, "unserved", None if None in known else sum(known)
    yield today, ALL_STAGES, target, "hotspots", summary["hotspots"]["count"]
    yield today, ALL_STAGES, target, "flags", sum(summary["flags"].values())
    for layout in [one["id"] for one in summary["layouts"] if proposals and one["proposals"]]:
        for figure in ("count", "seats", "cost"):
            yield layout, ALL_STAGES, target, f"proposals_{figure}", proposals[figure]
        each = cost_per_pupil_placed(*(proposals[name] for name in ("count", "cost", "pupils_served")))
        yield layout, ALL_STAGES, target, "cost_per_pupil_placed", each


def cost_per_pupil_placed(count: int, cost: float | None, placed: float | None) -> float | None:
    """Return the cost of proposals over the pupils they place.

    Parameters
    ----------
    count
        Number of proposals.
    cost
        Their cost; ``None`` if not known.
    placed
        Pupils whom the plan places; ``None`` if not known.

    Returns
    -------
    float or None
        ``None`` without proposals, without pupils, or where either is not known.
    """
    if count == 0 or cost is None or not placed or placed <= 0:
        return None
    return cost / placed


def figure_table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Return rows of :func:`scenario_figures` as a table.

    Parameters
    ----------
    rows
        The rows.

    Returns
    -------
    DataFrame
        With :data:`FIGURE_COLUMNS`.
    """
    table = pd.DataFrame(rows, columns=list(FIGURE_COLUMNS))
    return table.astype({"year": "Int64", "value": float, **dict.fromkeys(("plan", "scenario"), "string")})


def _rounded(figure: str, value: float | None) -> float | None:
    if value is None:
        return None
    return round(float(value), 3) if figure in _SHARES else float(round(value))
