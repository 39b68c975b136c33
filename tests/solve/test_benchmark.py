"""The benchmark runs, small, and its ways of solving agree."""

import runpy
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "assignment.py"


@pytest.mark.parametrize("case", ["seats to spare", "seats short"])
def test_ours_bare_and_highs_agree_on_a_small_city(case):
    benchmark = runpy.run_path(str(BENCHMARK))
    row = benchmark["measure"]((300, 8, 5), case, limit_s=20.0, repeat=1)
    assert row.arcs == 1_500
    assert row.highs is not None
    assert row.served > 0
