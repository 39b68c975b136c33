"""The benchmark runs, and its answers are right."""

import runpy
from pathlib import Path

import numpy as np

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "travel.py"


def test_the_benchmark_agrees_with_networkx_on_a_small_city():
    benchmark = runpy.run_path(str(BENCHMARK))
    roads, homes, schools = benchmark["city"](400, seed=1)
    assert (len(homes), len(schools)) == (96, 6)
    network = benchmark["build_network"](roads)
    sample = np.arange(3)
    _, oracle = benchmark["networkx_s"](network, sample, 500.0)
    assert benchmark["largest_difference"](network, sample, oracle, 500.0) < 1e-3
