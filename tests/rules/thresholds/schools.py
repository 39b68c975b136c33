"""What schools state of themselves: admission, private schools, standards, special needs, rural schools."""

from tests.rules.thresholds.towns import Sides, Town, rows, some

PRIVATE = {"school_type": ["primary"], "school_id": ["A"], "ownership": ["private"]}


def of(count, **columns):
    return {"schools": rows(count, school_type="primary", **columns)}


def place(profile, year):
    return {"profile": profile, "year": year}


TOWNS = (
    Town(stages=("primary", "junior"),
         both={"schools": rows(1, school_type="junior", intake_junior=100)},
         inside={"schools": {"intake_own_junior": [95]}}, outside={"schools": {"intake_own_junior": [94]}},
         rules={"admission.entry_share": Sides(0.95, 0.94, need=1, stage="junior")}),
    Town(both=of(1, intake_primary=100),
         inside={"schools": {"intake_own_primary": [100]}}, outside={"schools": {"intake_own_primary": [99]}},
         rules={"admission.entry_share": Sides(1, 0.99, need=1)}),
    Town(**place("cn-zhengzhou-2024", 2024), stages=("senior",),
         both={"schools": rows(1, school_type="senior", intake_senior=100)},
         inside={"schools": {"intake_own_senior": [100]}}, outside={"schools": {"intake_own_senior": [99]}},
         rules={"admission.senior_local_share": Sides(1, 0.99, need=1)}),
    # 540 seats are 90 of each of six grades
    Town(both={"schools": {**PRIVATE, "seats_primary": [540], "intake_primary": [90]}},
         inside={"schools": {"enrolment_plan_primary": [90]}},
         outside={"schools": {"enrolment_plan_primary": [91]}},
         rules={"admission.private_plan": Sides(1, 91 / 90, need=1, area="A")}),
    Town(both={"schools": {**PRIVATE, "enrolment_plan_primary": [90]}},
         inside={"schools": {"intake_primary": [90]}}, outside={"schools": {"intake_primary": [91]}},
         rules={"admission.private_intake": Sides(1, 91 / 90, need=1, area="A")}),
    Town(**place("cn-wenzhou-2022", 2022),
         inside=of(4, ownership="private", registration_class="non_profit"),
         outside=of(4, ownership="private", registration_class=some(3, 4, "for_profit", None)),
         rules={"admission.private_registered": Sides(1, 3 / 4, need=1)}),
    Town(**place("cn-wenzhou-2022", 2022),
         inside=of(160, modern_school=True), outside=of(159, modern_school=True),
         rules={"layout.modern_schools": Sides(160, 159)}),
    Town(**place("cn-hefei-2013", 2013),
         inside=of(4, standardised=some(3, 4, yes=True, no=False), preschool_classes=0),
         outside=of(4, standardised=some(2, 4, yes=True, no=False), preschool_classes=some(1, 4, 1, 0)),
         rules={"layout.standardised": Sides(3 / 4, 2 / 4, need=1),
                "kindergarten.preschool_classes": Sides(0, 1, need=1)}),
    Town(**place("cn-zhengzhou-2014", 2014), stages=("junior", "senior"),
         inside={"schools": rows(26, school_type=some(20, 26, "junior", "senior"), standardised=True,
                                 standardised_before=False)},
         outside={"schools": rows(26, school_type=some(20, 26, "junior", "senior"), standardised=True,
                                  standardised_before=some(1, 26, yes=True, no=False))},
         rules={"layout.newly_standardised": Sides(20, 19, stage="junior")}),
    Town(**place("cn-zhengzhou-2014", 2014), stages=("senior",),
         inside={"schools": rows(6, school_type="senior", standardised=True, standardised_before=False)},
         outside={"schools": rows(6, school_type="senior", standardised=True,
                                  standardised_before=some(1, 6, yes=True, no=False))},
         rules={"layout.newly_standardised": Sides(6, 5, stage="senior")}),
    # five pupils with special needs (5人以上 includes 5) call for a room
    Town(inside=of(2, sen_pupils=[5, 4], resource_room=[True, False]),
         outside=of(2, sen_pupils=[5, 5], resource_room=[True, False]),
         rules={"special.resource_rooms": Sides(1, 1 / 2, need=1)}),
    Town(**place("cn-tianshui-2010", 2010),
         both={"units": rows(1, "unit_id", age_8=1000, disabled_children=100)},
         inside=of(1, sen_pupils=82, enrolment_primary=900),
         outside=of(1, sen_pupils=81, enrolment_primary=900),
         rules={"special.enrolment": Sides(0.82, 0.81, need=1)}),
    Town(both={"units": rows(1, "unit_id", population=300_000, age_8=3000)},
         inside={"schools": rows(1, school_type="special")},
         outside={"schools": rows(1, school_type="primary", seats_primary=900)},
         rules={"special.school_of_the_city": Sides(1, 0, need=1)}),
    Town(**place("cn-tianshui-2010", 2010), both=of(1, floor_area_m2=6000),
         inside={"schools": {"unsafe_floor_area_m2": [0]}},
         outside={"schools": {"unsafe_floor_area_m2": [1]}},
         rules={"rural.unsafe_floor": Sides(0, 1 / 6000, need=1)}),
    Town(**place("cn-wenzhou-2022", 2022),
         both={"schools": {"school_id": list("ABC"), "school_type": ["primary"] * 3,
                           "setting": ["village", "village", "town"]}},
         inside={"schools": {"partner_school_id": ["C", "C", None]}},
         outside={"schools": {"partner_school_id": ["C", "A", None]}},
         rules={"rural.urban_partners": Sides(1, 1 / 2, need=1)}),
)  # fmt: skip
