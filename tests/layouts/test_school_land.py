"""Land of a school: the guide by size, the least, and what a site really offers."""

import geopandas as gpd
import pytest
import shapely

from layoutplan.layouts.school_land import guide_m2, has_tenure, least_m2, net_areas
from layoutplan.rules.worked_examples import worked_example
from layoutplan.siting.candidates import Sizing, site_candidates
from layoutplan.standards import load_profile

STANDARDS = load_profile("cn-national").at(2025)


@pytest.mark.parametrize(
    ("seats", "guide", "least"),
    [
        ({"primary": 540.0}, 540 * 24.2, 540 * 15),  # 12 classes
        ({"primary": 1350.0}, 1350 * 18.8, 1350 * 15),  # 30 classes
        ({"primary": 810.0, "junior": 450.0}, 810 * 21.4 + 450 * 25.9, 810 * 15 + 450 * 20),
        ({"kindergarten": 180.0}, 180 * 15.0, 180 * 15.0),  # no least: the guide
    ],
)
def test_guide_by_size_and_least(seats, guide, least):
    assert guide_m2(STANDARDS, seats) == pytest.approx(guide)
    assert least_m2(STANDARDS, seats) == pytest.approx(least)


def test_a_site_counts_with_what_is_left_of_it():
    frame = gpd.GeoDataFrame(
        {
            "area_m2": [9000.0, 9000.0, 9000.0, None],
            "proposed_use": [None, "商业", "绿地", None],
            "rezoned_area_m2": [5000.0, 4000.0, None, None],
            "tenure": ["state", None, "collective", "collective"],
            "status": ["reserved", "reserved", "reserved", "idle"],
        },
        geometry=[shapely.Point(0, 0)] * 4,
    )
    assert net_areas(frame).fillna(-1).tolist() == [9000, 5000, 0, -1]
    assert has_tenure(frame).tolist() == [True, True, False, True]


def sited(area, **more):
    case = worked_example(
        stages=["primary"],
        sites={"site_id": ["L"], "status": ["reserved"], "area_m2": [area], "x": [1], "y": [1], **more},
    )
    found = site_candidates(case.city, Sizing(STANDARDS, ("primary",)), year=2027)
    return [option.level for one in found for option in one.options]


def test_siting_and_rule_book_take_a_site_by_the_same_land():
    """A school of 12 classes needs 540 × 15 = 8,100 m² at least, of 18 classes 12,150."""
    assert sited(8_100) == [12]
    assert sited(8_099) == []
    assert sited(12_150) == [12, 18]
    assert sited(12_150, proposed_use=["商业"], rezoned_area_m2=[4_050]) == [12]
    assert sited(12_150, tenure=["collective"]) == []
