"""What the travel stage says before any walk is measured."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import LineString

from layoutplan.plan import load_plan
from layoutplan.runs.travel_stage import street_notes
from tests.city.office import CRS, SOUTH, WEST, Office


@pytest.mark.parametrize("kind", ["river", "crossing"])
def test_barriers_without_roads_say_whose_way_they_cross(tmp_path, kind):
    """A river through the middle of the southern half: its western unit has its school on the far bank."""
    office = Office(tmp_path)
    office.drop("roads")
    line = LineString([(WEST + 1000, SOUTH - 100), (WEST + 1000, SOUTH + 1500)])
    barriers = gpd.GeoDataFrame({"kind": [kind]}, geometry=[line], crs=CRS)
    office.after.append(lambda folder: barriers.to_file(folder / "barriers.gpkg", layer="barriers"))
    office.plan += '[tables.barriers]\nfile = "barriers.gpkg"\n'
    city = office.load()
    across = city.units[(city.units.geometry.x < WEST + 1000) & (city.units.geometry.y < SOUTH + 1500)]
    (said,) = street_notes(load_plan(tmp_path / "plan.toml"), city)
    assert said.params["count"] == 1
    assert said.params["residents"] == pytest.approx(across["residents"].sum() if kind == "river" else 0.0)
    assert across["residents"].sum() > 0
