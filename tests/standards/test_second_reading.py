"""The second reading of the standards: each value found stands in its profile, with how sure it is."""

import pytest

from layoutplan.standards import load_profile

# profile, key, of, year, value, confidence
FOUND = (
    ("cn-national", "equity.missed_indicator_floor", "", 2024, 0.85, "V"),
    ("cn-national", "class_size.by_grade", "kindergarten", 2019, (25, 30, 35), "V2"),
    ("cn-national", "walking.service_radius", "kindergarten", 2017, 300, "V2"),
    ("cn-national", "floor.per_seat", "senior", 2025, 10.0, "V2"),
    (
        "cn-national",
        "floor.per_seat_by_classes",
        "senior",
        2025,
        ((18, 10.4), (24, 10.0), (30, 9.2), (36, 8.9)),
        "V2",
    ),
    (
        "cn-national",
        "floor.per_seat_by_classes",
        "complete",
        2025,
        ((18, 10.3), (24, 9.9), (30, 9.1), (36, 8.8)),
        "V2",
    ),
    ("cn-national", "school.levels_rural", "primary", 2025, (6, 12, 18, 24), "V2"),
    ("cn-national", "school.levels_rural", "junior", 2025, (12, 18, 24), "V2"),
    ("cn-henan", "class_size.cap", "primary", 2012, 45, "V2"),
    ("cn-henan", "class_size.cap", "junior", 2012, 50, "V2"),
    ("cn-henan", "school.residents_rural", "primary", 2012, (5000, 5000), "V2"),
    ("cn-henan", "school.residents_rural", "junior", 2012, (20_000, 30_000), "V2"),
    ("cn-henan", "floor.dormitory_per_boarder", "primary", 2012, 3.0, "V2"),
    ("cn-henan", "floor.dormitory_per_boarder", "junior", 2012, 3.3, "V2"),
    ("ca-ontario", "class_size.by_grade", "elementary", 2021, (29, 29, 20, 20, 20, *[24.5] * 5), "V"),
    ("cn-national", "class_size.least_by_grade", "kindergarten", 2019, (20, 26, 31), "V2"),
    ("ca-ontario", "class_size.early_grades", "elementary", 2021, ("1", "2", "3"), "V"),
    ("ca-ontario", "class_size.early_over_share", "elementary", 2021, 0.1, "V"),
    ("ca-ontario", "class_size.early_cap", "elementary", 2021, 23, "V"),
    ("ca-ontario", "walking.youngest_grades", "elementary", 2019, ("JK", "SK"), "V2"),
    ("ca-ontario", "walking.youngest_radius", "elementary", 2019, 1000, "V2"),
    ("ca-ontario", "walking.service_radius", "elementary", 2019, 1600, "V2"),
    ("ca-ontario", "walking.service_radius", "secondary", 2019, 3200, "V2"),
    ("cn-national", "cost.per_seat", "senior", 2021, 100_000, "M-low"),
)


@pytest.mark.parametrize("found", FOUND, ids=lambda found: "-".join(map(str, found[:4])))
def test_each_value_found_stands_in_its_profile(found):
    profile, key, of, year, value, confidence = found
    rule = load_profile(profile).at(year).rule(key, of)
    assert (rule.value, rule.confidence) == (value, confidence)


def test_land_per_seat_is_a_guide_and_the_least_lies_below_it():
    """Zhengzhou built 36 classes on 19.5 亩: 8.0 m² a pupil. The upper limits of the index are no minima."""
    standards = load_profile("cn-national").at(2025)
    for stage in ("primary", "junior"):
        assert standards.number("land.least_per_seat", stage) < standards.number("land.per_seat", stage)
    assert "never minima" in standards.rule("land.least_per_seat", "primary").note
    assert round(19.5 * 2000 / 3 / (36 * 45), 1) == 8.0
