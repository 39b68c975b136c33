"""Time the access measures beside PySAL ``access``, and hold both against the published vectors.

Homes and schools are strewn over a square; walks are straight lines up to the limit, 20 schools to a home on
average. Both programs get the same pairs and give the same seats per pupil. Then street service areas of one
school a thousand street nodes.

::

    python benchmarks/access.py                                        small sizes, some seconds
    python benchmarks/access.py --homes 50000 --json access.json       50,000 homes × 1,000 schools
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely

from layoutplan.access import gaussian_m, service_areas, steps_m, three_step_access, two_step_access, within_m
from layoutplan.travel import build_network
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.matrix import WalkMatrix

# This file has the name of PySAL's package: Python must not look here for it.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]
fca, weights = (importlib.import_module(f"access.{name}") for name in ("fca", "weights"))

HOMES_PER_SCHOOL = 50
SCHOOLS_IN_REACH = 20
LIMIT_M = 2_000.0
STEPS = ((LIMIT_M / 2, 1.0), (LIMIT_M * 0.8, 0.68), (LIMIT_M, 0.22))
VECTOR_METRES = np.array([[300.0, 900.0], [450.0, 480.0], [1200.0, 250.0]])
VECTOR_PUPILS, VECTOR_SEATS = (900.0, 600.0, 300.0), (1080.0, 540.0)
_VECTOR_STEPS = steps_m((250, 1.0), (400, 0.68), (500, 0.22))
VECTORS = (
    (two_step_access, within_m(500), (0.72, 1.32, 0.60)),
    (two_step_access, gaussian_m(500), (1.020259, 0.404131, 1.530960)),
    (two_step_access, _VECTOR_STEPS, (0.987097, 0.594355, 1.25)),
    (three_step_access, _VECTOR_STEPS, (1.083186, 0.337516, 1.475410)),
)
BLOCK_M = 100.0


@dataclass(frozen=True)
class Row:
    """Figures of one size; seconds, and ratios of PySAL's time to ours for the same measure."""

    homes: int
    schools: int
    pairs: int
    largest_difference_to_vectors: float
    two_step_s: float
    enhanced_s: float
    three_step_s: float
    times_pysal_two_step: float
    times_pysal_enhanced: float
    times_pysal_three_step: float
    largest_difference_to_pysal: float
    service_areas: int
    ms_an_area_500_m: float
    ms_an_area_1000_m: float


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return wall seconds and the result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def vector_pairs() -> WalkMatrix:
    """Return the pairs of the published vectors."""
    return WalkMatrix(
        origins=pd.Index(["A", "B", "C"]),
        destinations=pd.Index(["S", "T"]),
        indptr=np.array([0, 2, 4, 6]),
        indices=np.array([0, 1, 0, 1, 1, 0], dtype=np.int32),
        metres=np.array([300, 900, 450, 480, 250, 1200], dtype=np.float32),
        limit_m=np.inf,
        method="straight",
    )


def difference_to_vectors() -> float:
    """Return the largest difference to the published vectors."""
    found = (
        measure(vector_pairs(), pupils=VECTOR_PUPILS, seats=VECTOR_SEATS, decay=decay)
        for measure, decay, _ in VECTORS
    )
    return max(
        float(np.abs(values - expected).max())
        for values, (_, _, expected) in zip(found, VECTORS, strict=True)
    )


