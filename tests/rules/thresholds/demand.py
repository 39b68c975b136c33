"""Pupils over the years, children of migrant workers, rural pupils."""

from tests.rules.thresholds.towns import Sides, Town, rows

VILLAGE = {"units": rows(1, "unit_id", x=0, y=0, setting="village")}


def leavers(*pupils):
    """Pupils of a junior school's one cohort, year after year."""
    return {"enrolment_history": {
        "school_id": ["R0"] * 3, "stage": ["junior"] * 3, "grade": [7, 8, 9], "year": [2023, 2024, 2025],
        "pupils": [*pupils]}}  # fmt: skip


def six_years(*pupils):
    return {"enrolment_history": {
        "school_id": ["R0"] * 6, "stage": ["primary"] * 6, "grade": [1, 2, 3, 4, 5, 6],
        "year": [*range(2020, 2026)], "pupils": [*pupils]}}  # fmt: skip


def school(kind="primary", **columns):
    return {"schools": rows(1, school_type=kind, **columns)}


def migrants(at_home, at_school):
    return {"units": rows(1, "unit_id", age_8=100, migrants_primary=at_home),
            **school(migrants_primary=at_school, enrolment_primary=100)}  # fmt: skip


TOWNS = (
    Town(inside={"units": rows(2, "unit_id", population=900, migrants_primary=[30, 0])},
         outside={"units": rows(2, "unit_id", population=900, migrants_primary=[30, None])},
         rules={"demand.migrants_counted": Sides(1, 1 / 2)}),
    Town(stages=("primary", "junior"), both=school("junior"), inside=leavers(200, 198, 196),
         outside=leavers(200, 198, 195), rules={"demand.progression": Sides(0.98, 0.975, need=1)}),
    Town(both=school(), inside=six_years(200, 0, 0, 0, 0, 200), outside=six_years(200, 0, 0, 0, 0, 199),
         rules={"demand.progression": Sides(1, 0.995, need=1)}),
    Town(profile="cn-wenzhou-2022", year=2022,
         both={"schools": rows(2, school_type="primary", ownership=["public", "private"],
                               migrants_primary=[80, 20])},
         inside={"schools": {"purchased_seats_primary": [None, 10]}},
         outside={"schools": {"purchased_seats_primary": [None, 9]}},
         rules={"migrants.public_share": Sides(0.90, 0.89, need=1)}),
    Town(inside=migrants(50, 50), outside=migrants(50, 49), rules={
        "migrants.placed": Sides(1, 0.98, need=1),
        "migrants.unplaced": Sides(0, 1, need=1),
    }),
    # 500 m on foot are 384.6 m in a straight line, by the detour factor of 1.3
    Town(both={"units": rows(1, "unit_id", age_6=100, migrants_primary=50, x=0, y=0)},
         inside=school(seats_primary=540, x=384, y=0), outside=school(seats_primary=540, x=385, y=0),
         rules={"migrants.near": Sides(1, 0, need=50)}),
    Town(both=VILLAGE | {"units": {**VILLAGE["units"], "age_6": [60]}},
         inside=school(seats_primary=540, x=0, y=0), outside=school(seats_primary=540, x=90_000, y=0),
         rules={"rural.beyond_walk": Sides(0, 1, need=60)}),
    # 60 pupils live too far; those of grades 4 to 6 may board
    Town(both=VILLAGE | {"units": {**VILLAGE["units"], "age_6": [60], "x": [90_000]}},
         inside=school(seats_primary=540, x=0, y=0, boarding_beds=30),
         outside=school(seats_primary=540, x=0, y=0, boarding_beds=29),
         rules={"rural.boarding_beds": Sides(1, 29 / 30, need=1)}),
)  # fmt: skip
