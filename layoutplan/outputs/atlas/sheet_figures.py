"""Figures in the column of an atlas page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from layoutplan.layouts import TODAY
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.layout_titles import ListedLayout
from layoutplan.outputs.row_lookup import Frames, rows_by
from layoutplan.outputs.wording import metres, share, stage_name, whole
from layoutplan.texts import Language, text

_PEOPLE: Final = ("seats", "demand", "shortfall", "surplus", "unserved")
_FEW_LAYOUTS: Final = 2  # whose titles fit above their figures
_LAYOUTS_SHARE: Final = 0.54  # of the column


def balance_figures(
    frame: pd.DataFrame,
    stage: str,
    *,
    layouts: Sequence[ListedLayout],
    facts: ReportFacts,
    lang: Language,
) -> tuple[tuple[str, ...], ...]:
    """Return the figures of a stage in the target year, one column a layout, with their heads.

    Three layouts and more are numbered; the lines below the table say which is which.

    Parameters
    ----------
    frame : balance table
    stage : id of the stage
    layouts : the layouts shown
    facts, lang : gives the target year; language of the words
    """
    now = frame[(frame["stage"] == stage) & (frame["year"] == facts.target_year)]
    rows = rows_by(now, "layout")
    blank = [""] * (_FEW_LAYOUTS - len(layouts))
    lines = [("", *_heads(layouts, lang), *blank)]
    for figure in (*_PEOPLE, "share_within_radius", "mean_walk_m"):
        values = [rows[one.id,][figure] for one in layouts]
        if figure == "share_within_radius":
            shown = [share(value) for value in values]
        elif figure == "mean_walk_m":
            shown = [metres(value, lang) for value in values]
        else:
            shown = [whole(value, lang) for value in values]
        lines.append((text(f"atlas.{figure}", lang), *shown, *blank))
    return tuple(lines)


def _heads(layouts: Sequence[ListedLayout], lang: Language) -> list[str]:
    if len(layouts) <= _FEW_LAYOUTS:
        return [one.title[lang] for one in layouts]
    return [str(number) for number in range(1, len(layouts) + 1)]


def figure_widths(layouts: Sequence[ListedLayout]) -> tuple[float, ...]:
    """Return the shares of the column that the table of :func:`balance_figures` takes.

    Parameters
    ----------
    layouts : the layouts shown
    """
    count = max(_FEW_LAYOUTS, len(layouts))
    return (1 - _LAYOUTS_SHARE, *[_LAYOUTS_SHARE / count] * count)


def numbered_titles(layouts: Sequence[ListedLayout], lang: Language) -> tuple[str, ...]:
    """Return what the numbers at the head of a table mean; nothing where the titles stand there.

    Parameters
    ----------
    layouts, lang : the layouts shown, and language of their titles
    """
    if len(layouts) <= _FEW_LAYOUTS:
        return ()
    return tuple(f"{number}  {one.title[lang]}" for number, one in enumerate(layouts, start=1))


def overview_figures(tables: Frames, *, facts: ReportFacts, lang: Language) -> tuple[tuple[str, ...], ...]:
    """Return seats, demand and pupils unserved of every stage.

    Parameters
    ----------
    tables : result tables by name
    facts, lang : gives the stages and the target year; language of the words
    """
    frame = tables["city_balance"]
    rows = rows_by(frame[(frame["year"] == facts.target_year) & (frame["layout"] == TODAY)], "stage")
    figures = ("seats", "demand", "unserved")
    head = ("", *(text(f"atlas.{figure}", lang) for figure in ("seats", "demand", "unserved_short")))
    return (
        head,
        *(
            (stage_name(stage, lang), *(whole(rows[stage,][figure], lang) for figure in figures))
            for stage in facts.stages
        ),
    )
