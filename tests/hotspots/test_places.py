"""Names a reader recognises."""

from __future__ import annotations

import pandas as pd

from layoutplan.hotspots.names import place_name
from tests.hotspots.lattice import lattice_city, unit_id

CITY = lattice_city()
PUPILS = pd.Series({unit_id(1, 0): 20.0, unit_id(6, 0): 15.0, unit_id(7, 0): 15.0})


def test_the_heaviest_unit_in_the_catchment_that_holds_most_pupils():
    assert place_name(CITY, PUPILS, stage="primary") == "南城片区 · 1街0号院"


def test_a_catchment_without_a_name_of_its_own_is_named_by_its_school():
    for unnamed in (None, CITY.catchments.index.to_numpy()):
        city = lattice_city(catchments=CITY.catchments.assign(name=unnamed))
        assert place_name(city, PUPILS, stage="primary") == "南城九年制学校 · 1街0号院"
        links = city.catchment_schools.iloc[:0]
        alone = lattice_city(catchments=city.catchments, catchment_schools=links)
        assert place_name(alone, PUPILS, stage="primary") == "北区 · 1街0号院"


def test_without_a_catchment_the_district_is_named():
    assert place_name(CITY, PUPILS, stage="junior") == "北区 · 1街0号院"


def test_a_unit_without_a_name_of_its_own_is_not_named():
    for unnamed in (None, CITY.units.index.to_numpy()):
        city = lattice_city(units=CITY.units.assign(name=unnamed))
        assert place_name(city, PUPILS, stage="primary") == "南城片区"
        bare = lattice_city(units=CITY.units.assign(name=unnamed, district_id=None))
        assert place_name(bare, PUPILS, stage="junior") == "u10"
    nowhere = lattice_city(units=CITY.units.assign(district_id=None))
    assert place_name(nowhere, PUPILS, stage="senior") == "1街0号院"
