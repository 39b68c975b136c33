"""Groups, partners and quality schools."""

from tests.rules.thresholds.towns import Sides, Town, rows, some

CITY_2024 = {"profile": "cn-zhengzhou-2024", "year": 2024}
KUNMING = {"profile": "cn-kunming-2006", "year": 2006, "stages": ("senior",)}
APART = {"catchments": rows(2, "catchment_id", stage="primary", school_ids=["R0", "R1"],
                            box=[(0, 0, 500, 1000), (500, 0, 1000, 1000)])}  # fmt: skip


def of(count, **columns):
    return {"schools": rows(count, school_type="primary", **columns)}


def group(**columns):
    return {"groups": {"group_id": ["G"], "name": ["g"], "core_school_id": ["R0"], **columns}}


def intake(quality, other, **columns):
    return {"schools": rows(2, school_type="senior", quality=[True, False],
                            intake_senior=[quality, other], **columns)}  # fmt: skip


def adjoining(gap):
    """Two catchments of a group, so many metres apart."""
    return {
        "schools": rows(2, school_type="primary", group_id="G", x=[100, 700 + gap], y=100),
        "catchments": rows(2, "catchment_id", stage="primary",
                           box=[(0, 0, 600, 200), (600 + gap, 0, 900 + gap, 200)]),
        **group(),
    }  # fmt: skip


TOWNS = (
    Town(**CITY_2024, both=group(school_ids=["R0;R1"], approved_year=[2024]),
         inside={"schools": rows(2, school_type=["primary", "nine_year"])},
         outside={"schools": rows(2, school_type=["primary", "junior"])},
         stages=("primary", "junior"), rules={"groups.one_stage": Sides(1, 2, area="G")}),
    Town(profile="cn-zhengzhou-jinshui-2024", year=2024, both=group(school_ids=["R0"], quality=[True]),
         inside=of(2, enrolment_primary=[850, 150]), outside=of(2, enrolment_primary=[849, 151]),
         rules={"groups.quality_pupils": Sides(0.85, 0.849, need=1)}),
    Town(**CITY_2024,
         inside=of(300, quality_level=some(80, 300, "leading", "new_quality")),
         outside=of(299, quality_level=some(79, 299, "leading", "new_quality")),
         rules={"groups.new_quality_schools": Sides(300, 299), "groups.leading_schools": Sides(80, 79)}),
    Town(both=APART, inside=of(2, quality=True), outside=of(2, quality=[True, False]),
         rules={"groups.quality_catchments": Sides(1, 1 / 2, need=1)}),
    Town(both=of(3, quality=[True, False, False]),
         inside={"schools": {"partner_school_id": [None, "R0", "R0"]}},
         outside={"schools": {"partner_school_id": [None, "R0", None]}},
         rules={"groups.partners": Sides(1, 1 / 2, need=1)}),
    Town(year=2024, inside=of(2, community=["东", "西"]), outside=of(2, community="东"),
         rules={"groups.communities": Sides(2, 1)}),
    Town(**KUNMING, inside=intake(550, 450), outside=intake(549, 451),
         rules={"groups.quality_senior_intake": Sides(0.55, 0.549, need=1)}),
    Town(**KUNMING, inside=intake(700, 300, setting="city"), outside=intake(699, 301, setting="city"),
         rules={"groups.quality_senior_intake_core": Sides(0.7, 0.699, need=1)}),
    # catchments drawn a metre apart touch
    Town(profile="cn-wenzhou-2022", year=2022, inside=adjoining(0.9), outside=adjoining(1.2),
         rules={"groups.adjoining": Sides(1, 0, need=1)}),
    Town(year=2022, both=of(11), inside={"schools": {"partner_school_id": some(10, 11, "R10", None)}},
         outside={"schools": {"partner_school_id": some(9, 11, "R10", None)}},
         rules={"groups.partner_schools": Sides(10, 9)}),
    Town(year=2020, both=of(5, partner_school_id=some(4, 5, "R4", None)),
         inside={"schools": {"opened_year": [2020] * 5}},
         outside={"schools": {"opened_year": [2019, 2020, 2020, 2020, 2020]}},
         rules={"groups.new_with_partner": Sides(4, 3)}),
)  # fmt: skip
