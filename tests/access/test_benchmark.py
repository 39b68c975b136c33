"""The benchmark runs, and its answers are right."""

import runpy
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "access.py"


@pytest.mark.filterwarnings("ignore")
def test_the_benchmark_agrees_with_pysal_and_the_vectors_on_a_small_city():
    benchmark = runpy.run_path(str(BENCHMARK))
    row = benchmark["measure"](200, areas=2, seed=1)
    assert row.largest_difference_to_vectors < 1e-6
    assert row.largest_difference_to_pysal < 1e-6
    assert row.pairs > 500