def city(homes: int, *, seed: int) -> tuple[WalkMatrix, np.ndarray, np.ndarray]:
    """Return walks within the limit, pupils of the homes, seats of the schools."""
    random = np.random.default_rng(seed)
    schools = max(homes // HOMES_PER_SCHOOL, 2)
    side = math.sqrt(schools * math.pi * LIMIT_M**2 / SCHOOLS_IN_REACH)
    places = [
        gpd.GeoSeries(
            shapely.points(random.uniform(0, side, (count, 2))), index=[f"{kind}{k}" for k in range(count)]
        )
        for kind, count in (("u", homes), ("s", schools))
    ]
    pairs = walk_matrix(*places, limit_m=LIMIT_M, network=None, detour_factor=1.0)
    return pairs, random.uniform(1, 60, homes), random.integers(6, 48, schools) * 45.0


def pysal(
    pairs: WalkMatrix, pupils: np.ndarray, seats: np.ndarray, *, steps: bool, three_step: bool = False
) -> tuple[float, pd.Series]:
    """Return seconds and answer of PySAL; building its frames is not counted, weighing is, as with ours."""
    demand = pd.DataFrame({"demand": pupils}, index=pairs.origins.rename("geoid"))
    supply = pd.DataFrame({"supply": seats}, index=pairs.destinations.rename("geoid"))
    costs = pairs.to_frame().rename(columns={"destination": "dest", "metres": "cost"})
    costs["cost"] = costs["cost"].astype(float)
    weigh = weights.step_fn(dict(STEPS)) if steps else None
    measure = fca.three_stage_fca if three_step else fca.two_stage_fca
    spent, found = seconds(lambda: measure(demand, supply, costs, max_cost=pairs.limit_m, weight_fn=weigh))
    return spent, found.reindex(pairs.origins).fillna(0.0)


def streets(schools: int, *, seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoSeries]:
    """Return a shaken grid of streets, a thousand nodes to a school, and the schools."""
    random = np.random.default_rng(seed)
    side = max(round(math.sqrt(1_000 * schools)), 20)
    number = np.arange(side * side).reshape(side, side)
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1).reshape(-1, 2)
    xy = BLOCK_M * grid + random.uniform(-15, 15, grid.shape)
    one = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    other = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    lines = shapely.linestrings(np.stack([xy[one], xy[other]], axis=1))
    roads = gpd.GeoDataFrame({"road_id": np.arange(len(lines)).astype(str)}, geometry=lines, crs="EPSG:4547")
    places = shapely.points(random.uniform(0, BLOCK_M * side, (schools, 2)))
    return roads, gpd.GeoSeries(places, crs="EPSG:4547")


def measure(homes: int, *, areas: int, seed: int) -> Row:
    """Measure one size."""
    pairs, pupils, seats = city(homes, seed=seed)
    runs = [
        (two_step_access, within_m(LIMIT_M), False, False),
        (two_step_access, steps_m(*STEPS), True, False),
        (three_step_access, steps_m(*STEPS), True, True),
    ]
    ours, theirs, worst = [], [], 0.0
    for function, decay, steps, three_step in runs:
        spent, found = min(
            (
                seconds(lambda f=function, d=decay: f(pairs, pupils=pupils, seats=seats, decay=d))
                for _ in range(3)
            ),
            key=lambda run: run[0],
        )
        other, answer = pysal(pairs, pupils, seats, steps=steps, three_step=three_step)
        ours.append(spent)
        theirs.append(other)
        worst = max(worst, float(np.abs(found - answer).max()))
    roads, schools = streets(areas, seed=seed)
    network = build_network(roads)
    drawn = [
        seconds(lambda r=radius: service_areas(schools, network, radius_m=r))[0] for radius in (500, 1000)
    ]
    return Row(
        homes=homes,
        schools=len(pairs.destinations),
        pairs=len(pairs.metres),
        largest_difference_to_vectors=difference_to_vectors(),
        two_step_s=ours[0],
        enhanced_s=ours[1],
        three_step_s=ours[2],
        times_pysal_two_step=theirs[0] / ours[0],
        times_pysal_enhanced=theirs[1] / ours[1],
        times_pysal_three_step=theirs[2] / ours[2],
        largest_difference_to_pysal=worst,
        service_areas=len(schools),
        ms_an_area_500_m=drawn[0] / len(schools) * 1e3,
        ms_an_area_1000_m=drawn[1] / len(schools) * 1e3,
    )


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--homes", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--areas", type=int, default=20, help="schools whose service areas are drawn")
    parser.add_argument("--seed", type=int, default=20_250_901)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    chosen = parser.parse_args()
    rows = [asdict(measure(homes, areas=chosen.areas, seed=chosen.seed)) for homes in chosen.homes]
    width = max(map(len, rows[0]))
    for name in rows[0]:
        cells = (f"{row[name]:,.4g}" if isinstance(row[name], float) else f"{row[name]:,}" for row in rows)
        print(f"{name:{width}}", *(f"{cell:>12}" for cell in cells))
    if chosen.json:
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "scipy": scipy.__version__}
        chosen.json.write_text(
            json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
