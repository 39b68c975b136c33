"""Output of the command line: notes, faults, the city, summaries, comparisons."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from layoutplan.cli.interrupts import INTERRUPTS
from layoutplan.errors import Fault, InputError
from layoutplan.texts import Language, money, number, text

if TYPE_CHECKING:
    import pandas as pd

    from layoutplan.city import City
    from layoutplan.runs.stage_store import StageReuse


def _console(*, stderr: bool) -> Console:
    """Return a console that wraps lines on a terminal and leaves them unwrapped in a pipe."""
    piped = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(
        stderr=stderr, soft_wrap=piped, width=160 if piped else None, highlight=False, markup=False
    )


_TRIGGERS_SHOWN = 60
_CHANGES_SHOWN = 5

out = _console(stderr=False)
err = _console(stderr=True)


class Watch:
    """Shows the progress of a run: its stages, and the steps of a long stage.

    Parameters
    ----------
    bar
        Progress bar; ``None`` shows nothing.
    stages
        Number of stages.
    lang
        Language.
    """

    def __init__(self, bar: Progress | None, *, stages: int, lang: Language) -> None:
        self._bar, self._lang, self._begun = bar, lang, 0
        self._whole = None if bar is None else bar.add_task("", total=stages)
        self._part = None if bar is None else bar.add_task("", total=None, visible=False)

    def started(self, stage: str) -> None:
        """Show the stage that starts, and raise an interrupt that was suppressed.

        Parameters
        ----------
        stage
            Name of the stage.
        """
        INTERRUPTS.check()
        if self._bar is not None and self._whole is not None and self._part is not None:
            said = text(f"cli.stage.{stage}", self._lang)
            self._bar.update(self._whole, completed=self._begun, description=said)
            self._bar.update(self._part, visible=False)
        self._begun += 1

    def advanced(self, done: int, steps: int) -> None:
        """Show the steps done within the stage, and raise an interrupt that was suppressed.

        Parameters
        ----------
        done, steps
            Number of steps done and their total.
        """
        INTERRUPTS.check()
        if self._bar is not None and self._part is not None:
            said = text("cli.steps", self._lang)
            self._bar.update(self._part, completed=done, total=steps, description=said, visible=True)


@contextmanager
def progress(stages: Sequence[str], lang: Language) -> Iterator[Watch]:
    """Show progress bars on a terminal; show nothing if the output is redirected.

    Parameters
    ----------
    stages
        Names of the stages.
    lang
        Language.

    Yields
    ------
    Watch
        To be called by the run.
    """
    if not out.is_terminal:
        yield Watch(None, stages=len(stages), lang=lang)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        yield Watch(bar, stages=len(stages), lang=lang)


class Notes:
    """Prints each warning and notice once, even if several scenarios repeat it."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang
        self._said: set[str] = set()

    def show(self, notes: Sequence[Fault]) -> None:
        """Print notes that have not been printed before to standard error.

        Parameters
        ----------
        notes
            Warnings and notices.
        """
        for note in notes:
            line = _note(note, self._lang)
            if line not in self._said:
                self._said.add(line)
                err.print(line, style="yellow" if note.severity == "warning" else "dim")


def _note(note: Fault, lang: Language) -> str:
    mark, place = text(f"cli.severity.{note.severity}", lang), note.place(lang)
    head = f"{mark} {place}: " if place else f"{mark} "
    remedy = f" {note.remedy(lang)}" if note.severity == "warning" else ""
    return f"{head}{note.what(lang)}{remedy}"


def print_faults(error: InputError, lang: Language, *, scenario: str | None = None) -> None:
    """Print every fault (place, problem, remedy) and their number to standard error.

    Parameters
    ----------
    error
        The faults.
    lang
        Language.
    scenario
        Name of the scenario, if only this one of several could not be run.
    """
    Notes(lang).show([fault for fault in error.faults if fault.severity == "warning"])
    errors = [fault for fault in error.faults if fault.severity == "error"]
    for place, fault in enumerate(errors, start=1):
        where = fault.place(lang)
        err.print(f"{place}. {where}" if where else f"{place}.", style="bold red")
        err.print(f"   {fault.what(lang)}")
        err.print(f"   → {fault.remedy(lang)}", style="green")
    if scenario is None:
        said = text("cli.fault_count", lang, count=len(errors))
    else:
        said = text("cli.fault_count_scenario", lang, count=len(errors), scenario=scenario)
    err.print(said, style="bold")


def print_reuse(reuse: Mapping[str, StageReuse], seconds: Mapping[str, float], lang: Language) -> None:
    """Print which stages were computed, why, and how long each took.

    Parameters
    ----------
    reuse
        Of a run, by stage; empty if it used no store.
    seconds
        Time of each stage.
    lang
        Language.
    """
    if not reuse:
        out.print(text("cli.reuse.none", lang))
        return
    table = Table(title=text("cli.reuse.title", lang), title_justify="left")
    for name in ("stage", "seconds", "state"):
        table.add_column(text(f"cli.reuse.{name}", lang), justify="right" if name == "seconds" else "left")
    for stage, one in reuse.items():
        names = one.names()
        shown = ", ".join(names[:_CHANGES_SHOWN]) + (" …" if len(names) > _CHANGES_SHOWN else "")
        state = "kept" if one.kept else "changed" if names else "first"
        said = text(f"cli.reuse.{state}", lang, names=shown) if names else text(f"cli.reuse.{state}", lang)
        table.add_row(text(f"cli.stage.{stage}", lang), f"{seconds[stage]:.1f}", said)
    out.print(table)


