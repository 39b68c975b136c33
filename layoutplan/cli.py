"""The command line: new · check · run · compare · backtest · demo. It computes nothing itself."""

from __future__ import annotations

import math
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from layoutplan.config import Plan, load_plan, write_plan_template
from layoutplan.errors import Fault, InputError, NoPlanError
from layoutplan.forecast import Backtest
from layoutplan.forecast import backtest as test_on_the_past
from layoutplan.inputs import City, load_city
from layoutplan.inputs.synthetic import write_demo
from layoutplan.runs import (
    STAGE_NAMES,
    compare_runs,
    find_runs,
    load_ledger,
    run_plan,
    scenario_folder,
    write_index,
    write_run,
)
from layoutplan.tables import write_templates
from layoutplan.texts import Language, number, text

EXIT_DEFECT, EXIT_INPUT, EXIT_NO_PLAN = 1, 2, 3

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def _console(*, stderr: bool) -> Console:
    """Return a console that wraps for a person and leaves lines whole for a pipe."""
    piped = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, soft_wrap=piped, width=160 if piped else None, highlight=False)


out = _console(stderr=False)
err = _console(stderr=True)


class Lang(StrEnum):
    """Language of everything printed and written."""

    zh = "zh"
    en = "en"


def _help(key: str) -> str:
    """Return a help text in both languages, since help is shown before a language is chosen."""
    return f"{text(f'cli.{key}', 'en').rstrip('.')} · {text(f'cli.{key}', 'zh')}"


PlanFile = Annotated[Path, typer.Argument(help=_help("arg.plan"), show_default=False)]
LangOption = Annotated[Lang | None, typer.Option("--lang", help=_help("arg.lang"))]


@app.command(help=_help("command.new"))
def new(
    folder: Annotated[Path, typer.Argument(help=_help("arg.new_folder"))],
    lang: LangOption = None,
) -> None:
    """Write templates."""
    chosen: Language = "zh" if lang is None else lang.value
    written = [*write_templates(folder, lang=chosen), write_plan_template(folder, lang=chosen)]
    for path in written:
        out.print(escape(str(path)))
    out.print(text("cli.new_done", chosen, plan=escape(str(folder / "plan.toml"))))


@app.command(help=_help("command.check"))
def check(
    plan_file: PlanFile,
    scenario: Annotated[str | None, typer.Option(help=_help("arg.scenario"))] = None,
    lang: LangOption = None,
) -> None:
    """Read and check a plan."""
    plan = load_plan(plan_file, scenario=scenario)
    language = _language(plan, lang)
    city = load_city(plan)
    _print_notes(city.notes, language)
    _print_city(city, language)


@app.command(help=_help("command.run"))
def run(  # noqa: PLR0917  Typer reads the options from the signature
    plan_file: PlanFile,
    scenario: Annotated[list[str] | None, typer.Option(help=_help("arg.scenario"))] = None,
    all_scenarios: Annotated[bool, typer.Option("--all", help=_help("arg.all"))] = False,
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.out"))] = None,
    ledger: Annotated[Path | None, typer.Option(help=_help("arg.ledger"))] = None,
    lang: LangOption = None,
) -> None:
    """Run a plan: the base, the scenarios named, or all."""
    base = load_plan(plan_file)
    names: list[str | None] = [*base.scenario_names] if all_scenarios else [*(scenario or [])]
    chosen = [None, *names] if all_scenarios or not names else names
    plans = [load_plan(plan_file, scenario=name) for name in chosen]
    if output is None:
        output = base.folder / base.plan.output
    answered = [_run_one(plan, output, ledger, lang) for plan in plans]
    index = write_index(output, lang=_language(base, lang))
    language = _language(base, lang)
    if len(find_runs([output])) > 1:
        out.print(text("cli.index", language, path=escape(str(index))))
    if not all(answered):
        raise typer.Exit(EXIT_NO_PLAN)


