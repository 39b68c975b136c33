"""The districting benchmark runs, small: rows and plans are written once."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pandas as pd

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "districting.py"


def _write_data(folder: Path) -> None:
    side = 6
    place = np.array([(i // side, i % side) for i in range(side**2)])
    units = pd.DataFrame({"unit": 100 + np.arange(side**2), "demand": 1 + np.arange(side**2) % 4})
    units[["x_m", "y_m"]] = place * 500
    units.to_csv(folder / "toy_units.csv", index=False)
    pairs = [(i, j) for i in range(side**2) for j in range(i) if abs(place[i] - place[j]).sum() == 1]
    pd.DataFrame(np.array(pairs) + 100, columns=["unit_a", "unit_b"]).to_csv(
        folder / "toy_edges.csv", index=False
    )
    (folder / "open").mkdir()
    schools = pd.DataFrame({"unit": [107, 110, 125, 128], "capacity": 25})
    schools.assign(set="toy", instance="toy_4", area="toy").to_csv(
        folder / "open" / "schools.csv", index=False
    )
    best = pd.DataFrame({"set": ["toy"], "instance": ["toy_4"], "best_known": [80.0]})
    best.to_csv(folder / "open" / "best_known.csv", index=False)


def test_the_benchmark_writes_a_row_and_a_plan_once(tmp_path, monkeypatch, capsys):
    _write_data(tmp_path)
    arguments = ["districting.py", "--data", str(tmp_path), "--set", "toy", "--work", "2"]
    monkeypatch.setattr(sys, "argv", [*arguments, "--plans", str(tmp_path / "out")])
    for _ in range(2):
        runpy.run_path(str(BENCHMARK), run_name="__main__")
    rows = pd.read_csv(tmp_path / "out" / "rows.csv")
    assert len(rows) == 1
    assert rows.loc[0, "overload"] == 0
    plan = pd.read_csv(tmp_path / "out" / "toy_toy_4_0.csv")
    assert plan["unit"].tolist() == list(range(100, 136))
    assert set(plan["school"]) == {107, 110, 125, 128}
    assert "toy_4" in capsys.readouterr().out
