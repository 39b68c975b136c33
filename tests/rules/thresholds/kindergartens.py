"""Kindergartens: who owns them, their grades, those of new estates."""

from tests.rules.thresholds.towns import Sides, Town, rows, some

WENZHOU = {"profile": "cn-wenzhou-2022", "year": 2022}
INFANTS = {"stages": ("kindergarten",)}


def of(count, **columns):
    return {"schools": rows(count, school_type="kindergarten", **columns)}


def pupils(first, second, **columns):
    """Two kindergartens of so many pupils."""
    return of(2, enrolment_kindergarten=[first, second], **columns)


def estates(*states):
    return {"housing": rows(len(states), "housing_id", dwellings=1500, first_occupancy_year=2020,
                            kindergarten_state=[*states])}  # fmt: skip


def classes(pupils, count, others, of_others):
    """First-year classes of one kindergarten: so many of each of two sizes."""
    sizes = [pupils] * count + [others] * of_others
    return {"classes": {"school_id": ["R0"] * len(sizes), "stage": ["kindergarten"] * len(sizes),
                        "grade": [1] * len(sizes), "class_no": [*map(str, range(len(sizes)))],
                        "pupils": sizes}}  # fmt: skip


TOWNS = (
    Town(**INFANTS, inside=pupils(93, 7, ownership=["inclusive", "private"]),
         outside=pupils(92, 8, ownership=["inclusive", "private"]),
         rules={"kindergarten.inclusive_pupils": Sides(0.93, 0.92, need=1)}),
    Town(**INFANTS, inside=pupils(50, 50, ownership=["public", "inclusive"]),
         outside=pupils(49, 51, ownership=["public", "inclusive"]),
         rules={"kindergarten.public_pupils": Sides(0.5, 0.49, need=1)}),
    Town(profile="cn-hefei-2013", year=2013, **INFANTS,
         both=of(20, enrolment_kindergarten=100),
         inside={"schools": {"ownership": some(13, 20, "inclusive", "private")}},
         outside={"schools": {"ownership": some(12, 20, "inclusive", "private")}},
         rules={"kindergarten.inclusive_count": Sides(0.65, 0.6, need=1)}),
    Town(**WENZHOU, **INFANTS, inside=pupils(78, 22, kindergarten_grade=["second", "third"]),
         outside=pupils(77, 23, kindergarten_grade=["second", "third"]),
         rules={"kindergarten.quality_pupils": Sides(0.78, 0.77, need=1)}),
    Town(**WENZHOU, **INFANTS, inside=pupils(18, 82, kindergarten_grade=["first", "second"]),
         outside=pupils(17, 83, kindergarten_grade=["first", "second"]),
         rules={"kindergarten.first_grade_pupils": Sides(0.18, 0.17, need=1)}),
    Town(profile="cn-zhengzhou-zhengdong-2024", year=2024, **INFANTS,
         inside=of(5, nursery_classes=some(2, 5, 1, 0)), outside=of(5, nursery_classes=some(1, 5, 1, 0)),
         rules={"kindergarten.nursery_classes": Sides(0.4, 0.2, need=1)}),
    Town(**INFANTS, both={"units": rows(1, "unit_id", age_3=1000)},
         inside=of(1, enrolment_kindergarten=900), outside=of(1, enrolment_kindergarten=899),
         rules={"kindergarten.gross_enrolment": Sides(0.9, 0.899, need=1)}),
    Town(**INFANTS, inside=estates("planned", "opened"), outside=estates("none", "opened"),
         rules={"kindergarten.estates_with_one": Sides(1, 1 / 2, need=1)}),
    Town(**INFANTS, inside=estates("opened", "planned"), outside=estates("idle", "opened"),
         rules={"kindergarten.estate_opened": Sides(1, 1 / 2, need=1)}),
    Town(**INFANTS, both=of(2, enrolment_kindergarten=[300, 45]),
         inside={"schools": {"licensed": [True, True]}}, outside={"schools": {"licensed": [True, False]}},
         rules={"kindergarten.unlicensed": Sides(0, 1, need=45)}),
    Town(profile="cn-zhengzhou-2014", year=2014, **INFANTS, both=of(151, kindergarten_grade="first"),
         inside={"schools": {"kindergarten_grade_before": some(150, 151, "second", "first")}},
         outside={"schools": {"kindergarten_grade_before": some(149, 151, "second", "first")}},
         rules={"kindergarten.grades_risen": Sides(150, 149)}),
    # 25 pupils are allowed in the first year: 17 of 20 classes are 85 %, 16 are not
    Town(**INFANTS, both=of(1), inside=classes(25, 17, 26, 3), outside=classes(25, 16, 26, 4),
         rules={"kindergarten.class_size": Sides(0.85, 0.8, need=1)}),
)  # fmt: skip
