"""What the command line prints: notes, faults, the city, the summary, comparisons."""

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
from layoutplan.texts import Language, Said, money, number, text

if TYPE_CHECKING:
    import pandas as pd

    from layoutplan.city import City
    from layoutplan.enrolment import Backtest


def _console(*, stderr: bool) -> Console:
    """Return a console that wraps for a person and leaves lines whole for a pipe."""
    piped = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(
        stderr=stderr, soft_wrap=piped, width=160 if piped else None, highlight=False, markup=False
    )


_TRIGGERS_SHOWN = 60

out = _console(stderr=False)
err = _console(stderr=True)


class Watch:
    """Shows how far a run is: its stages, and the steps of a long one."""

    def __init__(self, bar: Progress | None, *, stages: int, lang: Language) -> None:
        self._bar, self._lang, self._begun = bar, lang, 0
        self._whole = None if bar is None else bar.add_task("", total=stages)
        self._part = None if bar is None else bar.add_task("", total=None, visible=False)

    def started(self, stage: str) -> None:
        """Show the stage that begins; a moment to heed an interrupt that got lost."""
        INTERRUPTS.check()
        if self._bar is not None and self._whole is not None and self._part is not None:
            said = text(f"cli.stage.{stage}", self._lang)
            self._bar.update(self._whole, completed=self._begun, description=said)
            self._bar.update(self._part, visible=False)
        self._begun += 1

    def advanced(self, done: int, steps: int) -> None:
        """Show how many of the stage's steps are done; a moment to heed an interrupt that got lost."""
        INTERRUPTS.check()
        if self._bar is not None and self._part is not None:
            said = text("cli.steps", self._lang)
            self._bar.update(self._part, completed=done, total=steps, description=said, visible=True)


@contextmanager
def progress(stages: Sequence[str], lang: Language) -> Iterator[Watch]:
    """Show bars over the stages while a person watches; nothing when the output goes elsewhere."""
    if not out.is_terminal:
        yield Watch(None, stages=len(stages), lang=lang)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        yield Watch(bar, stages=len(stages), lang=lang)


class Notes:
    """Prints each warning and notice once, however many scenarios repeat it."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang
        self._said: set[str] = set()

    def show(self, notes: Sequence[Fault]) -> None:
        """Print the notes not printed before, to the error stream."""
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


def print_faults(error: InputError, lang: Language) -> None:
    """Print every fault: where, what, what to do; and how many."""
    Notes(lang).show([fault for fault in error.faults if fault.severity == "warning"])
    errors = [fault for fault in error.faults if fault.severity == "error"]
    for place, fault in enumerate(errors, start=1):
        where = fault.place(lang)
        err.print(f"{place}. {where}" if where else f"{place}.", style="bold red")
        err.print(f"   {fault.what(lang)}")
        err.print(f"   → {fault.remedy(lang)}", style="green")
    err.print(text("cli.fault_count", lang, count=len(errors)), style="bold")


def print_city(city: City, lang: Language) -> None:
    """Print the size of a checked city, to the last digit, and its coordinate system."""
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
    """Print the headline figures of a run: base year, and target year in every layout."""
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


def print_comparison(frame: pd.DataFrame, titles: Mapping[str, Said], lang: Language) -> None:
    """Print scenarios side by side: one row a stage and figure; ``a → b`` are the layouts in their order.

    Parameters
    ----------
    frame
        As :func:`~layoutplan.runs.compare_runs` returns it.
    titles
        What the layouts are called, by id, in order.
    lang
        Language of what is printed.
    """
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
        words = [text(f"report.compare.values.{word}", lang) for word in (stage, figure)]
        table.add_row(*words, *cells)
    out.print(table)
    if len(titles) > 1:
        named = " → ".join(title[lang] for title in titles.values())
        out.print(text("cli.compare_layouts", lang, layouts=named))


def print_triggers(triggers: pd.DataFrame, before: str, lang: Language) -> None:
    """Print what changed since an earlier run that calls for adjusting the plan."""
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
    """Write a count whole, a share with three figures, nothing for none."""
    if math.isnan(value):
        return "–"
    return f"{value:.0f}" if abs(value) > 1 or value == 0 else f"{value:.3g}"


def print_backtest(tested: Backtest, lang: Language) -> None:
    """Print a row a stage, years ahead and method: errors of the district and of all its schools."""
    table = Table(title=text("cli.backtest_title", lang), title_justify="left")
    table.add_column(text("cli.figure.stage", lang))
    for name in ("horizon", "method", "district_error", "bias", "schools_error", "coverage"):
        table.add_column(text(f"cli.figure.{name}", lang), justify="left" if name == "method" else "right")
    district, schools = (tested.table[tested.table["level"] == level] for level in ("district", "places"))
    key = ["stage", "horizon", "method"]
    both = district.merge(schools, on=key, how="left", suffixes=("", "_schools"))
    for row in both.to_dict("records"):
        table.add_row(
            text(f"stages.{row['stage']}", lang),
            str(row["horizon"]),
            text(f"cli.method.{row['method']}", lang),
            _percent(row["mape"], ".2%"),
            _percent(row["bias"], "+.2%"),
            _percent(row["weighted_mape_schools"], ".2%"),
            _percent(row["coverage_schools"], ".0%"),
        )
    out.print(table)
    out.print(text("cli.backtest_read", lang))


def _percent(value: float, sign: str) -> str:
    return "–" if math.isnan(value) else f"{value:{sign}}"


def printed_figure(value: float | None, name: str, lang: Language) -> str:
    """Write a figure of the summary as people do; – where there is none."""
    if value is None or math.isnan(value):
        return "–"
    if name == "share_within_radius":
        return f"{value:.1%}"
    return number(value, lang)
