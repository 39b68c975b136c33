"""The commands. Each imports its heavy dependencies itself, so that ``--help`` responds quickly."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

import layoutplan as lp
from layoutplan.cli.exit_codes import EXIT_NO_PLAN
from layoutplan.cli.printing import (
    Notes,
    out,
    print_city,
    print_triggers,
)
from layoutplan.cli.running import RunOptions, run_scenarios
from layoutplan.errors import FaultLog
from layoutplan.texts import Language, text


class Lang(StrEnum):
    """Language of all output."""

    zh = "zh"
    en = "en"


def _help(key: str) -> str:
    """Return a help text in both languages, since help is printed before a language is chosen."""
    return f"{text(f'cli.{key}', 'en').rstrip('.')} · {text(f'cli.{key}', 'zh')}"


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_help("exit_codes"),
)

PlanFile = Annotated[Path, typer.Argument(help=_help("arg.plan"), show_default=False)]
LangOption = Annotated[Lang | None, typer.Option("--lang", help=_help("arg.lang"))]


def _print_version(asked: bool) -> None:
    if asked:
        out.print(f"layoutplan {metadata.version('layoutplan')}")
        raise typer.Exit


@app.callback(help=_help("about"))
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help=_help("arg.version"))
    ] = False,
) -> None:
    """Show the purpose of the program, or its version.

    Parameters
    ----------
    version
        Print the version and exit.
    """


@app.command(help=_help("command.new"))
def new(
    folder: Annotated[Path, typer.Argument(help=_help("arg.new_folder"))],
    profile: Annotated[str | None, typer.Option("--profile", help=_help("arg.new_profile"))] = None,
    lang: Annotated[Lang | None, typer.Option("--lang", help=_help("arg.new_lang"))] = None,
) -> None:
    """Write templates of the input tables and of ``plan.toml``.

    Parameters
    ----------
    folder
        Target folder.
    profile
        Profile that the plan names; default the usual one of the language.
    lang
        Language of the templates; default that of the system.
    """
    from layoutplan.cli.system_language import system_language
    from layoutplan.dictionary import write_templates
    from layoutplan.plan import write_plan_template
    from layoutplan.plan.template import DEFAULT_PROFILES
    from layoutplan.standards import load_profile

    chosen: Language = system_language() if lang is None else lang.value
    # an unknown profile is refused, with the nearest, before any file is written
    schooling = load_profile(profile or DEFAULT_PROFILES[chosen]).schooling
    if os.path.lexists(folder / "plan.toml"):  # before any table is written beside it
        log = FaultLog()
        log.add("template_exists", file=str(folder), names="plan.toml")
        log.raise_if_errors()
    written = [
        *write_templates(folder, schooling, lang=chosen),
        write_plan_template(folder, lang=chosen, profile=profile),
    ]
    for path in written:
        out.print(str(path))
    out.print(text("cli.new_done", chosen, plan=folder / "plan.toml"))


@app.command(help=_help("command.check"))
def check(  # noqa: PLR0917  Typer reads the options from the signature
    plan_file: PlanFile,
    scenario: Annotated[list[str] | None, typer.Option(help=_help("arg.scenario"))] = None,
    all_scenarios: Annotated[bool, typer.Option("--all", help=_help("arg.all"))] = False,
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.out"))] = None,
    ledger: Annotated[Path | None, typer.Option(help=_help("arg.ledger"))] = None,
    layout_files: Annotated[list[Path] | None, typer.Option("--layout", help=_help("arg.layout"))] = None,
    lang: LangOption = None,
) -> None:
    """Read and check scenarios of a plan, and print every fault for which a run would be refused.

    Parameters
    ----------
    plan_file
        ``plan.toml``.
    scenario, all_scenarios
        Names of scenarios, default the plan itself; or the plan and all its scenarios.
    output
        Output folder of the run; default that of the plan.
    ledger, layout_files
        Ledger of an earlier year; layout files of the planner.
    lang
        Language; default that of the plan.
    """
    from layoutplan.runs import check_scenarios

    plans = _chosen(plan_file, scenario, all_scenarios=all_scenarios)
    language = _language(plans[0], lang)
    place = output or plans[0].folder / plans[0].general.output
    cities, noted = check_scenarios(plans, place, ledger=ledger, layout_files=layout_files or ())
    Notes(language).show(noted)
    print_city(cities[0], language)


@app.command(help=_help("command.run"))
def run(  # noqa: PLR0917  Typer reads the options from the signature
    plan_file: PlanFile,
    scenario: Annotated[list[str] | None, typer.Option(help=_help("arg.scenario"))] = None,
    all_scenarios: Annotated[bool, typer.Option("--all", help=_help("arg.all"))] = False,
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.out"))] = None,
    ledger: Annotated[Path | None, typer.Option(help=_help("arg.ledger"))] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help=_help("arg.no_cache"))] = False,
    layout_files: Annotated[list[Path] | None, typer.Option("--layout", help=_help("arg.layout"))] = None,
    explain: Annotated[bool, typer.Option("--explain", help=_help("arg.explain"))] = False,
    outputs: Annotated[str | None, typer.Option("--outputs", help=_help("arg.outputs"))] = None,
    lang: LangOption = None,
) -> None:
    """Run scenarios of a plan and write their run folders; exit code 3 if nothing serves unserved pupils.

    Parameters
    ----------
    plan_file, scenario, all_scenarios, output, ledger, layout_files, lang
        As for :func:`check`.
    no_cache
        Compute everything, and keep nothing for later runs.
    explain
        Print which stages were computed and why.
    outputs
        Names of the files to write besides the tables, separated by commas; default all.
    """
    plans = _chosen(plan_file, scenario, all_scenarios=all_scenarios)
    base = lp.load_plan(plan_file)
    place = output or base.folder / base.general.output
    options = RunOptions(
        ledger=ledger,
        layout_files=layout_files or (),
        keep=not no_cache,
        explain=explain,
        outputs=None if outputs is None else tuple(name for name in outputs.split(",") if name),
    )
    code = run_scenarios(plans, place, lang=_language(plans[0], lang), options=options)
    if code:
        raise typer.Exit(code)


@app.command(help=_help("command.compare"))
def compare(
    runs: Annotated[list[Path], typer.Argument(help=_help("arg.runs"))],
    since: Annotated[Path | None, typer.Option("--since", help=_help("arg.since"))] = None,
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.compare_out"))] = None,
    lang: LangOption = None,
) -> None:
    """Compare stored runs in their target year, or list the changes since an earlier run.

    Parameters
    ----------
    runs
        Scenario folders, or folders that contain them.
    since
        An earlier run; the changes of the first run since then are listed.
    output
        Folder for the comparison pages or ``triggers.csv``; ``None`` writes no files.
    lang
        Language; default that of the first run.
    """
    from layoutplan.cli.comparing import print_comparison, print_contrast
    from layoutplan.runs import (
        find_runs,
        find_triggers,
        read_stored,
        write_index,
        write_table,
        write_triggers,
    )
    from layoutplan.runs.compare import comparison_of, layout_titles, read_whole_runs
    from layoutplan.runs.contrast import long_figures, named_runs
    from layoutplan.runs.reserving import PAGES

    folders = find_runs(runs)
    _refuse_foreign(output, (*PAGES, "figures.csv") if since is None else ("triggers.csv",))
    stored = read_stored(folders[0], log=FaultLog())
    language: Language = lang.value if lang is not None else "zh" if stored is None else stored.manifest.lang
    if since is not None:
        earlier = _one_run(since)
        triggers = find_triggers(folders[0], since=earlier)
        print_triggers(triggers, str(since), language)
        if output is not None:
            out.print(str(write_triggers(triggers, output)))
        return
    runs_read = read_whole_runs(folders)
    frame = comparison_of(runs_read)
    named = named_runs(runs_read, list(frame.columns[3:]))
    print_comparison(frame, layout_titles(runs_read), language)
    print_contrast(named, language)
    if output is not None:
        log = FaultLog()
        out.print(str(write_index(output, runs=folders, lang=language, log=log)))
        out.print(str(write_table(long_figures(named), output / "figures.csv")))
        Notes(language).show(log.notes)


def _one_run(path: Path) -> Path:
    """Return the only run at a path.

    Raises
    ------
    InputError
        If there is none, or more than one.
    """
    from layoutplan.runs import find_runs

    found = find_runs([path])
    if len(found) > 1:
        log = FaultLog()
        log.add("several_runs", file=str(path), names=", ".join(folder.name for folder in found))
        log.raise_if_errors()
    return found[0]


def _refuse_foreign(folder: Path | None, names: Sequence[str]) -> None:
    """Check, before any computation, that a command replaces only files that layoutplan wrote.

    Raises
    ------
    InputError
        Naming every file in the way.
    """
    from layoutplan.runs import report_pages

    log = FaultLog()
    if folder is not None:
        report_pages(folder, names, log=log)
    log.raise_if_errors()


@app.command(help=_help("command.zone"))
def zone(
    plan_file: PlanFile,
    scenario: Annotated[str | None, typer.Option("--scenario", help=_help("arg.zone_scenario"))] = None,
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.zone_out"))] = None,
    lang: LangOption = None,
) -> None:
    """Redraw catchments by ``[zoning]`` of a plan and print what changes and why.

    Parameters
    ----------
    plan_file
        The plan; ``zoning.enabled`` does not matter.
    scenario
        Name of a scenario of the plan; default the plan itself.
    output
        Layout file to write the moved units to; ``None`` writes none.
    lang
        As for :func:`check`.

    Raises
    ------
    typer.Exit
        Code 3 if pupils remain above the seats.
    """
    from layoutplan.cli.zone import print_redraw, refuse_existing, write_layout_file

    if output is not None:
        refuse_existing(output)
    plan = lp.load_plan(plan_file, scenario=_named(scenario))
    language = _language(plan, lang)
    study = lp.make_study(plan)
    found = lp.redraw(study)
    Notes(language).show((*plan.notes, *study.city.notes, *found.notes))
    fits = print_redraw(found, study, language)
    if output is not None:
        write_layout_file(found, study, output)
        out.print(str(output))
    if not fits:
        raise typer.Exit(EXIT_NO_PLAN)


@app.command("backtest", help=_help("command.backtest"))
def backtest_plan(
    plan_file: Annotated[Path, typer.Argument(help=_help("arg.backtest_plan"), show_default=False)],
    output: Annotated[Path | None, typer.Option("--out", help=_help("arg.backtest_out"))] = None,
    lang: LangOption = None,
) -> None:
    """Forecast enrolment from past years and print the errors against later years.

    Parameters
    ----------
    plan_file
        A plan, or the folder of one; it needs past enrolment and nothing else.
    lang
        As for :func:`check`.
    output
        CSV file for result table ``enrolment_backtest``, PNG file for a chart, or HTML file for the page of
        the back-test; ``None`` writes none.
    """
    from layoutplan.cli.backtest import plan_path, print_backtest, read_past, write_backtest
    from layoutplan.enrolment import backtest as test_on_the_past

    if output is not None:
        _refuse_foreign(output.parent, [output.name])
    plan = lp.load_plan(plan_path(plan_file), needs=("enrolment_history",))
    language = _language(plan, lang)
    history, births, names = read_past(plan)
    tested = test_on_the_past(history, births, profile=plan.profile)
    Notes(language).show(tested.notes)
    print_backtest(tested, names, language)
    if output is not None:
        write_backtest(tested, output, language, names=names, title=plan.general.name)
        out.print(str(output))


@app.command("demo", help=_help("command.demo"))
def generate_demo(
    folder: Annotated[Path, typer.Argument(help=_help("arg.demo_folder"))] = Path("layoutplan-demo"),
    residents: Annotated[int, typer.Option(min=5_000, max=15_000_000, help=_help("arg.residents"))] = 500_000,
    lang: LangOption = None,
) -> None:
    """Generate a synthetic city and run its plan.

    Parameters
    ----------
    folder
        Target folder.
    residents
        Residents of the city, 5,000 to 15,000,000.
    lang
        Language; default that of the plan.
    """
    from layoutplan.runs import write_files_of_ours
    from layoutplan.synthetic import write_demo

    plan_file = write_files_of_ours(folder, lambda new: write_demo(new, residents=residents))
    plan = lp.load_plan(plan_file)
    code = run_scenarios([plan], plan.folder / plan.general.output, lang=_language(plan, lang))
    if code:
        raise typer.Exit(code)


def _chosen(plan_file: Path, scenarios: list[str] | None, *, all_scenarios: bool) -> list[lp.Plan]:
    """Load the scenarios named, the plan and all its scenarios, or the plan alone."""
    base = lp.load_plan(plan_file)
    named = [_named(name) for name in scenarios or ["base"]]
    chosen = [None, *base.scenario_names] if all_scenarios else list(dict.fromkeys(named))
    return [lp.load_plan(plan_file, scenario=name) for name in chosen]


def _named(scenario: str | None) -> str | None:
    """Return the scenario of a name; ``base`` is the plan itself."""
    return None if scenario == "base" else scenario


def _language(plan: lp.Plan, lang: Lang | None) -> Language:
    return plan.general.lang if lang is None else lang.value
