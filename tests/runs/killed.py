"""Run the command line in a process that a signal strikes at a named moment: ``python -m tests.runs.killed``.

The process loads everything once and forks for every case. In the short form the stages and the writers of
files are stood in for, so that a case takes a fraction of a second; what reserves, writes, swaps and cleans
is real.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import layoutplan as lp
from layoutplan import cli, second_process
from layoutplan.runs import files, folder, pages, run, stage_names
from layoutplan.runs.meter import Meter
from tests.runs.stored_runs import summary_of

STAGES = ("read", "travel", "balance", "siting", "rules")
FILES = ("write.gather", "write.tables", "write.map", "write.atlas")
SWAP = ("swap.before", "swap.between", "swap.after", "swap.removing")
_HEARD_S = 0.05
PAGES = ("pages.marks", "pages.index")


def strike(moment: str, number: int) -> None:
    """Arrange for this process to get a signal at a moment."""

    def hit() -> None:
        os.kill(os.getpid(), number)
        time.sleep(_HEARD_S)  # an interrupt is raised by an alarm soon after

    if moment in STAGES or moment in FILES:
        stage = Meter.stage

        def struck(meter: Meter, name: str) -> Any:
            if name == moment:
                hit()
            return stage(meter, name)

        Meter.stage = struck  # type: ignore[method-assign]
    elif moment.startswith("swap."):
        _strike_swap(moment, hit)
    elif moment.startswith("pages."):
        _strike_pages(moment, hit)


def _strike_swap(moment: str, hit: Callable[[], None]) -> None:
    swap, remove, replace = folder._swap, folder.remove_run, os.replace

    def struck_swap(new: Path, place: Path) -> None:
        if moment == "swap.before":
            hit()
        swap(new, place)

    def struck_replace(new: Path, place: Path) -> None:
        if moment == "swap.between":
            hit()
        replace(new, place)
        if moment == "swap.after":
            hit()

    def struck_remove(old: Path) -> None:
        if moment == "swap.removing" and old.is_dir():
            (old / "summary.json").unlink()
            hit()
        remove(old)

    folder._swap, folder.remove_run = struck_swap, struck_remove
    folder.os = SimpleNamespace(replace=struck_replace)  # type: ignore[assignment]


def _strike_pages(moment: str, hit: Callable[[], None]) -> None:
    replace = Path.replace

    def struck(path: Path, target: Path) -> Path:
        if path.name == {"pages.marks": pages.MARKS, "pages.index": "comparison.csv"}[moment]:
            hit()
        return replace(path, target)

    Path.replace = struck  # type: ignore[method-assign]


def stand_in() -> None:
    """Stand in for the stages and the writers of files."""

    def run_plan(plan: lp.Plan, *, started: Any, advanced: Any, **_: Any) -> Any:
        meter = Meter(started, advanced)
        for name in stage_names(plan):
            with meter.stage(name):
                pass
        return SimpleNamespace(plan=plan, notes=(), proposal=None, written=None)

    def write_files(run: Any, new: Path, *, meter: Meter, **_: Any) -> dict[str, Any]:
        for name in FILES:
            with meter.stage(name):
                (new / "tables").mkdir(exist_ok=True)
                (new / "atlas.pdf").write_text(os.environ["CONTENT"])
        return summary_of(run.plan.scenario or "base")

    lp.run_plan = run_plan
    folder.write_files = write_files
    folder.make_manifest = lambda run, writing: {
        "run_id": "0123abcd",
        "scenario": "base",
        "plan": {"plan": {"lang": run.plan.general.lang}},
        "seconds": dict.fromkeys(writing.seconds, 0.0),
    }


def with_another_process() -> None:
    """Have even a small city worked on in two processes."""
    second_process.joblib.cpu_count = lambda **_: 2  # scikit-learn asks too
    for module in (run, files):
        module.LARGE_UNITS = 1  # type: ignore[attr-defined]


def struck_run(words: list[str], moment: str, number: int, said: Path) -> int:
    """Run the command line in a fork that a signal strikes; return how it ended, negative for a signal."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 99
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's `&` begins it deaf
        handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        strike(moment, number)
        sys.argv = ["layoutplan", *words]
        cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        threading._shutdown()  # as the interpreter does; exit handlers would be those of the parent too
        os._exit(code)


def main() -> None:
    """Read cases (JSON, one a line: words, moment, signal, content), tell how each ended."""
    if "--real" in sys.argv:
        with_another_process()
    else:
        stand_in()
    said = Path(sys.argv[1])
    for line in sys.stdin:
        case = json.loads(line)
        os.environ["CONTENT"] = case["content"]
        number = signal.Signals[case["signal"]] if case["signal"] else 0
        code = struck_run(case["words"], case["moment"], number, said)
        answer = {"code": code, "said": said.read_text(encoding="utf-8")}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
