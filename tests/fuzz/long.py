"""The long form: ``python -m tests.fuzz --minutes 60``. It fails if any reader raised, hung or died.

Processes read inputs; this one watches them. An input that takes more than ten seconds of a processor, or
two minutes in all, is a hang; a process that ends by itself has crashed. Every such input is kept with what
was said, and the process is started anew.
"""

import argparse
import faulthandler
import itertools
import json
import multiprocessing as mp
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.readers import KINDS, Kind, Office, office

HANG_CPU_S, HANG_WALL_S = 10.0, 120.0
MEMORY = 8 * 1024**3


def work(number: int, folder: Path, ends: float, seeds: int, names: list[str]) -> None:
    """Read inputs of every kind in turn until the time is over; keep what makes a reader raise."""
    faulthandler.enable((folder / f"native-{number}.txt").open("a"))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    now, count = folder / f"now-{number}", folder / f"count-{number}.json"
    counts = json.loads(count.read_text()) if count.exists() else {}
    kinds = [kind for kind in KINDS if not names or kind.name in names]

    def answer(kind: Kind, here: Office, content: bytes) -> None:
        now.write_bytes(kind.name.encode() + b"\n" + content)
        counts[kind.name] = counts.get(kind.name, 0) + 1
        try:
            kind.read(here, content)
        except Exception as error:  # noqa: BLE001  whatever it is, it is kept
            keep(folder, kind.name, content, error)
        if time.time() >= ends:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        for turn in itertools.count(seeds, 1000):
            for kind in kinds:
                with office() as here:
                    some(kind, turn, partial(answer, kind, here), folder / f"harness-{number}.txt")
                count.write_text(json.dumps(counts))
    count.write_text(json.dumps(counts))


def some(kind: Kind, turn: int, answer: Callable[[bytes], None], report: Path) -> None:
    """Give a few inputs of a kind to its reader; what goes wrong with the strategy itself is reported too."""

    @seed(turn)
    @settings(
        max_examples=25,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(kind.inputs())
    def read(content: bytes) -> None:
        answer(content)

    try:
        read()
    except Exception:  # noqa: BLE001  of Hypothesis
        report.write_text(traceback.format_exc())


def keep(folder: Path, kind: str, content: bytes, error: BaseException | str) -> None:
    """Keep an input and what was said of it, once for each place that raised."""
    if isinstance(error, str):
        said, where = error, f"{error}-{time.time():.0f}"
    else:
        said = "".join(traceback.format_exception(error))
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "layoutplan/" in frame.filename] or frames
        where = f"{type(error).__name__}-{Path(ours[-1].filename).stem}-{ours[-1].lineno}"
    name = f"{kind}-{where}".replace(" ", "_").replace("/", "_")
    if not (folder / f"{name}.txt").exists():
        (folder / f"{name}.bin").write_bytes(content)
        (folder / f"{name}.txt").write_text(said, encoding="utf-8", errors="replace")


def cpu_seconds(pid: int) -> float:
    """Return what a process has had of the processor."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0


class Watched:
    """One process, and how long it has been at its present input."""

    def __init__(self, number: int, folder: Path, ends: float, seeds: int, names: list[str]) -> None:
        self._arguments = (number, folder, ends, seeds, names)
        self._now = folder / f"now-{number}"
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start the process, each time with other inputs."""
        number, folder, ends, seeds, names = self._arguments
        self._arguments = (number, folder, ends, seeds + 7, names)
        self.process = mp.get_context("spawn").Process(target=work, args=self._arguments)
        self.process.start()
        self._mark: tuple[int, float, float] | None = None

    def look(self) -> None:
        """Keep the present input if it hangs or has ended its process, and start anew."""
        if not self.process.is_alive():
            if self.process.exitcode not in (0, None):
                self._keep(f"died-{self.process.exitcode}")
                self.start()
            return
        changed = self._now.stat().st_mtime_ns if self._now.exists() else 0
        cpu, wall = cpu_seconds(self.process.pid or 0), time.monotonic()
        if self._mark is None or changed != self._mark[0]:
            self._mark = (changed, cpu, wall)
        elif changed and (cpu - self._mark[1] > HANG_CPU_S or wall - self._mark[2] > HANG_WALL_S):
            self._keep("hung")
            self.process.kill()
            self.process.join()
            self.start()

    def _keep(self, said: str) -> None:
        kind, _, content = (
            self._now.read_bytes().partition(b"\n") if self._now.exists() else (b"start", b"", b"")
        )
        keep(self._folder, kind.decode(), content, said)


def main() -> int:
    """Run, and print how many inputs of each kind were read and what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--folder", type=Path, default=Path("fuzz-findings"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    begun = time.time()
    ends = begun + 60 * asked.minutes
    watched = [
        Watched(number, asked.folder, ends, asked.seed + 100 * number, asked.kinds)
        for number in range(asked.processes)
    ]
    while any(one.process.is_alive() for one in watched) or time.time() < ends:
        time.sleep(0.5)
        for one in watched:
            one.look()
    counts: dict[str, int] = {}
    for path in asked.folder.glob("count-*.json"):
        for kind, number in json.loads(path.read_text()).items():
            counts[kind] = counts.get(kind, 0) + number
    found = sorted(path.stem for pattern in ("*.bin", "harness-*.txt") for path in asked.folder.glob(pattern))
    for kind, number in counts.items():
        sys.stdout.write(f"{kind:20} {number:9,}\n")
    sys.stdout.write(
        f"{sum(counts.values()):,} inputs, {len(counts)} kinds, {(time.time() - begun) / 60:.1f} minutes\n"
    )
    sys.stdout.write("".join(f"FOUND {name}\n" for name in found) or "nothing found\n")
    return 1 if found else 0
