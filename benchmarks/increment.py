"""CPU seconds of a run after a change of one section, as share of a run from nothing.

    python benchmarks/increment.py [PLAN]

The default is the bundled city. Walks and stage results are kept in a temporary folder. Each change is made
to the plan itself, and the run folder is written.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

import layoutplan as lp
from layoutplan.travel import WalkMatrixStore

CHANGES: dict[str, dict[str, object]] = {
    "nothing": {"plan.review_number": "GS2026-001"},
    "[siting] budget": {"siting.budget": 3.1e8},
    "[uncertainty] draws": {"uncertainty.draws": 150},
    "[demand] births_factor": {"demand.births_factor": 1.05},
    "[travel] reach_m": {"travel.reach_m": {"primary": 1200.0}},
    "[access] distance_m": {"access.distance_m": {"primary": 900.0}},
    "[hotspots] min_pupils": {"hotspots.min_pupils": 60.0},
    "one threshold": {"override": [{"key": "class_size.cap", "of": "primary", "value": 50.0}]},
    "language": {"plan.lang": "en"},
}


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a call, its ended child processes included.

    Parameters
    ----------
    work
        The call.
    """

    def used() -> float:
        every = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(one.ru_utime + one.ru_stime for one in every)

    before = used()
    work()
    return used() - before


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", nargs="?", type=Path, default=Path("data/demo/plan.toml"))
    plan = lp.load_plan(parser.parse_args().plan)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        lp.write_run(lp.run_plan(plan), place / "warm")  # imports, fonts, caches of the process
        computed: dict[str, float] = {}

        def run(changed: lp.Plan, name: str, *, keep: bool = True) -> None:
            found: list[lp.Run] = []
            stores = {
                "store": WalkMatrixStore(place / ".cache") if keep else None,
                "results": lp.StageStore(place / ".results") if keep else None,
            }
            computed[name] = cpu_seconds(lambda: found.append(lp.run_plan(changed, **stores)))
            computed[f"{name} written"] = cpu_seconds(lambda: lp.write_run(found[0], place / "run"))
            again = [stage for stage, one in found[0].reuse.items() if not one.kept]
            share = computed[name] / computed["from nothing"]
            whole = computed[name] + computed[f"{name} written"]
            base = computed["from nothing"] + computed["from nothing written"]
            print(
                f"{name:24} {computed[name]:7.2f} s computed ({share:5.1%}), "
                f"{whole:7.2f} s with files ({whole / base:5.1%})  {', '.join(again)}",
                flush=True,
            )

        run(plan, "from nothing", keep=False)
        run(plan, "first, kept")
        for name, changes in CHANGES.items():
            run(plan.vary(changes, name=f"v{len(computed)}"), name)


if __name__ == "__main__":
    main()
