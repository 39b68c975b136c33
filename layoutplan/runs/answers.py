"""Result table ``answers``: what an official asks of each stage, with one sentence made from the tables."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.dictionary.rolls import rolls
from layoutplan.layouts import TODAY
from layoutplan.outputs.wording import listed, share, stage_name, whole, write_money
from layoutplan.texts import Language, in_both, other_language, text

_HALF: Final = 0.5
_PLACES: Final = 3
_BRIDGES: Final = ("temporary", "bus", "purchase")
"""Kinds of measures that carry pupils over a peak and build nothing."""

_Row = dict[Hashable, Any]


def answer_table(
    tables: Mapping[str, pd.DataFrame],
    *,
    stages: Sequence[str],
    target_year: int,
    proposed: str | None,
    currency: str,
    lang: Language,
) -> pd.DataFrame:
    """Return result table ``answers``.

    Parameters
    ----------
    tables
        Result tables by name.
    stages
        Stages of the plan.
    target_year
        Year that the proposals serve.
    proposed
        Layout of the proposals; ``None`` without siting.
    currency
        Code of the currency of costs.
    lang
        Language of column ``answer``.

    Returns
    -------
    DataFrame
        One row per stage, the worst first. Figures are those of the other tables.
    """
    rows = []
    for stage in stages:
        worst = _worst(tables, stage)
        after_year = max(int(worst["year"]), target_year)
        row = {
            **worst,
            "places": "; ".join(places) if (places := _places(tables, stage, worst["year"])) else None,
            **_proposed(tables, stage, year=after_year, proposed=proposed),
            "after_year": after_year,
        }
        said = in_both(partial(_said, row, places, currency))
        rows.append({**row, "answer": said[lang], "answer_translated": said[other_language(lang)]})
    order = sorted(range(len(rows)), key=lambda at: (-round(rows[at]["unserved"], 6), -_net(rows[at]), at))
    blank = pd.DataFrame(empty_frame(result_table("answers")))
    ranked = [{**rows[at], "rank": rank} for rank, at in enumerate(order, start=1)]
    return pd.DataFrame(ranked)[[*blank.columns]].astype(blank.dtypes)


def _net(row: Mapping[Hashable, Any]) -> float:
    return float(row["demand"]) - float(row["seats"])


def _worst(tables: Mapping[str, pd.DataFrame], stage: str) -> _Row:
    """Return the figures of the stage in its worst year."""
    city, bands = tables["city_balance"], tables["total_bands"]
    rows = city[(city["layout"] == TODAY) & (city["stage"] == stage)].sort_values("year")
    later = rows if len(rows) == 1 else rows.iloc[1:]
    pressure = later["demand"] - later["seats"]
    order = pd.DataFrame({"unserved": later["unserved"].round(6), "pressure": pressure.round(6)})
    found = later.loc[order.sort_values(["unserved", "pressure"], ascending=False, kind="stable").index[0]]
    lacking = rows.loc[rows["unserved"] >= _HALF, "year"]
    band = bands[(bands["level"] == "city") & (bands["stage"] == stage) & (bands["year"] == found["year"])]
    told = band.iloc[0] if len(band) else pd.Series(dtype=float)
    levels = {"": found["demand"], **{f"_{name}": told.get(name) for name in ("p10", "p90")}}
    demand = pd.Series(levels).astype(float)
    net = (demand - float(found["seats"])).clip(lower=0.0)
    return {
        "stage": stage,
        "year": int(found["year"]),
        **{name: found[name] for name in ("seats", "shortfall", "unserved")},
        **demand.add_prefix("demand"),
        **net.add_prefix("net_short"),
        "first_year": int(lacking.iloc[0]) if len(lacking) else pd.NA,
        "probability_short": told.get("probability_short", np.nan),
    }


def _places(tables: Mapping[str, pd.DataFrame], stage: str, year: int) -> list[str]:
    """Return the names of the places where most is lacking in a year: hotspots are of the target year."""
    spots = tables["hotspots"]
    named = spots.loc[(spots["stage"] == stage) & (spots["year"] == year), "name"].dropna()
    if len(named):
        return [str(name) for name in named.iloc[:_PLACES]]
    for table, lacking in (("catchment_balance", "shortfall"), ("district_balance", "unserved")):
        rows = tables[table]
        now = rows[(rows["layout"] == TODAY) & (rows["stage"] == stage) & (rows["year"] == year)]
        short = now[now[lacking] >= _HALF].sort_values(lacking, ascending=False, kind="stable")
        if len(short):
            return [str(name) for name in short["name"].dropna().iloc[:_PLACES]]
    return []


def _proposed(tables: Mapping[str, pd.DataFrame], stage: str, *, year: int, proposed: str | None) -> _Row:
    """Return what is proposed for the stage; nulls without siting."""
    if proposed is None:
        counts: _Row = dict.fromkeys(("new_schools", "enlarged", "temporary"), pd.NA)
        return {
            **counts,
            **dict.fromkeys(("seats_added", "cost", "bridging", "unserved_after", "bused"), np.nan),
        }
    frame, city = tables["proposals"], tables["city_balance"]
    added = rolls(frame, stage)["seats"].fillna(0.0)
    own = frame[added > 0]
    measures = tables["measures"]
    passing = (measures["kind"] == "temporary") & (rolls(measures, stage)["seats"] > 0)
    here = (city["layout"] == proposed) & (city["stage"] == stage) & (city["year"] == year)
    part = added[added > 0] / own["seats"].astype(float)
    return {
        "new_schools": int((own["action"] == "new").sum()),
        "enlarged": int(own["action"].isin(["enlarge", "convert"]).sum()),
        "temporary": int(passing.sum()),
        "seats_added": float(added.sum()),
        "cost": float((own["cost"].astype(float) * part).sum(min_count=1)) if len(own) else 0.0,
        "bridging": bridging(tables, stage),
        "unserved_after": (left := float(city.loc[here, "unserved"].sum())),
        "bused": min(left, _bused(tables, stage, year)),
    }


def _bused(tables: Mapping[str, pd.DataFrame], stage: str, year: int) -> float:
    """Return the pupils of a stage whom the plan takes by bus in a year."""
    years, measures = tables["measure_years"], tables["measures"]
    buses = measures.loc[(measures["kind"] == "bus") & (measures["stage"] == stage), "measure_id"]
    here = years["measure_id"].isin(buses) & (years["year"] == year)
    return float(years.loc[here, "pupils"].sum())


def bridging(tables: Mapping[str, pd.DataFrame], stage: str) -> float:
    """Return what temporary classes, buses and purchased seats of a stage cost in all years of the plan.

    Parameters
    ----------
    tables
        Result tables ``measures`` and ``measure_years``.
    stage
        Stage id.
    """
    measures = tables["measures"].set_index("measure_id")
    passing = measures[measures["kind"].isin(_BRIDGES)]
    years = tables["measure_years"]
    spent = years.loc[years["measure_id"].isin(passing.index[passing["stage"] == stage]), "running"]
    return float(spent.astype(float).sum())


def _said(row: Mapping[Hashable, Any], places: Sequence[str], currency: str, lang: Language) -> str:
    """Return the row in words."""
    lacking, net = row["unserved"] >= _HALF, row["net_short"] >= _HALF
    band = ""
    if pd.notna(row["demand_p10"]):
        words = {name: whole(row[f"demand_{name}"], lang) for name in ("p10", "p90")}
        band = text("answers.band", lang, **words)
    parts = [
        text(
            f"answers.{('short' if net else 'uneven') if lacking else 'enough'}",
            lang,
            stage=stage_name(str(row["stage"]), lang),
            year=row["year"],
            band=band,
            **{name: whole(row[name], lang) for name in ("unserved", "demand", "seats")},
        )
    ]
    if lacking:
        parts.append(text("answers.since", lang, first=row["first_year"]))
    if pd.notna(row["shortfall"]) and row["shortfall"] >= _HALF:
        parts.append(text("answers.gross", lang, shortfall=whole(row["shortfall"], lang)))
    if places and (lacking or (pd.notna(row["shortfall"]) and row["shortfall"] >= _HALF)):
        parts.append(text("answers.where", lang, places=text("document.list.items", lang).join(places)))
    if net and pd.notna(row["probability_short"]):
        parts.append(text("answers.likely", lang, share=share(row["probability_short"], digits=0)))
    if lacking:
        parts.append(_said_proposed(row, currency, lang))
    return text("document.list.gap", lang).join(parts)


def _said_proposed(row: Mapping[Hashable, Any], currency: str, lang: Language) -> str:
    if pd.isna(row["seats_added"]):
        return text("answers.left_out", lang)
    counts = {"new": row["new_schools"], "enlarge": row["enlarged"], "temporary": row["temporary"]}
    mix = [text(f"answers.mix.{name}", lang, n=count) for name, count in counts.items() if count]
    bridging = float(row["bridging"])
    if not mix and bridging < _HALF:
        return text("answers.none", lang)
    mix = mix or [text("answers.mix.none", lang)]
    added = bridged = ""
    if row["seats_added"] >= _HALF:
        cost = write_money(row["cost"], lang, currency=currency)
        added = text("answers.added", lang, seats=whole(row["seats_added"], lang), cost=cost)
    if bridging >= _HALF:
        bridged = text("answers.bridged", lang, cost=write_money(bridging, lang, currency=currency))
    left, bused = row["unserved_after"], row["bused"]
    most = "" if left - bused >= _HALF else "_bused"
    return text(
        f"answers.proposed{most if left >= _HALF else '_all'}",
        lang,
        mix=listed(mix, lang),
        added=added,
        bridged=bridged,
        left=whole(left, lang),
        after=row["after_year"],
    )
