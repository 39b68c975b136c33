"""What the plan does for a shortage step by step, and what it does year by year, read from its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from layoutplan.layouts import TODAY
from layoutplan.outputs.row_lookup import Frames
from layoutplan.texts import Language, number, rounded, text

STEPS: Final = ("redraw", "bridge", "enlarge", "build")
"""Groups of remedies in the order of the waterfall; what is left after them is left."""
_GROUP: Final = {
    "redraw": "redraw",
    "bus": "bridge",
    "purchase": "bridge",
    "temporary": "bridge",
    "convert": "enlarge",
    "enlarge": "enlarge",
    "build": "build",
    "build_indicative": "build",
}
"""Group of each kind of measure; a kind without a group is a defect."""
BUILT: Final = ("convert", "enlarge", "build", "build_indicative")
_PASSING: Final = ("redraw", "bus", "purchase", "temporary")


@dataclass(frozen=True)
class PlanYear:
    """What the plan does in one school year.

    Attributes
    ----------
    year
        School year.
    opens
        Names and seats of what opens or is enlarged.
    temporary
        Temporary classes in force.
    bridged
        What passes: kind, what is counted (``seats`` or ``pupils``) and how many, in the order of the kinds.
    capital
        Capital paid.
    running
        What else the year costs.
    unserved
        Pupils for whom the plan has no seat.
    """

    year: int
    opens: tuple[tuple[str, float], ...]
    temporary: float
    bridged: tuple[tuple[str, str, float], ...]
    capital: float
    running: float
    unserved: float


def waterfall(tables: Frames, stage: str) -> pd.DataFrame:
    """Return what is left of a stage's shortage after each group of remedies.

    Parameters
    ----------
    tables
        Result tables by name.
    stage
        Id of the stage.

    Returns
    -------
    DataFrame
        A row per year with a shortage (index ``year``): whole pupils ``shortfall``, then after each of
        ``STEPS``, then ``left``, so that the steps shown add up to the shortage; ``left_beyond``, pupils whom
        the plan leaves beyond it. Empty without siting, and for a stage without catchments.
    """
    columns = ["shortfall", *STEPS, "left", "left_beyond"]
    totals = tables.get("remedy_totals")
    if totals is None:
        return pd.DataFrame(columns=columns)
    own = totals[totals["stage"] == stage].set_index("year")
    after = own[[name for name in own if str(name).startswith("after_")]].astype(float)
    before = pd.concat([own[["shortfall"]].astype(float), after], axis=1).shift(axis=1)[after.columns]
    met = (before - after).rename(columns=lambda name: _GROUP[name.removeprefix("after_")])
    by_step = met.T.groupby(level=0).sum().T.reindex(columns=list(STEPS), fill_value=0.0)
    found = by_step.cumsum(axis=1).rsub(own["shortfall"].astype(float), axis=0).clip(lower=0.0)
    found.insert(0, "shortfall", own["shortfall"].astype(float))
    beyond = own["left_beyond"].astype(float)
    return found.assign(left=found[STEPS[-1]], left_beyond=beyond).map(rounded)


def waterfall_notes(tables: Frames, stage: str, year: int, lang: Language) -> list[str]:
    """Return what a waterfall does not show: the shortage outside catchments, and who is left beyond it.

    Parameters
    ----------
    tables
        Result tables by name.
    stage, year
        Whose waterfall it is.
    lang
        Language of the sentences.

    Returns
    -------
    list of str
        Up to two sentences; those of nobody are left out.
    """
    notes = []
    if outside := shortage_outside(tables, stage, year):
        notes.append(text("document.waterfall.outside", lang, n=number(outside, lang)))
    found = waterfall(tables, stage)
    if year in found.index and (beyond := int(found["left_beyond"].loc[year])):
        notes.append(text("document.waterfall.beyond", lang, n=number(beyond, lang)))
    return notes


def shortage_outside(tables: Frames, stage: str, year: int) -> int:
    """Return the seats that pupils who live in no catchment lack, of today's layout.

    Parameters
    ----------
    tables
        Result tables by name.
    stage, year
        Stage and year.

    Returns
    -------
    int
        The city's shortage within catchments less that of the catchments; 0 for a stage without any.
    """
    city, catchments = (
        frame[(frame["layout"] == TODAY) & (frame["stage"] == stage) & (frame["year"] == year)]
        for frame in (tables["city_balance"], tables["catchment_balance"])
    )
    if catchments.empty:
        return 0
    return max(0, int(rounded(float(city["shortfall"].sum()) - float(catchments["shortfall"].sum()))))


def remedies_by_step(tables: Frames) -> pd.DataFrame:
    """Return what answers each catchment's shortage, by group of remedies.

    Parameters
    ----------
    tables
        Result tables by name.

    Returns
    -------
    DataFrame
        Columns ``catchment_id``, ``year``, ``shortfall``, each of ``STEPS``, ``left``, ``cost``, ``main``;
        empty without siting.
    """
    rows = tables.get("remedies")
    columns = ["catchment_id", "year", "shortfall", *STEPS, "left", "cost", "main"]
    if rows is None:
        return pd.DataFrame(columns=columns)
    kinds = [str(name) for name in rows.loc[:, "shortfall":"main"].columns[1:-1]]
    parts = rows[kinds].astype(float)
    parts.columns = pd.Index(["left" if name == "none" else _GROUP[name] for name in kinds])
    by_step = parts.T.groupby(level=0).sum().T.reindex(columns=[*STEPS, "left"], fill_value=0.0)
    return pd.concat([rows[["catchment_id", "year", "shortfall", "cost", "main"]], by_step], axis=1)[columns]


def stands_indicatively(tables: Frames, proposals: pd.DataFrame) -> list[bool]:
    """Say of each proposal whether its place is indicative: the land has still to be found.

    Parameters
    ----------
    tables
        Result tables by name.
    proposals
        Rows of result table ``proposals``.

    Returns
    -------
    list of bool
        In the order of the rows.
    """
    measures = tables.get("measures")
    if measures is None:
        return [False] * len(proposals)
    found = measures.loc[measures["kind"] == "build_indicative", "school_id"]
    return [bool(one) for one in proposals["school_id"].isin([*found])]


def plan_years(tables: Frames) -> list[PlanYear]:
    """Return the plan year by year.

    Parameters
    ----------
    tables
        Result tables by name.

    Returns
    -------
    list of PlanYear
        Empty without a plan over the years.
    """
    costs, measures = tables.get("plan_costs"), tables.get("measures")
    if costs is None or measures is None or measures.empty:
        return []
    built = measures[measures["kind"].isin(BUILT)]
    classes = tables["measure_years"].query("kind == 'temporary'").groupby("year")["classes"].sum()
    return [
        PlanYear(
            year=int(row["year"]),
            opens=tuple(
                (str(one["name"]), float(one["seats"]))
                for one in built[built["first_year"] == row["year"]].to_dict("records")
            ),
            temporary=float(classes.get(row["year"], 0.0)),
            bridged=_bridged(tables["measure_years"], int(row["year"])),
            capital=float(row["capital"]),
            running=float(row["total"] - row["capital"]),
            unserved=float(row["unserved"]),
        )
        for row in costs.to_dict("records")
    ]


def _bridged(rows: pd.DataFrame, year: int) -> tuple[tuple[str, str, float], ...]:
    """Return what passes in a year: seats where a kind gives any, else pupils."""
    passing = rows[(rows["year"] == year) & rows["kind"].isin(_PASSING)]
    sums = passing.groupby("kind", sort=False)[["seats", "pupils"]].sum()
    return tuple(
        (str(kind), "seats", float(one["seats"]))
        if one["seats"] > 0
        else (str(kind), "pupils", float(one["pupils"]))
        for kind, one in sums.iterrows()
    )
