"""Units without a name are called by their side of the nearest school."""

from dataclasses import replace

import pytest

from layoutplan.city.unnamed import names_of_areas, names_of_units
from layoutplan.rules.worked_examples import worked_example


def town(**names):
    """School A in the middle and B far in the east; a unit 100 m off A on each side."""
    off = [(0, 100), (70, 70), (100, 0), (70, -70), (0, -100), (-70, -70), (-100, 0), (-70, 70)]
    return worked_example(
        schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2, "name": ["Winona", "Bell"],
                 "x": [0, 9000], "y": [0, 0]},
        units={"unit_id": [f"U{at}" for at in range(9)], "x": [*(x for x, _ in off), 9100],
               "y": [*(y for _, y in off), 0], **names},
    ).city  # fmt: skip


def test_a_unit_without_a_name_is_called_by_its_side_of_the_nearest_school():
    city = town(name=[None] * 9)
    sides = ("以北", "东北", "以东", "东南", "以南", "西南", "以西", "西北")
    assert names_of_units(city).tolist() == [*(f"Winona{side}" for side in sides), "Bell以东"]
    assert names_of_areas(city).tolist() == names_of_units(city).tolist()


@pytest.mark.parametrize("given", ["Mill Row", " Mill Row "])
def test_a_name_of_its_own_stays_and_an_id_is_none(given):
    named = names_of_units(town(name=[given, "U1", *["x"] * 7])).tolist()
    assert named[:3] == ["Mill Row", "Winona东北", "x"]


def test_an_area_without_an_outline_is_called_by_its_id():
    city = town(name=[None] * 9)
    areas = city.areas.copy()
    areas.loc[areas.index[:2], "geometry"] = None
    assert names_of_areas(replace(city, areas=areas)).tolist()[:3] == [
        *map(str, areas.index[:2]),
        "Winona以东",
    ]