def print_city(city: City, lang: Language) -> None:
    """Print the size of a checked city and its coordinate reference system.

    Parameters
    ----------
    city
        The city.
    lang
        Language.
    """
    figures = {
        "schools": len(city.schools),
        "areas": len(city.areas),
        "units": len(city.units),
        "residents": round(city.units["residents"].sum()),
        "catchments": len(city.catchments),
    }
    table = Table(title=Text(city.name), show_header=False, title_justify="left")
    for name, value in figures.items():
        table.add_row(text(f"cli.city.{name}", lang), f"{value:,}")
    table.add_row(text("cli.city.crs", lang), f"{city.crs.to_string()} {city.crs.name}")
    out.print(table)
    out.print(text("cli.check_done", lang))


def print_summary(summary: dict[str, Any], lang: Language) -> None:
    """Print the headline figures of a run: base year, and target year in every layout.

    Parameters
    ----------
    summary
        Content of ``summary.json``.
    lang
        Language.
    """
    title = text("cli.summary_title", lang, name=summary["name"], scenario=summary["scenario"])
    out.print(title, style="bold")
    names = ("demand", "seats", "balance", "shortfall", "unserved", "share_within_radius", "mean_walk_m")
    table = Table()
    for name in ("stage", "year"):
        table.add_column(text(f"cli.figure.{name}", lang), no_wrap=True)
    for name in names:
        table.add_column(text(f"cli.figure.{name}", lang), justify="right")
    for stage in summary["stages"]:
        for layout, year, label in _rows(summary, lang):
            figures = summary["stages_by_year"][layout][stage][str(year)]
            cells = (printed_figure(figures[name], name, lang) for name in names)
            table.add_row(text(f"stages.{stage}", lang), label, *cells)
    out.print(table)
    _print_findings(summary, lang)


def _rows(summary: dict[str, Any], lang: Language) -> list[tuple[str, int, str]]:
    """Return layout, year and label of the rows of every stage."""
    today, *others = summary["layouts"]
    target = summary["target_year"]
    rows = [(today["id"], year, f"{year}") for year in (summary["base_year"], target)]
    for layout in others:
        key = "cli.with_proposals" if layout["proposals"] else "cli.with_layout"
        label = text(key, lang, year=target, layout=layout["title"][lang])
        rows.append((layout["id"], target, label))
    return list(dict.fromkeys(rows))


def _print_findings(summary: dict[str, Any], lang: Language) -> None:
    for rule, count in summary["flags"].items():
        out.print(text("cli.flag_count", lang, rule=text(f"report.codes.rule.{rule}", lang), count=count))
    year = summary["target_year"]
    now = summary["stages_by_year"][summary["layouts"][0]["id"]]
    unserved = sum(stages[str(year)]["unserved"] for stages in now.values())
    hotspots = summary["hotspots"]
    out.print(
        text(
            "cli.hotspots",
            lang,
            count=hotspots["count"],
            pupils=number(hotspots["pupils_short"], lang),
            unserved=number(unserved, lang),
            year=year,
        )
    )
    proposals = summary["proposals"]
    if proposals and proposals["count"]:
        words = text(
            "cli.proposals",
            lang,
            count=proposals["count"],
            seats=number(proposals["seats"], lang),
            cost=money(proposals["cost"], summary["currency"], lang),
            pupils=number(proposals["pupils_served"], lang),
        )
        out.print(words)


def print_triggers(triggers: pd.DataFrame, before: str, lang: Language) -> None:
    """Print the changes since an earlier run that call for adjusting the plan.

    Parameters
    ----------
    triggers
        Result table ``triggers``.
    before
        Path of the earlier run.
    lang
        Language.
    """
    from layoutplan.outputs.words import coded_word

    if triggers.empty:
        out.print(text("cli.trigger.none", lang, before=before))
        return
    title = text("cli.trigger.title", lang, before=before, count=len(triggers))
    table = Table(title=title, title_justify="left")
    for name in ("what", "where", "before", "after"):
        table.add_column(text(f"cli.trigger.{name}", lang), justify="left" if name[0] == "w" else "right")
    for row in triggers.head(_TRIGGERS_SHOWN).to_dict("records"):
        words = [coded_word("triggers", "trigger", row["trigger"], lang)]
        if isinstance(row["rule"], str):
            words.append(coded_word("triggers", "rule", row["rule"], lang))
        if isinstance(row["stage"], str):
            words.append(text(f"stages.{row['stage']}", lang))
        place = Text(f"{row['area']} ({row['year']})")
        table.add_row(" · ".join(words), place, _trigger_value(row["before"]), _trigger_value(row["after"]))
    out.print(table)
    if len(triggers) > _TRIGGERS_SHOWN:
        out.print(text("cli.trigger.more", lang, count=len(triggers) - _TRIGGERS_SHOWN))


def _trigger_value(value: float) -> str:
    """Format a count as an integer, a share with three significant digits, and NaN as a dash."""
    if math.isnan(value):
        return "–"
    return f"{value:.0f}" if abs(value) > 1 or value == 0 else f"{value:.3g}"


def printed_figure(value: float | None, name: str, lang: Language) -> str:
    """Format a figure of the summary; – for a missing value.

    Parameters
    ----------
    value
        The figure.
    name
        Its name in the summary.
    lang
        Language.

    Returns
    -------
    str
        A percentage for ``share_within_radius``, otherwise a number.
    """
    if value is None or math.isnan(value):
        return "–"
    if name == "share_within_radius":
        return f"{value:.1%}"
    return number(value, lang)
