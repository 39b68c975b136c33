"""Zhengzhou: district outlines of a public map are in GCJ-02 although tagged 4326; that is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from layoutplan.city import load_city
from layoutplan.plan import load_plan

pytestmark = pytest.mark.real
HERE = Path(__file__).parent

OUTLINES = """
[tables.districts]
file = "${LAYOUTPLAN_REAL_DATA}/zhengzhou_admin/zhengzhou_districts_echarts.geojson"
columns = { district_id = "id", name = "name" }
"""


def _load(folder, extra=""):
    text = (HERE / "gongyi.toml").read_text(encoding="utf-8") + OUTLINES + extra
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return load_city(load_plan(folder / "plan.toml"))


def test_outlines_are_noticed_as_gcj02(tmp_path):
    city = _load(tmp_path)
    note = next(note for note in city.notes if note.code == "public_map_outlines")
    assert (note.table, note.severity) == ("districts", "warning")
    assert "gcj02" in note.remedy("zh")
    assert len(city.districts) == 12
    assert city.districts.area.sum() / 1e6 == pytest.approx(7_575, rel=0.001)


def test_stated_datum_moves_them_570_metres(tmp_path):
    as_is, stated = _load(tmp_path), _load(tmp_path, 'datum = "gcj02"\n')
    moved = as_is.districts.centroid.distance(stated.districts.centroid)
    assert moved.between(540, 600).all()
    assert "public_map_outlines" not in [note.code for note in stated.notes]
