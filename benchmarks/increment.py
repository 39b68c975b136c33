"""CPU seconds of a run after a change of one section, as share of a run from nothing.

    python benchmarks/increment.py [PLAN] [--folder FOLDER]

The default is the bundled city. Walks and stage results are kept in the folder, by default a temporary one.
Each change is made to the plan itself, and the run folder is written. Shares are given with siting's own
time and with it apart. With --folder what has been measured is kept there, so that a benchmark that was
stopped goes on where it ended; measurements of another program or plan are made again.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import layoutplan as lp
from layoutplan.runs.identity import digest, identity_of_plan, program
from layoutplan.travel import WalkMatrixStore

CHANGES: Final[dict[str, dict[str, object]]] = {
    "nothing": {},
    "[plan] review_number": {"plan.review_number": "GS2026-001"},
    "[siting] budget": {"siting.budget": 3.1e8},
    "[uncertainty] draws": {"uncertainty.draws": 150},
    "[demand] births_factor": {"demand.births_factor": 1.05},
    "[travel] reach_m": {"travel.reach_m": {"primary": 1200.0}},
    "[access] distance_m": {"access.distance_m": {"primary": 900.0}},
    "[hotspots] min_pupils": {"hotspots.min_pupils": 60.0},
    "one threshold": {"override": [{"key": "class_size.cap", "of": "primary", "value": 50.0}]},
    "language": {"plan.lang": "en"},
}
BASE: Final = "from nothing"
"""A run without kept results."""
KEPT: Final = "first, kept"
"""The run whose results the changes find."""


@dataclass
class Cost:
    """CPU seconds of one run, by stage (``write`` for all files), and the stages computed."""

    stages: dict[str, float] = field(default_factory=dict)
    computed: list[str] = field(default_factory=list)

    def total(self, *, siting: bool = True) -> float:
        """Return the CPU seconds of all stages, with or without siting."""
        return sum(cost for stage, cost in self.stages.items() if siting or stage != "siting")


def used() -> float:
    """Return the CPU seconds of this process and its ended child processes."""
    every = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in every)


def measured(plan: lp.Plan, place: Path, *, keep: bool = True) -> Cost:
    """Run a plan, write its files, and return what that took.

    Parameters
    ----------
    plan
        The plan.
    place
        Folder of the stores and the run folder.
    keep
        Whether results are kept and used.
    """
    cost, marks = Cost(), [("start", used())]

    def started(stage: str) -> None:
        marks.append((stage, used()))

    run = lp.run_plan(
        plan,
        started=started,
        store=WalkMatrixStore(place / ".cache") if keep else None,
        results=lp.StageStore(place / ".results") if keep else None,
    )
    started("write")
    lp.write_run(run, place / ("run" if keep else "anew"))
    marks.append(("end", used()))
    for (stage, begin), (_, end) in pairwise(marks):
        cost.stages[stage] = cost.stages.get(stage, 0.0) + end - begin
    cost.computed = [stage for stage, one in run.reuse.items() if not one.kept]
    return cost


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", nargs="?", type=Path, default=Path("data/demo/plan.toml"))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure_changes(lp.load_plan(asked.plan), asked.folder or Path(temporary))


def measure_changes(plan: lp.Plan, place: Path) -> None:
    """Measure a run from nothing and after each change, as far as that is not known, and print the shares.

    Parameters
    ----------
    plan
        The plan.
    place
        Folder of the stores, the run folder and the record of what was measured.
    """
    place.mkdir(parents=True, exist_ok=True)
    record, of = place / "increment.json", digest(f"{program()} {identity_of_plan(plan)}")
    known = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    costs = {name: Cost(**cost) for name, cost in known.get(of, {}).items()}
    for name, changes in {BASE: {}, KEPT: {}, **CHANGES}.items():
        if name not in costs:
            if BASE not in costs:  # imports, fonts, caches of the process are not measured
                measured(plan, place, keep=False)
            changed = plan.vary(changes, name="changed") if changes else plan
            costs[name] = measured(changed, place, keep=name != BASE)
            record.write_text(json.dumps({of: {key: asdict(one) for key, one in costs.items()}}), "utf-8")
        print_shares(name, costs[name], costs[BASE])


def print_shares(name: str, cost: Cost, base: Cost) -> None:
    """Print what a run took, and its share of a run from nothing.

    Parameters
    ----------
    name
        What was changed.
    cost, base
        Of the run and of a run from nothing.
    """
    share = cost.total() / base.total()
    apart = cost.total(siting=False) / base.total(siting=False)
    print(
        f"{name:24} {cost.total():7.2f} s, of these {cost.stages['write']:6.2f} s for files: {share:6.1%} of "
        f"a run from nothing, {apart:6.1%} with siting apart  {', '.join(cost.computed)}",
        flush=True,
    )


if __name__ == "__main__":
    main()
