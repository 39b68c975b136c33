"""Small foreign cities, written as the tables an office would give."""

from pathlib import Path
from typing import Any

import pandas as pd

PLAN = """
[plan]
name = "{profile}"
name_en = "{profile}"
profile = "{profile}"
base_year = 2025
horizon_year = {horizon}
lang = "en"
[demand]
public_share = {{ {shares} }}
[uncertainty]
enabled = false
[siting]
enabled = {siting}
[tables.schools]
file = "schools.csv"
datum = "wgs84"
[tables.units]
file = "units.csv"
datum = "wgs84"
"""
"""All pupils need a counted seat; participation is the profile's."""

LON, LAT = -79.87, 43.25
STEP = 0.004  # degrees between two places: some 300 to 450 m


def write_city(
    folder: Path,
    profile: str,
    *,
    stages: tuple[str, ...],
    schools: list[dict[str, Any]],
    units: list[dict[str, Any]],
    horizon: int = 2025,
    siting: bool = False,
) -> Path:
    """Write plan and tables; things stand in a row in their order or at their ``place``. Return the plan."""
    for name, rows in (("schools", schools), ("units", units)):
        placed = [
            {**row, "lon": LON + STEP * row.get("place", at), "lat": LAT} for at, row in enumerate(rows)
        ]
        pd.DataFrame(placed).drop(columns="place", errors="ignore").to_csv(
            folder / f"{name}.csv", index=False
        )
    shares = ", ".join(f"{stage} = 1.0" for stage in stages)
    text = PLAN.format(profile=profile, shares=shares, siting=str(siting).lower(), horizon=horizon)
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def of_age(children: float, first: int = 0, last: int = 17) -> dict[str, object]:
    """Return so many children of every age from first to last, and none of the others."""
    return {f"age_{age}": children if first <= age <= last else 0 for age in range(18)}


def ontario(folder: Path) -> Path:
    """E1 teaches JK to grade 3, E2 grades 4 to 8; 20 children of each age in both units."""
    return write_city(
        folder,
        "ca-ontario",
        stages=("elementary", "secondary"),
        schools=[
            {"school_id": "E1", "name": "E1", "school_type": "elementary", "ownership": "public",
             "seats_elementary": 300, "enrolment_elementary": 190, "grades": "JK;SK;1-3"},
            {"school_id": "E2", "name": "E2", "school_type": "elementary", "ownership": "public",
             "seats_elementary": 120, "enrolment_elementary": 130, "grades": "4;5;6;7;8"},
            {"school_id": "H1", "name": "H1", "school_type": "secondary", "ownership": "public",
             "seats_secondary": 200, "enrolment_secondary": 150, "grades": None},
        ],
        units=[
            {"unit_id": f"U{place}", "catchment_elementary": "E1;E2",
             "catchment_secondary": "H1", **of_age(20)}
            for place in range(2)
        ],
    )  # fmt: skip


def us(folder: Path, *, horizon: int = 2025, siting: bool = False) -> Path:
    """A K-8 school, a middle school and a high school; 10 children of each age in each of two units."""
    return write_city(
        folder,
        "us",
        stages=("elementary", "middle", "high"),
        horizon=horizon,
        siting=siting,
        schools=[
            {"school_id": "K8", "name": "Lincoln K-8", "school_type": "k8", "ownership": "public",
             "seats_elementary": 100, "seats_middle": 50,
             "enrolment_elementary": 100, "enrolment_middle": 40},
            {"school_id": "M", "name": "Grant Middle", "school_type": "middle", "ownership": "public",
             "seats_middle": 30, "enrolment_middle": 20},
            {"school_id": "H", "name": "City High", "school_type": "high school", "ownership": "public",
             "seats_high": 60, "enrolment_high": 60},
        ],
        units=[
            {"unit_id": f"U{place}", "name": f"Block {place}", "catchment_elementary": "K8",
             "catchment_middle": "K8;M", "catchment_high": "H", **of_age(10)}
            for place in range(2)
        ],
    )  # fmt: skip


def scotland(folder: Path) -> Path:
    """A primary school and a secondary school; 100 children of each age in one unit."""
    return write_city(
        folder,
        "scotland",
        stages=("primary", "secondary"),
        schools=[
            {"school_id": "P", "name": "P", "school_type": "primary", "ownership": "public",
             "seats_primary": 720, "enrolment_primary": 690},
            {"school_id": "S", "name": "S", "school_type": "secondary", "ownership": "public",
             "seats_secondary": 500, "enrolment_secondary": 540},
        ],
        units=[{"unit_id": "U", "catchment_primary": "P", "catchment_secondary": "S", **of_age(100)}],
    )  # fmt: skip
