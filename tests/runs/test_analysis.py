"""Analysis of many scenarios, on figures that are known functions of the settings."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

import layoutplan as lp
from layoutplan.errors import InputError
from layoutplan.runs.batch import executors
from layoutplan.runs.batch import task as tasks
from tests.outputs.town import write_town


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """A town whose pupils without a seat are 1000 × births factor + 2000 × migration rate."""

    def run(task):
        demand, siting = task.plan.demand, task.plan.siting
        unserved = 1000 * demand.births_factor + 2000 * demand.migration_rate
        head = (task.label, task.scenario)
        rows = (
            (*head, "today", "all", 2027, "unserved", unserved),
            (*head, "proposed", "all", 2027, "unserved", unserved - (siting.budget or 0.0) / 1e6),
            (*head, "proposed", "all", 2027, "proposals_cost", siting.budget or 0.0),
        )
        return tasks.ScenarioOutcome(*head, "done", rows=rows)

    monkeypatch.setattr(executors, "run_task", run)
    return write_town(tmp_path)


RANGES = {"demand.migration_rate": (0.0, 0.1), "demand.births_factor": (0.5, 1.5)}


def codes(call):
    with pytest.raises(InputError) as raised:
        call()
    return [fault.code for fault in raised.value.faults]


def test_the_driver_with_the_largest_swing_comes_first(plan):
    found = lp.driver_swings(plan, RANGES, workers=1)
    assert found["setting"].tolist() == ["demand.births_factor", "demand.migration_rate"]
    assert found["swing"].tolist() == pytest.approx([1000.0, 200.0])
    assert found["as_planned"].tolist() == pytest.approx([1020.0, 1020.0])
    assert found["at_high"].tolist() == pytest.approx([1520.0, 1200.0])


def test_sobol_indices_of_a_sum_are_the_shares_of_its_variance(plan):
    seeded = lp.load_plan(plan).vary({"plan.seed": 1}, name="seeded")
    found = lp.sobol_indices(seeded, RANGES, samples=32, workers=1).set_index("setting")
    births = 1000**2 / (1000**2 + 200**2)  # uniform variables: variance goes with the square of the range
    expected = {"demand.births_factor": births, "demand.migration_rate": 1 - births}
    for name, share in expected.items():
        assert found.loc[name, "first"] == pytest.approx(share, abs=0.1)
        assert found.loc[name, "total"] == pytest.approx(share, abs=0.1)


def test_what_costs_more_and_serves_fewer_is_not_efficient(plan):
    grid = {"siting.budget": [1e8, 3e8], "demand.births_factor": [1.0, 1.1]}
    table = lp.pareto(lp.batch(plan, grid, workers=1))
    assert table["cost"].tolist() == sorted(table["cost"])
    efficient = table[table["efficient"]]
    assert efficient["scenario"].str.endswith("births_factor-1_0").all()
    assert efficient["cost"].tolist() == [0.0, 0.0, 1e8, 3e8]  # today's layout is the same for both budgets
    for row in table[~table["efficient"]].itertuples():
        assert ((table["cost"] <= row.cost) & (table["figure"] < row.figure)).any()


def test_the_robust_choice_has_the_least_regret():
    def batch_of(values):
        rows = [
            ("town", f"{choice}-{future}", "today", "all", 2030, "unserved", value)
            for (choice, future), value in values.items()
        ]
        scenarios = [
            {
                "plan": "town",
                "scenario": f"{one}-{future}",
                "siting.budget": one,
                "demand.births_factor": future,
            }
            for one, future in values
        ]
        figures = pd.DataFrame(
            rows, columns=["plan", "scenario", "layout", "stage", "year", "figure", "value"]
        )
        return lp.Batch(figures, pd.DataFrame(scenarios), 1)

    values = {("a", 1): 10.0, ("a", 2): 90.0, ("b", 1): 30.0, ("b", 2): 50.0, ("c", 1): 0.0, ("c", 2): 95.0}
    table = lp.robust_choice(batch_of(values), ["siting.budget"])
    assert table["siting.budget"].tolist() == ["b", "a", "c"]
    assert table["most_regret"].tolist() == [30.0, 40.0, 45.0]
    assert table["robust"].tolist() == [True, False, False]
    del values["c", 2]
    assert codes(lambda: lp.robust_choice(batch_of(values), ["siting.budget"])) == ["batch_not_every_choice"]
    assert codes(lambda: lp.robust_choice(batch_of(values), ["siting.bugdet"])) == ["batch_no_choice"]


def test_faults_of_an_analysis_are_said(plan, monkeypatch):
    assert codes(lambda: lp.driver_swings(plan, {})) == ["batch_empty"]
    assert codes(lambda: lp.driver_swings(plan, {"demand.births_factor": (2, 1)})) == ["batch_no_range"]
    one = {"demand.births_factor": (0.9, 1.1)}
    assert codes(lambda: lp.driver_swings(plan, one, figure="joy", workers=1)) == ["batch_no_figure"]
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    assert codes(lambda: lp.sobol_indices(plan, one)) == ["batch_no_salib"]
