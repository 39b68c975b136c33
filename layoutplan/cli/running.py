"""Run scenarios from the command line: progress, summaries, and the pages beside the run folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import layoutplan as lp
from layoutplan.cli.printing import Notes, out, print_summary, progress
from layoutplan.errors import FaultLog
from layoutplan.texts import Language, text

if TYPE_CHECKING:
    import pandas as pd

    from layoutplan.travel.matrix_store import WalkMatrixStore

_NO_ANSWER = frozenset({"NO_PLAN_EXISTS", "NOTHING_POSSIBLE"})


def run_scenarios(
    plans: Sequence[lp.Plan],
    output: Path,
    ledger: Path | None,
    *,
    lang: Language,
    layout_files: Sequence[Path] = (),
    keep_walks: bool = True,
) -> bool:
    """Run scenarios one after the other, print their summaries and write the comparison pages.

    Parameters
    ----------
    plans
        Scenarios of one plan, at least one.
    output
        Folder of the run folders.
    ledger
        Filled-in ledger of an earlier run.
    lang
        Language of all texts.
    layout_files
        Layout files of the planner.
    keep_walks
        Whether walks are kept for later runs.

    Returns
    -------
    bool
        Whether some choice serves pupils without a seat in every scenario that has such pupils.

    Raises
    ------
    InputError
        With every fault of the plan, its tables or the place of the output.
    """
    from layoutplan.runs import load_ledger, reserved, write_index
    from layoutplan.runs.reserving import WALKS
    from layoutplan.travel.matrix_store import WalkMatrixStore

    log = FaultLog()
    previous = None if ledger is None else load_ledger(ledger)
    notes = Notes(lang)
    with reserved(plans, output, ledger=ledger, layout_files=layout_files):
        store = WalkMatrixStore(output / WALKS) if keep_walks else None
        answered = [
            _run_one(plan, output, previous, notes, lang, layout_files=layout_files, store=store)
            for plan in plans
        ]
        if store:
            store.prune()
        index = write_index(output, lang=lang, log=log)
    notes.show(log.notes)
    if len(plans) > 1:
        out.print(text("cli.index", lang, path=index))
    return all(answered)


def _run_one(
    plan: lp.Plan,
    output: Path,
    previous: pd.DataFrame | None,
    notes: Notes,
    lang: Language,
    *,
    layout_files: Sequence[Path],
    store: WalkMatrixStore | None,
) -> bool:
    """Run one scenario and print its summary; return whether pupils without a seat can be served."""
    from layoutplan.runs import scenario_folder, stage_names

    plan = replace(plan, general=plan.general.model_copy(update={"lang": lang}))
    folder = scenario_folder(output, plan.scenario)
    with progress([*stage_names(plan), "write"], lang) as watch:
        done = lp.run_plan(
            plan,
            previous_ledger=previous,
            layout_files=layout_files,
            started=watch.started,
            advanced=watch.advanced,
            store=store,
        )
        summary = lp.write_run(done, folder, started=watch.started, advanced=watch.advanced)
    notes.show(done.notes)
    print_summary(summary, lang)
    outcome = None if done.proposal is None else done.proposal.outcome
    for message in [] if outcome is None else outcome["message"].dropna().unique():
        out.print(message)
    out.print(text("cli.open", lang, path=folder / "map.html"))
    return outcome is None or not _NO_ANSWER.intersection(outcome["outcome"])
