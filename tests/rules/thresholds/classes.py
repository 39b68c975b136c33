"""Class size, school size and the ledger."""

from tests.rules.thresholds.towns import Sides, Town, rows

ONE = {"schools": {"school_id": ["A"], "school_type": ["primary"]}}


def classes(*pupils, year=None):
    table = {
        "school_id": ["A"] * len(pupils),
        "stage": ["primary"] * len(pupils),
        "class_no": [str(rank) for rank in range(len(pupils))],
        "pupils": [*pupils],
    }
    return {"classes": table | ({"year": year} if year else {})}


def early(*pupils):
    """Classes of grade 1 of an Ontario school."""
    table = classes(*pupils)["classes"] | {"stage": ["elementary"] * len(pupils), "grade": [1] * len(pupils)}
    return {"classes": table}


ONTARIO = {"profile": "ca-ontario", "stages": ("elementary",),
           "both": {"schools": {"school_id": ["A"], "school_type": ["elementary"]}}}  # fmt: skip

TOWNS = (
    # at most 45: the cap itself is allowed, and 46 pupils need a second class
    Town(both=ONE, inside=classes(45), outside=classes(46), rules={
        "classes.over_cap": Sides(0, 1, need=1),
        "classes.mean": Sides(45, 46),
        "classes.largest": Sides(45, 46),
    }),
    # 56 and more (56人以上 includes 56)
    Town(both=ONE, inside=classes(55), outside=classes(56), rules={
        "classes.oversized": Sides(0, 1, need=1),
    }),
    Town(both=ONE, inside=classes(65), outside=classes(66), rules={
        "classes.severely_oversized": Sides(0, 1, need=1),
        "classes.severely_oversized_share": Sides(0, 1, need=1),
    }),
    # 5 % of 20 classes is one; of 19 it is less
    Town(both=ONE, inside=classes(56, *[45] * 19), outside=classes(56, *[45] * 18), rules={
        "classes.oversized_share": Sides(1 / 20, 1 / 19, need=1),
    }),
    # until 2019, 2 % of classes of 66 and more: one of 50, not of 49
    Town(profile="cn-national", year=2018, both=ONE,
         inside=classes(66, *[45] * 49), outside=classes(66, *[45] * 48), rules={
        "classes.severely_oversized_share": Sides(1 / 50, 1 / 49, need=1),
    }),
    Town(profile="cn-tianshui-2010", year=2010,
         both={"schools": {**ONE["schools"], "setting": ["town"]}},
         inside=classes(56, 56, year=[2010, 2009]), outside=classes(56, 55, year=[2010, 2009]), rules={
        "classes.urban_change": Sides(0, 1),
    }),
    Town(both=ONE, inside={"schools": {"enrolment_primary": [2000]}},
         outside={"schools": {"enrolment_primary": [2001]}}, rules={
        "size.school_cap": Sides(2000, 2001, need=1, area="A"),
        "size.pupils_in_oversized": Sides(0, 1, need=1),
    }),
    # the ledger: a class of 56 last year too is no new case
    Town(both=ONE, inside=classes(56, 56, year=[2025, 2024]), outside=classes(56, 55, year=[2025, 2024]),
         rules={"ledger.new_cases": Sides(0, 1)}),
    # a school above the cap of its type has a date; one over its seats has none until the office enters it
    Town(both={"schools": rows(2, school_type="primary", seats_primary=[2001, 540])},
         inside={"schools": {"enrolment_primary": [2001, 540]}},
         outside={"schools": {"enrolment_primary": [2001, 541]}}, rules={
        "ledger.dated_cases": Sides(1, 1 / 2),
    }),
    # 66 and more: due in the year it is first seen, and a year later overdue
    Town(profile="cn-wenzhou-2022", year=2023, both=ONE,
         inside=classes(66, 45, year=[2023, 2022]), outside=classes(66, 66, year=[2023, 2022]),
         rules={"reporting.rectified": Sides(1, 0, need=1)}),
    # Ontario: 20 pupils in grades 1 to 3, up to 23 in a tenth of the classes
    Town(**ONTARIO, inside=early(21, *[20] * 9), outside=early(21, 21, *[20] * 8), rules={
        "classes.early_over": Sides(0.1, 0.2, need=1),
    }),
    Town(**ONTARIO, inside=early(23, 20), outside=early(24, 20), rules={
        "classes.early_largest": Sides(23, 24, need=1),
    }),
)  # fmt: skip
