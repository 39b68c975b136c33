"""Time the draws of demand over sizes, up to a metropolis.

On made-up places (catchments of four stages; one in ten holds a growing estate), one table: seconds and peak
memory for ``places`` × ``years`` × ``draws``, and what a million values cost, which stays the same as long as
cost grows linearly. Each size runs in a process of its own, so that its memory is its own.

::

    python benchmarks/demand_draws.py                       small sizes, a few seconds
    python benchmarks/demand_draws.py --metropolis          60,000 units, 3,500 places, 15 years, 1,000 draws
    python benchmarks/demand_draws.py --json draws.json
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from layoutplan.balance.measures import sums
from layoutplan.outlook import Shocks
from layoutplan.outlook.bands import Groups, draw_bands
from layoutplan.outlook.draws import DrawPlaces, EstateShares

STAGES = {"kindergarten": 0.53, "primary": 0.3, "junior": 0.13, "senior": 0.04}
DISTRICTS = 16
SIZES = ((400, 100, 10, 200), (400, 100, 10, 1_000), (4_000, 400, 10, 1_000), (16_000, 1_000, 15, 1_000))
METROPOLIS = (60_000, 3_500, 15, 1_000)


@dataclass(frozen=True)
class Row:
    """Figures of one size."""

    units: int
    places: int
    years: int
    draws: int
    seconds: float
    seconds_per_million_values: float
    peak_memory_mib: int
    added_memory_mib: int


def measure(size: tuple[int, int, int, int]) -> Row:
    """Draw the demand of all stages at one size; meant for a fresh process."""
    units, places, years, draws = size
    rng = np.random.default_rng(7)
    shocks = Shocks(district=(0.015,), zone=(0.05,), births=0.04, delays=(0.6, 0.3, 0.1))
    before = _peak_mib()
    begin = time.perf_counter()
    for stage, share in STAGES.items():
        count = max(2, round(places * share))
        made, groups, seats = _city(stage, units=units, count=count, years=years, rng=rng)
        draw_bands(made, groups, shocks, seats=seats, seed=1, draws=draws)
    seconds = time.perf_counter() - begin
    values = places * years * draws / 1e6
    return Row(*size, seconds, seconds / values, _peak_mib(), _peak_mib() - before)


def _city(
    stage: str, *, units: int, count: int, years: int, rng: np.random.Generator
) -> tuple[DrawPlaces, Groups, np.ndarray]:
    place = rng.integers(0, count, units)
    pupils = rng.gamma(2.0, 20.0, (units, 1)) * np.linspace(1.0, 0.9, years)
    settled = sums(pupils, place, count=count)
    estates = max(1, count // 10)
    ramp = np.clip(np.linspace(-0.5, 1.0, years), 0.0, 1.0) * rng.uniform(50, 400, (estates, 1))
    late = tuple(np.hstack([np.zeros((estates, lag)), ramp[:, : years - lag]]) for lag in range(3))
    members = sparse.csr_array(
        (np.ones(estates), (rng.integers(0, count, estates), np.arange(estates))), shape=(count, estates)
    )
    unborn = settled * np.clip(np.linspace(-0.4, 0.6, years), 0.0, 1.0)
    made = DrawPlaces(
        stage=stage,
        names=tuple(f"C{number}" for number in range(count)),
        settled=settled - unborn,
        unborn=unborn,
        born_steps=np.maximum(np.arange(years) - 6, 0),
        estates=EstateShares(tuple(f"H{number}" for number in range(estates)), late, members),
    )
    groups = Groups(
        place=np.concatenate([np.arange(count), np.arange(count)]),
        area=np.concatenate([np.arange(count) % DISTRICTS, np.full(count, DISTRICTS)]),
        share=np.ones((2 * count, years)),
        seats=np.full((DISTRICTS + 1, years), settled.sum() / DISTRICTS),
    )
    return made, groups, settled * rng.uniform(0.8, 1.2, (count, 1))


def _peak_mib() -> int:
    scale = 1024 if platform.system() == "Linux" else 1024 * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // scale


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--metropolis", action="store_true", help="add the metropolis")
    parser.add_argument("--json", type=Path, help="file to write")
    chosen = parser.parse_args()
    sizes = (*SIZES, METROPOLIS) if chosen.metropolis else SIZES
    context = multiprocessing.get_context("spawn")
    head = ("units", "places", "years", "draws", "seconds", "s per million", "peak MiB", "added MiB")
    print("".join(f"{name:>15}" for name in head))
    rows = []
    for size in sizes:
        with context.Pool(1) as pool:
            row = pool.apply(measure, (size,))
        rows.append(asdict(row))
        figures = [
            f"{value:,.3f}" if isinstance(value, float) else f"{value:,}" for value in asdict(row).values()
        ]
        print("".join(f"{figure:>15}" for figure in figures))
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": rows, "machine": platform.machine()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
