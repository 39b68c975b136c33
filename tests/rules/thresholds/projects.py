"""The pipeline: counts, costs, seats, delays, acceptance, and who answers for what."""

from tests.rules.thresholds.towns import Sides, Town, rows, some


def built(count, *, year=2025, **row):
    """Return so many like projects begun in a year and opening in the next."""
    like = {"kind": "new", "state": "started", "start_year": year, "opening_year": year + 1,
            "school_type": "primary", "x": 1, "y": 1}  # fmt: skip
    return {"projects": rows(count, "project_id", **like | row)}


def counted(rule, least, *, profile, year, **row):
    """A town with as many projects of a sort as a task asks for, and one with one less."""
    return Town(
        profile=profile,
        year=year,
        inside=built(least, year=year, **row),
        outside=built(least - 1, year=year, **row),
        rules={rule: Sides(least, least - 1)},
    )


KUNMING = {"profile": "cn-kunming-2006", "year": 2006}
WENZHOU = {"profile": "cn-wenzhou-2022", "year": 2022}
CITY_2014 = {"profile": "cn-zhengzhou-2014", "year": 2014}
JINSHUI = {"profile": "cn-zhengzhou-jinshui-2024", "year": 2024}
ZHENGDONG = {"profile": "cn-zhengzhou-zhengdong-2024", "year": 2024}
CLEARED = {"school_type": "primary", "setting": "village", "opening_year": 2006, "year": 2006}

TOWNS = (
    counted("projects.schools", 10, profile="cn-hefei-2013", year=2013, school_type="junior"),
    counted("projects.schools", 130, **WENZHOU),
    counted("projects.starts", 30, **CITY_2014),
    counted("projects.new_kindergartens", 60, **CITY_2014, school_type="kindergarten"),
    counted("projects.planned_moves", 6, **CITY_2014, kind="relocate", state="planned"),
    counted("projects.sped_up", 5, **CITY_2014, school_type="senior", accelerated=True),
    counted("projects.public_kindergartens", 51, profile="cn-hefei-2013", year=2013,
            school_type="kindergarten"),
    counted("projects.public_kindergartens", 50, **WENZHOU, school_type="kindergarten"),
    counted("projects.special_schools", 3, **WENZHOU, school_type="special"),
    counted("projects.new_seniors", 12, **KUNMING, school_type="senior"),
    counted("projects.rebuilt_schools", 50, **KUNMING, kind="relocate", school_type="junior"),
    counted("projects.rural_kindergartens", 20, **KUNMING, school_type="kindergarten", setting="village"),
    counted("projects.continued", 17, **JINSHUI, state="continued"),
    counted("projects.started", 13, **JINSHUI),
    counted("projects.continued", 8, **ZHENGDONG, state="continued"),
    counted("projects.started", 5, **ZHENGDONG),
    counted("projects.handed_over", 7, **ZHENGDONG, state="handed_over", school_type="kindergarten"),
    Town(**WENZHOU, inside=built(2, year=2022, cost=2.1e9),
         outside=built(2, year=2022, cost=[2.1e9, 2.1e9 - 1000]),
         rules={"projects.cost": Sides(4.2e9, 4.2e9 - 1000)}),
    # 2,160 seats are 48 classes of 45
    Town(year=2024, inside=built(2, year=2023, classes_primary=24),
         outside=built(2, year=2023, classes_primary=[24, 23]),
         rules={"projects.seats_added": Sides(2160, 2115)}),
    # 44 classes of 45 are 1,980 pupils, and 45 classes 2,025; six equal grades make 42 the most classes
    Town(inside=built(1, classes_primary=42), outside=built(1, classes_primary=43),
         rules={"projects.size_allowed": Sides(0, 1, area="R0")}),
    Town(inside=built(1, due_year=2026), outside=built(1, due_year=2025),
         rules={"projects.years_late": Sides(0, 1, need=365, area="R0"),
                "projects.at_risk": Sides(0, 1, need=1)}),
    Town(both=built(1, state="handed_over", procedures_complete=True, construction_accepted=True),
         inside={"projects": {"title_clear": [True]}}, outside={"projects": {"title_clear": [False]}},
         rules={"projects.accepted": Sides(1, 2 / 3, need=1, area="R0")}),
    Town(**KUNMING, stages=("senior",),
         both={"schools": rows(1, school_type="senior", seats_senior=1500)},
         inside=built(1, year=2005, school_type="senior", seats_senior=4500),
         outside=built(1, year=2005, school_type="senior", seats_senior=4499),
         rules={"projects.senior_seats": Sides(4500, 4499)}),
    Town(**WENZHOU, inside=built(1, year=2022, ownership="public"),
         outside=built(1, year=2022, ownership="private"),
         rules={"projects.new_private_compulsory": Sides(0, 1, need=1)}),
    Town(**KUNMING, inside=built(1, unsafe_cleared_m2=30_762, **CLEARED),
         outside=built(1, unsafe_cleared_m2=30_761, **CLEARED),
         rules={"rural.unsafe_cleared": Sides(30_762, 30_761)}),
    Town(profile="cn-tianshui-2010", year=2010,
         both=built(1, kind="relocate", school_type="special", due_year=2010, year=2009),
         inside={"projects": {"opening_year": [2010]}}, outside={"projects": {"opening_year": [2011]}},
         rules={"projects.special_on_time": Sides(1, 0, need=1)}),
    Town(**JINSHUI, both=built(4, due_year=2024, year=2022),
         inside={"projects": {"opening_year": [2024] * 4}},
         outside={"projects": {"opening_year": some(1, 4, 2025, 2024)}},
         rules={"projects.on_time": Sides(1, 3 / 4, need=1)}),
    Town(both=built(2), inside={"projects": {"responsible_unit": ["区教育局"] * 2}},
         outside={"projects": {"responsible_unit": ["区教育局", None]}},
         rules={"governance.responsible_projects": Sides(1, 1 / 2, need=1)}),
    # 46 pupils a class: the path from 48 in 2023 to 45 in 2027 asks for 46.5 in 2025, to 44 for 46
    Town(both={"schools": rows(1, school_type="primary", enrolment_primary=460, classes_primary=10),
               "targets": rows(2, "indicator", indicator="classes.mean", stage="primary",
                               year=[2023, 2027], responsible_unit=["区教育局", "区教育局"])},
         inside={"targets": {"target": [48, 44]}},
         outside={"targets": {"target": [48, 43], "responsible_unit": ["区教育局", None]}},
         also=("classes.mean",),
         rules={"governance.targets": Sides(1, 1 / 2),
                "governance.responsible_targets": Sides(1, 1 / 2, need=1)}),
    # a school of 2,001 pupils is over the cap; the ledger dates its case by the year the rule is due
    Town(both={"schools": rows(1, school_type="primary", enrolment_primary=2001, seats_primary=2001)},
         inside={"schools": {"responsible_unit": ["区教育局"]}},
         outside={"schools": {"responsible_unit": [None]}},
         rules={"governance.responsible_ledger": Sides(1, 0, need=1)}),
)  # fmt: skip
