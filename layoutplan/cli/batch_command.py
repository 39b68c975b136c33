"""``layoutplan batch``: many scenarios of one or several plans."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

import layoutplan as lp
from layoutplan.cli.commands import LangOption, _help, app
from layoutplan.cli.exit_codes import EXIT_INPUT
from layoutplan.cli.interrupts import INTERRUPTS
from layoutplan.cli.printing import err, out, printed_figure
from layoutplan.texts import Language, text

if TYPE_CHECKING:
    from layoutplan.runs.batch import Batch
    from layoutplan.runs.batch.states import ScenariosAdvanced

_SHOWN = 40


class KeepOption(StrEnum):
    """Which run folders are written."""

    none = "none"
    best = "best"
    all = "all"


@app.command("batch", help=_help("command.batch"))
def batch_plans(  # noqa: PLR0917  Typer reads the options from the signature
    plan_files: Annotated[list[Path], typer.Argument(help=_help("arg.batch_plans"), show_default=False)],
    grid: Annotated[Path | None, typer.Option("--grid", help=_help("arg.grid"))] = None,
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.out"))] = None,
    keep: Annotated[KeepOption, typer.Option("--keep", help=_help("arg.keep"))] = KeepOption.none,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help=_help("arg.workers"))] = None,
    scheduler: Annotated[str | None, typer.Option("--scheduler", help=_help("arg.scheduler"))] = None,
    layout_files: Annotated[list[Path] | None, typer.Option("--layout", help=_help("arg.layout"))] = None,
    lang: LangOption = None,
) -> None:
    """Run many scenarios and write one table of all figures; exit code 2 if a scenario failed.

    Parameters
    ----------
    plan_files
        Plans, one for each city.
    grid
        File with the scenarios; default each plan itself and every scenario of its file.
    output, layout_files, lang
        As for ``run``.
    keep
        Which run folders are written.
    workers, scheduler
        Where the scenarios are run.
    """
    plans = [lp.load_plan(path) for path in plan_files]
    language: Language = lang.value if lang is not None else plans[0].general.lang
    place = output or plans[0].folder / plans[0].general.output
    with _progress(language) as advanced:
        found = lp.batch(
            plans,
            grid,
            output=place,
            workers=workers,
            scheduler=scheduler,
            keep=keep.value,
            layout_files=layout_files or (),
            advanced=advanced,
        )
    print_batch(found, place, language)
    if (found.scenarios["state"] != "done").any():
        raise typer.Exit(EXIT_INPUT)


@contextmanager
def _progress(lang: Language) -> Iterator[ScenariosAdvanced]:
    """Show scenarios done and failed on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        shown = bar.add_task(text("cli.batch.checking", lang), total=None)

        def advanced(done: int, lost: int, total: int) -> None:
            INTERRUPTS.check()
            said = text("cli.batch.running", lang, failed=lost)
            bar.update(shown, completed=done + lost, total=total, description=said)

        yield advanced


def print_batch(found: Batch, place: Path, lang: Language) -> None:
    """Print the scenarios that failed, the headline figures of the others, and where the tables are.

    Parameters
    ----------
    found
        The batch.
    place
        Its output folder.
    lang
        Language.
    """
    scenarios = found.scenarios
    for row in scenarios[scenarios["state"] == "failed"].to_dict("records"):
        err.print(
            text("cli.batch.failed_one", lang, scenario=row["scenario"], faults=row["faults"]), style="red"
        )
    totals = found.totals()
    names = [name for name in ("unserved", "proposals_count", "proposals_cost", "hotspots") if name in totals]
    several = totals["plan"].nunique() > 1
    table = Table(title=Text(text("cli.batch.title", lang, count=len(scenarios))), title_justify="left")
    for name in (*(["plan"] if several else []), "scenario", "layout"):
        table.add_column(text(f"cli.batch.{name}", lang))
    for name in names:
        table.add_column(text(f"cli.figure.{name}", lang), justify="right")
    for row in totals.head(_SHOWN).to_dict("records"):
        cells = [printed_figure(row[name], name, lang) for name in names]
        table.add_row(*([row["plan"]] if several else []), row["scenario"], row["layout"], *cells)
    out.print(table)
    if len(totals) > _SHOWN:
        out.print(text("cli.batch.more", lang, count=len(totals) - _SHOWN))
    known = int(scenarios["known"].sum())
    peak = scenarios["peak_mib"].max()
    words = {"known": known, "workers": found.workers, "peak": "–" if math.isnan(peak) else f"{peak:,.0f}"}
    out.print(text("cli.batch.resources", lang, **words))
    for name in ("figures.csv", "scenarios.csv"):
        out.print(str(place / name))
