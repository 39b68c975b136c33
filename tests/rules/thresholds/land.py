"""Land, estates and the order of closing and opening."""

from tests.rules.thresholds.towns import Sides, Town, rows


def sites(**columns):
    return {"sites": rows(1, "site_id", **{"x": 500, "y": 500, **columns})}


def closing(year, **row):
    """R0 closes into a new school that opens in 2026."""
    return {"projects": {
        "project_id": ["P", "Q"], "kind": ["close", "new"], "state": ["approved", "started"],
        "opening_year": [year, 2026], "school_id": ["R0", None], "seats_primary": [None, 540],
        "school_type": [None, "primary"], "successor_school_id": ["Q", None], "x": [0, 0], "y": [0, 0]}
        | row}  # fmt: skip


def estate(**columns):
    return {"housing": rows(1, "housing_id", **{"dwellings": 1000, "first_occupancy_year": 2026, "x": 1,
                                                "y": 1, **columns})}  # fmt: skip


def project(**columns):
    row = {"kind": "new", "state": "started", "seats_primary": 540, "school_type": "primary", "x": 0, "y": 0}
    return {"projects": rows(1, "project_id", **row | columns)}


TOWNS = (
    # 540 seats are a school of 12 classes: 540 × 24.2 m²
    Town(both={"units": rows(1, "unit_id", age_6=540, x=500, y=500)},
         inside=sites(status="reserved", area_m2=13_068), outside=sites(status="reserved", area_m2=13_067),
         rules={"layout.land_need": Sides(0, 1, need=1)}),
    # 20,600 m² of education land would hold 1,000 pupils
    Town(both=sites(education_land=True, area_m2=20_600, proposed_use="商业"),
         inside={"sites": {"consent": [True]}}, outside={"sites": {"consent": [False]}},
         rules={"layout.education_land": Sides(0, 20_600, need=1000)}),
    Town(profile="cn-hefei-2013", year=2013, both={"sites": rows(2, "site_id", x=1, y=1)},
         inside={"sites": {"titled": [True, True]}}, outside={"sites": {"titled": [True, False]}},
         rules={"layout.titled": Sides(1, 1 / 2, need=1)}),
    Town(both={"sites": rows(2, "site_id", x=1, y=1)},
         inside={"sites": {"responsible_unit": ["区教育局", "区教育局"]}},
         outside={"sites": {"responsible_unit": ["区教育局", None]}},
         rules={"governance.responsible_sites": Sides(1, 1 / 2, need=1)}),
    # 先建后撤: the new school opens in 2026
    Town(target=2028, both={"schools": rows(1, school_type="primary", seats_primary=270,
                                            enrolment_primary=200, x=0, y=0)},
         inside=closing(2026), outside=closing(2025),
         rules={"layout.build_first": Sides(0, 200, need=200)}),
    # 三同时: residents from 2026, at first 0.3 of 1,000 dwellings with half of the 0.2 pupils they will have
    Town(target=2030, both=estate(school_ids="R0", occupancy=1.0, yield_primary=0.2),
         inside=project(opening_year=2026),
         outside=project(opening_year=2027),
         rules={"layout.delivered_together": Sides(0, 1, need=30, area="R0")}),
    Town(target=2030, both=estate(completed_year=2025), inside=project(
             housing_id="R0", start_year=2025, opening_year=2028),
         outside=project(housing_id="R0", start_year=2026, opening_year=2028),
         rules={"layout.built_together": Sides(0, 1, area="R0")}),
    Town(inside=estate(education_share=True), outside=estate(education_share=False),
         rules={"layout.planned_together": Sides(1, 0, need=1)}),
    # 1,000 dwellings of 0.2 pupils
    Town(target=2026, both=estate(first_occupancy_year=2020, occupancy=1.0, yield_primary=0.2,
                                  school_ids="R0"),
         inside={"schools": rows(1, school_type="primary", seats_primary=200)},
         outside={"schools": rows(1, school_type="primary", seats_primary=199)},
         rules={"layout.estate_seats": Sides(1, 199 / 200, need=1, area="R0")}),
    Town(profile="cn-kunming-2006", year=2006, both=estate(first_occupancy_year=2000, x=0, y=0),
         inside={"schools": rows(1, school_type="primary", seats_primary=200, x=384, y=0)},
         outside={"schools": rows(1, school_type="primary", seats_primary=200, x=385, y=0)},
         rules={"layout.estates_without_school": Sides(0, 1, need=1)}),
    # 2 km is the longest walk; R0 closes and its pupils go to R1
    Town(both={"units": rows(1, "unit_id", age_6=30, x=0, y=0),
               "projects": rows(1, "project_id", kind="close", state="planned", opening_year=2025,
                                school_id="R0", successor_school_id="R1")},
         inside={"schools": rows(2, school_type="primary", seats_primary=540, enrolment_primary=[30, 400],
                                 x=[0, 1538], y=0)},
         outside={"schools": rows(2, school_type="primary", seats_primary=540, enrolment_primary=[30, 400],
                                  x=[0, 1539], y=0)},
         rules={"layout.closure_distance": Sides(0, 30, need=30, area="R0")}),
    Town(both=estate(), inside={"housing": {"responsible_unit": ["区住建局"]}},
         outside={"housing": {"responsible_unit": [None]}},
         rules={"governance.responsible_housing": Sides(1, 0, need=1)}),
)  # fmt: skip
