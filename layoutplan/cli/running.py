"""Run scenarios from the command line: progress, summaries, and the pages beside the run folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import layoutplan as lp
from layoutplan.cli.exit_codes import EXIT_INPUT, EXIT_NO_PLAN
from layoutplan.cli.printing import Notes, out, print_faults, print_reuse, print_summary, progress
from layoutplan.errors import FaultLog, InputError
from layoutplan.texts import Language, text


@dataclass(frozen=True)
class RunOptions:
    """How scenarios are run.

    Attributes
    ----------
    ledger
        Filled-in ledger of an earlier run.
    layout_files
        Layout files of the planner.
    keep
        Whether walks and stage results are kept for later runs, and those of earlier runs are used.
    explain
        Whether it is printed which stages were computed and why.
    outputs
        Names of the files to write besides the tables; ``None`` for all.
    """

    ledger: Path | None = None
    layout_files: Sequence[Path] = ()
    keep: bool = True
    explain: bool = False
    outputs: tuple[str, ...] | None = None


def run_scenarios(
    plans: Sequence[lp.Plan], output: Path, *, lang: Language, options: RunOptions = RunOptions()
) -> int:
    """Run scenarios one after the other, print their summaries and write the comparison pages.

    A scenario whose input is at fault is named with its faults, and the others are run.

    Parameters
    ----------
    plans
        Scenarios of one plan, at least one.
    output
        Folder of the run folders.
    lang
        Language of all texts.
    options
        How they are run.

    Returns
    -------
    int
        Exit code: 0; 2 if a scenario of several could not be run; 3 if in some scenario no plan within
        the limits gives every area its seats.

    Raises
    ------
    InputError
        With every fault of the place of the output, or of the only scenario.
    """
    from layoutplan.runs import reserved, write_index
    from layoutplan.runs.folder import report_outputs

    log, notes = FaultLog(), Notes(lang)
    report_outputs(options.outputs or (), log=log)
    log.raise_if_errors()
    codes = []
    with reserved(plans, output, ledger=options.ledger, layout_files=options.layout_files):
        runner = _Runner(output, lang, options, notes)
        for plan in plans:
            try:
                codes.append(runner.run(plan))
            except InputError as error:
                if len(plans) == 1:
                    raise
                print_faults(error, lang, scenario=plan.scenario or "base")
                codes.append(EXIT_INPUT)
        runner.prune()
        index = write_index(output, lang=lang, log=log)
    notes.show(log.notes)
    if len(plans) > 1:
        out.print(text("cli.index", lang, path=index))
    return min((code for code in codes if code), default=0)


class _Runner:
    """Runs scenarios into one output folder."""

    def __init__(self, output: Path, lang: Language, options: RunOptions, notes: Notes) -> None:
        from layoutplan.runs import StageStore, load_ledger
        from layoutplan.runs.file_names import OUTPUTS
        from layoutplan.runs.reserving import RESULTS, WALKS
        from layoutplan.travel.matrix_store import WalkMatrixStore

        self._output, self._lang, self._options, self._notes = output, lang, options, notes
        self._outputs = OUTPUTS if options.outputs is None else options.outputs
        self._ledger = None if options.ledger is None else load_ledger(options.ledger)
        self._walks = WalkMatrixStore(output / WALKS) if options.keep else None
        self._results = StageStore(output / RESULTS) if options.keep else None

    def prune(self) -> None:
        """Limit the size of what is kept."""
        for store in (self._walks, self._results):
            if store is not None:
                store.prune()

    def run(self, plan: lp.Plan) -> int:
        """Run one scenario and print its summary; return 3 if pupils without a seat can not be served."""
        from layoutplan.runs import scenario_folder, stage_names

        lang = self._lang
        plan = replace(plan, general=plan.general.model_copy(update={"lang": lang}))
        folder = scenario_folder(self._output, plan.scenario)
        with progress([*stage_names(plan), "write"], lang) as watch:
            done = lp.run_plan(
                plan,
                previous_ledger=self._ledger,
                layout_files=self._options.layout_files,
                started=watch.started,
                advanced=watch.advanced,
                store=self._walks,
                results=self._results,
            )
            summary = lp.write_run(
                done, folder, outputs=self._outputs, started=watch.started, advanced=watch.advanced
            )
        self._notes.show(done.notes)
        print_summary(summary, lang)
        if self._options.explain:
            print_reuse(done.reuse, done.seconds, lang)
        outcome = None if done.proposal is None else done.proposal.outcome
        for message in [] if outcome is None else outcome["message"].dropna().unique():
            out.print(message)
        opened = "map.html" if "map" in self._outputs else "summary.json"
        out.print(text("cli.open" if opened == "map.html" else "cli.written", lang, path=folder / opened))
        return EXIT_NO_PLAN if done.proposal is not None and done.proposal.lacks_seats else 0