@app.command(help=_help("command.compare"))
def compare(
    runs: Annotated[list[Path], typer.Argument(help=_help("arg.runs"))],
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.compare_out"))] = None,
    lang: LangOption = None,
) -> None:
    """Compare stored runs."""
    language: Language = "zh" if lang is None else lang.value
    folders = find_runs(runs)
    frame = compare_runs(folders)
    table = Table(title=text("cli.compare_title", language), title_justify="left")
    for column in frame.columns[:3]:
        table.add_column(text(f"report.compare.{column}", language))
    for column in frame.columns[3:]:
        table.add_column(escape(column), justify="right")
    for row in frame.itertuples(index=False):
        words = [text(f"report.compare.values.{value}", language) for value in row[:3]]
        table.add_row(*words, *(_figure(value, row[2], language) for value in row[3:]))
    out.print(table)
    if output is not None:
        out.print(escape(str(write_index(output, runs=folders, lang=language))))


@app.command(help=_help("command.backtest"))
def backtest(
    plan_file: PlanFile,
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.backtest_out"))] = None,
    lang: LangOption = None,
) -> None:
    """Forecast from past years and compare."""
    plan = load_plan(plan_file)
    language = _language(plan, lang)
    tables = load_city(plan).tables
    tested = test_on_the_past(tables["enrolment_history"], tables["births"], profile=plan.profile)
    _print_notes(tested.notes, language)
    _print_backtest(tested, language)
    if output is not None:
        tested.table.to_csv(output, index=False, encoding="utf-8-sig", lineterminator="\n")
        out.print(escape(str(output)))


@app.command(help=_help("command.demo"))
def demo(
    folder: Annotated[Path, typer.Argument(help=_help("arg.demo_folder"))] = Path("layoutplan-demo"),
    residents: Annotated[int, typer.Option(min=5_000, max=15_000_000, help=_help("arg.residents"))] = 500_000,
    lang: LangOption = None,
) -> None:
    """Make a synthetic city and run it."""
    plan_file = write_demo(folder, residents=residents)
    plan = load_plan(plan_file)
    _run_one(plan, plan.folder / plan.plan.output, None, lang)


def _run_one(plan: Plan, output: Path, ledger: Path | None, lang: Lang | None) -> bool:
    """Run one scenario, print its summary; return whether a plan exists that answers the constraints."""
    language = _language(plan, lang)
    plan = replace(plan, plan=plan.plan.model_copy(update={"lang": language}))
    folder = scenario_folder(output, plan.scenario)
    previous = load_ledger(ledger) if ledger else None
    with _progress(plan, language) as started:
        done = run_plan(plan, previous_ledger=previous, started=started)
        summary = write_run(done, folder, started=started)
    _print_notes(done.notes, language)
    _print_summary(summary, language)
    if done.proposal is not None:
        for message in done.proposal.outcome["message"].dropna().unique():
            out.print(escape(message))
    out.print(text("cli.open", language, path=escape(str(folder / "map.html"))))
    outcomes = [] if done.proposal is None else list(done.proposal.outcome["outcome"])
    return "NO_PLAN_EXISTS" not in outcomes


def _language(plan: Plan, lang: Lang | None) -> Language:
    return plan.plan.lang if lang is None else lang.value


@contextmanager
def _progress(plan: Plan, lang: Language) -> Iterator[Callable[[str], None]]:
    """Show a bar over the stages while a person watches; nothing when the output goes elsewhere."""
    if not out.is_terminal:
        yield lambda _stage: None
        return
    stages = [name for name in STAGE_NAMES if plan.siting.enabled or name not in ("siting", "proposed")]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("", total=len(stages) + 1)
        begun: list[str] = []

        def started(stage: str) -> None:
            bar.update(task, completed=len(begun), description=text(f"cli.stage.{stage}", lang))
            begun.append(stage)

        yield started


def _print_notes(notes: tuple[Fault, ...], lang: Language) -> None:
    for note in notes:
        place = note.place(lang)
        mark = text(f"cli.severity.{note.severity}", lang)
        head = f"{mark} {place}: " if place else f"{mark} "
        remedy = f" {note.remedy(lang)}" if note.severity == "warning" else ""
        err.print(
            escape(f"{head}{note.what(lang)}{remedy}"),
            style="yellow" if note.severity == "warning" else "dim",
        )


def _print_city(city: City, lang: Language) -> None:
    figures = {
        "schools": len(city.schools),
        "areas": len(city.areas),
        "units": len(city.units),
        "residents": city.units["residents"].sum(),
        "catchments": len(city.catchments),
    }
    table = Table(title=escape(city.name), show_header=False, title_justify="left")
    for name, value in figures.items():
        table.add_row(text(f"cli.city.{name}", lang), number(float(value), lang))
    table.add_row(text("cli.city.crs", lang), escape(f"{city.crs.to_string()} {city.crs.name}"))
    out.print(table)
    out.print(text("cli.check_done", lang))


