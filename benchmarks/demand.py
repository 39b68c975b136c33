"""Time the enrolment forecast over schools × grades × years: one forecast, and a back-test of four origins.

A made-up district: every school enters about 60 pupils a year and keeps them but for noise. The table says
how the cost grows, and for one size how it divides over reading, choosing and the rest.

::

    python benchmarks/demand.py                              small sizes, half a minute
    python benchmarks/demand.py --schools 3500 --json demand.json   a metropolis
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from layoutplan.enrolment import backtest, forecast_enrolment
from layoutplan.enrolment.reading import read_history
from layoutplan.errors import FaultLog
from layoutplan.standards import load_profile

PROFILE = load_profile("cn-national")
LAST_YEAR = 2025
HORIZON = 10
ORIGINS = 4


@dataclass(frozen=True)
class Row:
    """Figures of one size."""

    schools: int
    grades: int
    years: int
    rows: int
    read_s: float
    forecast_s: float
    backtest_s: float
    microseconds_per_row: float
    peak_memory_mib: int


def district(schools: int, *, grades: int, years: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return enrolment of ``grades`` from primary 1 on, and births, of a district with noise."""
    random = np.random.default_rng(seed)
    entry = random.poisson(60, (schools, years + grades)).astype(float)
    shape = (schools, grades, years)
    ages = np.arange(grades)
    counts = entry[:, years + grades - 1 - (ages[:, None] + np.arange(years)[::-1])]
    counts = np.round(counts * np.exp(random.normal(0, 0.03, shape)))
    school, grade, year = (axis.ravel() for axis in np.indices(shape))
    stages = np.array(["primary"] * 6 + ["junior"] * 3 + ["senior"] * 3, dtype=object)
    history = pd.DataFrame(
        {
            "school_id": pd.Series(school).map(lambda place: f"S{place:05d}"),
            "area_id": None,
            "stage": stages[grade],
            "grade": grade + 1,
            "year": LAST_YEAR - years + 1 + year,
            "pupils": counts.ravel(),
        }
    )
    born = np.arange(LAST_YEAR - years - 10, LAST_YEAR + 1)
    births = pd.DataFrame({"area_id": None, "year": born, "births": 60.0 * schools})
    return history, births


def measure(schools: int, *, grades: int, years: int, seed: int) -> Row:
    """Return the figures of one size."""
    history, births = district(schools, grades=grades, years=years, seed=seed)
    start = time.perf_counter()
    read_history(history, PROFILE.at(LAST_YEAR), origin=None, log=FaultLog())
    read = time.perf_counter()
    forecast_enrolment(history, births, profile=PROFILE, horizon=HORIZON)
    forecast = time.perf_counter()
    origins = range(LAST_YEAR - ORIGINS, LAST_YEAR)
    backtest(history, births, profile=PROFILE, origins=origins)
    end = time.perf_counter()
    return Row(
        schools=schools,
        grades=grades,
        years=years,
        rows=len(history),
        read_s=round(read - start, 3),
        forecast_s=round(forecast - read, 3),
        backtest_s=round(end - forecast, 3),
        microseconds_per_row=round(1e6 * (forecast - read) / len(history), 2),
        peak_memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def main() -> None:
    """Measure the sizes asked for, print a table, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--schools", type=int, nargs="+", default=[16, 100, 400])
    parser.add_argument("--grades", type=int, nargs="+", default=[9])
    parser.add_argument("--years", type=int, nargs="+", default=[15])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    chosen = parser.parse_args()
    print("  ".join(f"{name:>20}" for name in Row.__dataclass_fields__))
    rows = []
    for schools in chosen.schools:
        for grades in chosen.grades:
            for years in chosen.years:
                row = measure(schools, grades=grades, years=years, seed=chosen.seed)
                print("  ".join(f"{value:>20,}" for value in asdict(row).values()), flush=True)
                rows.append(asdict(row))
    if chosen.json:
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "numpy": np.__version__}
        text = json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n"
        chosen.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
