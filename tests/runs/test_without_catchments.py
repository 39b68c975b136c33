"""A plan without catchments runs to the end: evaluated by district, or as a whole."""

from __future__ import annotations

import pytest

from layoutplan import load_plan, run_plan, write_run
from layoutplan.outputs.map import read_map_page
from tests.city.office import Office


@pytest.mark.slow
@pytest.mark.parametrize("dropped", [("catchments",), ("catchments", "districts")])
def test_it_runs_and_is_written(tmp_path, dropped):
    office = Office(tmp_path)
    for table in ("roads", *dropped):
        office.drop(table)
    office.write()
    run = run_plan(load_plan(tmp_path / "plan.toml"))
    assert run.balance.catchments.empty
    rows = run.balance.city
    assert set(rows["stage"]) == {"primary", "junior"}
    assert (rows["demand"] > 0).all()
    by_district = run.balance.districts
    assert set(by_district["district_id"]) == ({"D1", "D2"} if dropped == ("catchments",) else set())
    write_run(run, tmp_path / "out")
    assert read_map_page((tmp_path / "out" / "map.html").read_text(encoding="utf-8"))
