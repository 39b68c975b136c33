"""Gongyi: a shapefile without .prj is refused with the remedy, and runs when the CRS is stated."""

from __future__ import annotations

from pathlib import Path

import pytest

from layoutplan.city import load_city
from layoutplan.errors import InputError
from layoutplan.plan import load_plan

pytestmark = pytest.mark.real
HERE = Path(__file__).parent


def test_refused_without_a_crs(tmp_path):
    text = (HERE / "gongyi.toml").read_text(encoding="utf-8").replace('crs = "EPSG:2333"\n', "")
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_city(load_plan(tmp_path / "plan.toml"))
    faults = {fault.table: fault for fault in caught.value.faults if fault.severity == "error"}
    assert faults["units"].code == faults["catchments"].code == "crs_missing"
    assert "crs = " in faults["units"].remedy("zh")
    assert faults["schools"].code == "metres_as_degrees", "19,682,242 is no longitude"


def test_runs_with_the_crs_stated():
    city = load_city(load_plan(HERE / "gongyi.toml"))
    assert city.crs.to_epsg() == 4547
    assert len(city.areas) == 1276
    assert city.units["residents"].sum() == 819_812
    assert city.population.sum().sum() == pytest.approx(40_995)
    assert (len(city.schools), city.schools["seats_primary"].sum()) == (22, 41_900)
    assert city.areas.area.sum() / 1e6 == pytest.approx(997.94, abs=0.01)
    assert {"shape_repaired", "working_crs_chosen"} <= {note.code for note in city.notes}
