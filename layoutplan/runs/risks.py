"""Result table ``risks``: what may turn out otherwise than the plan takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.outputs.wording import listed, share, stage_name, whole
from layoutplan.texts import LANGUAGES, Language, other_language, text

_LATE: Final = ("at_risk", "late", "overdue")
_NAMED: Final = 3

_Words = dict[Language, dict[str, Any]]


def risk_table(tables: Mapping[str, pd.DataFrame], *, remarks: int, lang: Language) -> pd.DataFrame:
    """Return result table ``risks``.

    Parameters
    ----------
    tables
        Result tables by name, ``answers`` included.
    remarks
        Warnings and notices on the input.
    lang
        Language of column ``risk``.

    Returns
    -------
    DataFrame
        The gravest first; at least one row.
    """
    found = [
        *_demand(tables),
        *_land(tables),
        *_delay(tables),
        *_passing(tables),
        *_unproven(tables),
        *([("data", _same(n=remarks))] if remarks else []),
    ] or [("assumptions", _same())]
    other = other_language(lang)
    rows = [
        {
            "rank": rank,
            "kind": kind,
            "risk": text(f"risks.{kind}", lang, **words[lang]),
            "risk_translated": text(f"risks.{kind}", other, **words[other]),
        }
        for rank, (kind, words) in enumerate(found, start=1)
    ]
    return pd.DataFrame(rows).astype(empty_frame(result_table("risks")).dtypes)


def _same(**words: Any) -> _Words:  # noqa: ANN401  whatever a text takes
    return dict.fromkeys(LANGUAGES, words)


def _demand(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, _Words]]:
    """Yield the range of the demand of the worst stage."""
    worst = tables["answers"].sort_values("rank").iloc[0]
    if pd.notna(worst["demand_p10"]):
        yield (
            "demand",
            {
                lang: {
                    "stage": stage_name(str(worst["stage"]), lang),
                    "year": int(worst["year"]),
                    "low": whole(worst["demand_p10"], lang),
                    "high": whole(worst["demand_p90"], lang),
                }
                for lang in LANGUAGES
            },
        )


def _land(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, _Words]]:
    """Yield how many new schools stand at places that the program generated."""
    measures = tables.get("measures")
    if measures is not None:
        kinds = measures["kind"].value_counts()
        indicative = int(kinds.get("build_indicative", 0))
        if indicative:
            yield "land", _same(n=indicative, all=indicative + int(kinds.get("build", 0)))


def _delay(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, _Words]]:
    """Yield the committed projects that are late."""
    projects = tables["programme"]
    late = projects.loc[projects["slip"].isin(_LATE), "name"].dropna().astype(str)
    if len(late):
        named = [*late.iloc[:_NAMED]]
        yield (
            "delay",
            {
                lang: {
                    "n": len(late),
                    "projects": listed([*named, *(["…"] if len(late) > _NAMED else [])], lang),
                }
                for lang in LANGUAGES
            },
        )


def _passing(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, _Words]]:
    """Yield at how many schools temporary classes carry pupils over a peak."""
    measures = tables.get("measures")
    if measures is not None:
        schools = measures.loc[measures["kind"] == "temporary", "school_id"].nunique()
        if schools:
            yield "passing", _same(n=int(schools))


def _unproven(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, _Words]]:
    """Yield the gap of the cost where the search ended before its proof."""
    outcome = tables.get("siting_outcome")
    if outcome is not None:
        gaps = outcome.loc[outcome["objective"] == "cost", "gap"].dropna().astype(float)
        if len(gaps) and gaps.iloc[0] > 0:
            yield "unproven", _same(gap=share(gaps.iloc[0]))
