"""Differences between schools: coefficients of variation, the seven indicators, sports and arts."""

from layoutplan.rules.worked_examples import SEVEN_MET
from tests.rules.thresholds.towns import Sides, Town, rows

TWO = {"schools": {"school_id": ["A", "B"], "school_type": ["primary"] * 2}}
OF_2017 = {
    "cv_higher_degree_teachers": "teachers_above_degree",
    "cv_backbone_teachers": "teachers_backbone",
    "cv_pe_arts_teachers": "teachers_arts_sports",
    "cv_teaching_area": "teaching_area_m2",
    "cv_sports_area": "sports_area_m2",
    "cv_equipment": "equipment_value",
    "cv_multimedia_rooms": "multimedia_rooms",
}
OF_2012 = ("teachers", "teachers_above_degree", "teachers_mid_title", "teaching_area_m2", "sports_area_m2",
           "equipment_value", "computers", "books")  # fmt: skip


def resources(columns, small, large):
    """Two schools of as many pupils: the coefficient of variation is (large − small) / (large + small)."""
    table = rows(2, school_id=["A", "B"], stage="primary", pupils=100)
    return {"resources": table | {column: [small, large] for column in columns}}


def seven(**columns):
    """Two schools that attain all seven but for what is given."""
    return {"resources": {**SEVEN_MET, **columns}}


TOWNS = (
    Town(both=TWO, inside=resources(OF_2017.values(), 100, 300), outside=resources(OF_2017.values(), 99, 301),
         rules={f"equity.{rule}": Sides(0.5, 0.505) for rule in OF_2017}),
    Town(both=TWO, inside=resources(OF_2012, 35, 165), outside=resources(OF_2012, 34, 166),
         rules={"equity.composite_2012": Sides(0.65, 0.66)}),
    # the goal is a CV below 0.4, which 0.4 is not
    Town(both=TWO, inside=resources(OF_2012, 61, 139), outside=resources(OF_2012, 60, 140),
         rules={"equity.composite_goal": Sides(0.39, 0.4)}),
    # B misses one indicator: 637.5 of 750 m² are 85 % of it
    Town(both=TWO, inside=seven(sports_area_m2=[750, 637.5]), outside=seven(sports_area_m2=[750, 636]),
         rules={"equity.missed_indicator": Sides(0.85, 0.848, area="B"),
                "equity.schools_attained": Sides(1, 1 / 2, need=1)}),
    Town(both=TWO, inside=seven(sports_area_m2=[750, 740]),
         outside=seven(sports_area_m2=[750, 740], multimedia_rooms=[3, 2]),
         rules={"equity.school_attainment": Sides(6, 5, area="B")}),
    Town(both=TWO, inside=seven(), outside=seven(sports_area_m2=[750, 749]),
         rules={"equity.sports_arts": Sides(1, 1 / 2, need=1)}),
)  # fmt: skip