def _print_summary(summary: dict[str, Any], lang: Language) -> None:
    out.print(
        text("cli.summary_title", lang, name=escape(summary["name"]), scenario=escape(summary["scenario"])),
        style="bold",
    )
    table = Table()
    table.add_column(text("cli.figure.stage", lang))
    table.add_column(text("cli.figure.year", lang))
    names = ("demand", "seats", "balance", "shortfall", "unserved", "share_within_radius", "mean_walk_m")
    for name in names:
        table.add_column(text(f"cli.figure.{name}", lang), justify="right")
    for stage in summary["stages"]:
        for variant, year in _rows(summary):
            figures = summary["stages_by_year"][variant][stage][str(year)]
            label = f"{year}" if variant == "baseline" else text("cli.with_proposals", lang, year=year)
            cells = (_figure(figures[name], name, lang) for name in names)
            table.add_row(text(f"stages.{stage}", lang), label, *cells)
    out.print(table)
    _print_findings(summary, lang)


def _print_backtest(tested: Backtest, lang: Language) -> None:
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


def _rows(summary: dict[str, Any]) -> list[tuple[str, int]]:
    rows = [("baseline", summary["base_year"]), ("baseline", summary["target_year"])]
    if "proposed" in summary["stages_by_year"]:
        rows.append(("proposed", summary["target_year"]))
    return list(dict.fromkeys(rows))


def _print_findings(summary: dict[str, Any], lang: Language) -> None:
    for rule, count in summary["flags"].items():
        out.print(text("cli.flag_count", lang, rule=text(f"report.codes.rule.{rule}", lang), count=count))
    hotspots = summary["hotspots"]
    pupils = number(hotspots["pupils_short"], lang)
    out.print(text("cli.hotspots", lang, count=hotspots["count"], pupils=pupils, year=summary["target_year"]))
    proposals = summary["proposals"]
    if proposals:
        out.print(
            text(
                "cli.proposals",
                lang,
                count=proposals["count"],
                seats=number(proposals["seats"], lang),
                cost=number(proposals["cost"], lang),
                currency=summary["currency"],
                pupils=number(proposals["pupils_served"], lang),
            ),
        )


def _percent(value: float, sign: str) -> str:
    return "–" if math.isnan(value) else f"{value:{sign}}"


def _figure(value: float | None, name: str, lang: Language) -> str:
    if value is None or value != value:  # noqa: PLR0124  nan
        return "–"
    if name == "share_within_radius":
        return f"{value:.1%}"
    return number(value, lang)


def main() -> None:
    """Run the command line; turn our errors into words and exit codes."""
    try:
        app(standalone_mode=False)
    except InputError as error:
        _print_faults(error, _asked_language())
        sys.exit(EXIT_INPUT)
    except NoPlanError as error:
        err.print(escape(text(error.key, _asked_language(), **error.params)), style="red")
        sys.exit(EXIT_NO_PLAN)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except typer.Abort:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  the last door: say that it is our defect, and show where
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # the words of the command line were off
            error.show()
            sys.exit(EXIT_INPUT)
        traceback.print_exc()
        err.print(text("cli.defect", _asked_language()), style="red")
        sys.exit(EXIT_DEFECT)


def _asked_language() -> Language:
    """Return the language asked for on the command line, for errors that come before a plan is read."""
    words = sys.argv[1:]
    asked = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    asked += [after for word, after in pairwise(words) if word == "--lang"]
    return "en" if "en" in asked else "zh"


def _print_faults(error: InputError, lang: Language) -> None:
    errors = [fault for fault in error.faults if fault.severity == "error"]
    _print_notes(tuple(fault for fault in error.faults if fault.severity == "warning"), lang)
    for place, fault in enumerate(errors, start=1):
        where = fault.place(lang)
        err.print(escape(f"{place}. {where}" if where else f"{place}."), style="bold red")
        err.print(escape(f"   {fault.what(lang)}"))
        err.print(escape(f"   → {fault.remedy(lang)}"), style="green")
    err.print(text("cli.fault_count", lang, count=len(errors)), style="bold")
