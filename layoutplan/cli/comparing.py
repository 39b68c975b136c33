"""What ``layoutplan compare`` prints: figures side by side, what differs, and which measures are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import pandas as pd
from rich.table import Table
from rich.text import Text

from layoutplan.cli.printing import out, printed_figure
from layoutplan.outputs.words import compared_stage
from layoutplan.texts import Language, Said, text

if TYPE_CHECKING:
    from layoutplan.runs.stored import StoredRun

_MOST_COLUMNS: Final = 3
"""Runs that fit side by side at 80 columns; of more, each run is a row."""
_OF_STAGES: Final = ("demand", "seats", "unserved")
_OF_ALL: Final = ("proposals_count", "proposals_cost", "cost_per_pupil_placed", "hotspots")
_SHOWN: Final = 15


def print_comparison(frame: pd.DataFrame, titles: Mapping[str, Said], lang: Language) -> None:
    """Print scenarios side by side: one row per stage and figure; ``a → b`` are the layouts in their order.

    Parameters
    ----------
    frame
        From :func:`~layoutplan.runs.compare_runs`.
    titles
        Titles of the layouts by id, in order.
    lang
        Language.
    """
    if len(frame.columns) - 3 > _MOST_COLUMNS:
        _print_rows(frame, lang)
    else:
        _print_columns(frame, lang)
    if len(titles) > 1:
        named = " → ".join(title[lang] for title in titles.values())
        out.print(text("cli.compare_layouts", lang, layouts=named))


def _print_columns(frame: pd.DataFrame, lang: Language) -> None:
    table = Table(title=text("cli.compare_title", lang), title_justify="left")
    table.add_column(text("report.compare.stage", lang), no_wrap=True)
    table.add_column(text("report.compare.figure", lang))
    scenarios = list(frame.columns[3:])
    for name in scenarios:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for (stage, figure), rows in frame.groupby(["stage", "figure"], sort=False):
        cells = []
        for name in scenarios:
            shown = [printed_figure(value, str(figure), lang) for value in rows[name]]
            cells.append(" → ".join(shown if len(set(shown)) > 1 else shown[:1]))
        words = [compared_stage(str(stage), lang), text(f"report.compare.values.{figure}", lang)]
        table.add_row(*words, *cells)
    out.print(table)


def _print_rows(frame: pd.DataFrame, lang: Language) -> None:
    """Print one table per stage with a run in each row, and the change of the pupils without a seat."""
    names = list(frame.columns[3:])
    for stage, rows in frame.groupby("stage", sort=False):
        known = [name for name in (*_OF_STAGES, *_OF_ALL) if name in set(rows["figure"])]
        table = Table(title=Text(compared_stage(str(stage), lang)), title_justify="left")
        table.add_column(text("cli.batch.scenario", lang), overflow="fold")
        for figure in known:
            table.add_column(text(f"cli.figure.{figure}", lang), justify="right")
        if "unserved" in known:
            table.add_column(text("cli.compare.against", lang, name=names[0]), justify="right")
        for name in names:
            cells = [_arrows(rows[rows["figure"] == figure][name], str(figure), lang) for figure in known]
            table.add_row(Text(str(name)), *cells, *_against(rows, name, names[0], lang, "unserved" in known))
        out.print(table)


def _arrows(values: pd.Series, figure: str, lang: Language) -> str:
    shown = [printed_figure(value, figure, lang) for value in values.dropna()] or ["–"]
    return " → ".join(shown if len(set(shown)) > 1 else shown[:1])


def _against(rows: pd.DataFrame, name: str, first: str, lang: Language, shown: bool) -> tuple[str, ...]:
    """Return the pupils without a seat less those of the first run, in the last layout of each."""
    if not shown:
        return ()
    unserved = rows[rows["figure"] == "unserved"]
    change = unserved[name].dropna().iloc[-1:].sum() - unserved[first].dropna().iloc[-1:].sum()
    sign = "+" if change > 0 else ""
    return (sign + printed_figure(change, "unserved", lang),)


def print_contrast(runs: Mapping[str, StoredRun], lang: Language) -> None:
    """Print target years that differ, settings that differ, and the measures chosen in how many runs.

    Parameters
    ----------
    runs
        Stored runs by name.
    lang
        Language.
    """
    from layoutplan.runs.contrast import chosen_measures, differing_settings

    years = {name: run.summary.target_year for name, run in runs.items()}
    if len(set(years.values())) > 1:
        said = ", ".join(f"{name} {year}" for name, year in years.items())
        out.print(text("cli.compare.years", lang, years=said))
    else:
        out.print(text("cli.compare.year", lang, year=next(iter(years.values()))))
    settings = differing_settings(runs)
    for row in settings.to_dict("records"):
        groups: dict[str, list[str]] = {}
        for name in runs:
            groups.setdefault(row[name] or "–", []).append(name)
        said = "; ".join(f"{value} ({', '.join(names)})" for value, names in groups.items())
        out.print(text("cli.compare.setting", lang, key=row["setting"], values=said))
    if settings.empty and len(runs) > 1:
        out.print(text("cli.compare.same_settings", lang))
    for row in chosen_measures(runs).head(_SHOWN).to_dict("records") if len(runs) > 1 else ():
        words = {"name": row["name"], "count": row["runs"], "total": len(runs)}
        out.print(text("cli.compare.measure", lang, **words))
