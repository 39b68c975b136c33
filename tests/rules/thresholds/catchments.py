"""Seats against pupils, catchments, feeders and hotspots."""

from dataclasses import replace

from shapely.geometry import box

from layoutplan.hotspots import find_hotspots
from tests.rules.thresholds.towns import Sides, Town, rows

WHOLE = (0, 0, 1000, 1000)
DISTRICT = {"districts": {"district_id": ["D"], "name": ["d"], "box": [WHOLE]}}
GROUP = {"districts": {"district_id": ["D", "X"], "name": ["d", "x"], "box": [WHOLE, WHOLE],
                       "kind": ["district", "school_district"]}}  # fmt: skip
KUNMING = {"profile": "cn-kunming-2006", "year": 2006}


def homes(primary=0, junior=0, **place):
    """One unit of pupils in the middle."""
    return {"units": rows(1, "unit_id", age_6=primary, age_12=junior, **{"x": 500, "y": 500, **place})}


def schools(primary, junior=None, **place):
    """A primary and a junior school of so many seats, beside the homes."""
    return {"schools": rows(2, school_type=["primary", "junior"], seats_primary=[primary, None],
                            seats_junior=[None, junior], **{"x": 500, "y": 500, **place})}  # fmt: skip


def shapes(*boxes, **columns):
    return {"catchments": rows(len(boxes), "catchment_id", stage="primary", box=[*boxes], **columns)}


def fed(*feeds):
    """Primary catchments of the whole town that feed the junior one, J."""
    return {"catchments": {"catchment_id": [*(f"P{rank}" for rank in range(len(feeds))), "J"],
                           "stage": [*["primary"] * len(feeds), "junior"],
                           "feeds_catchment_ids": [*feeds, None],
                           "box": [WHOLE] * (len(feeds) + 1)}}  # fmt: skip


def in_two(case, outside):
    """Cut a strip of 100 m out of the middle of the first catchment, outside."""
    own = case.city.catchments
    west, south, east, north = own.geometry.iloc[0].bounds
    middle = (west + east) / 2
    strip = box(middle - 50, south - 1, middle + 50, north + 1)
    cut = [shape.difference(strip) if outside and not rank else shape
           for rank, shape in enumerate(own.geometry)]  # fmt: skip
    city = replace(case.city, catchments=own.set_geometry(cut, crs=own.crs))
    return replace(case, study=replace(case.study, city=city))


def hot(case, outside):
    """State that the only hotspot is significant, outside: so small a town has no neighbours to test by."""
    found = find_hotspots(case.study, case.balance)
    return replace(case, hotspots=replace(found, hotspots=found.hotspots.assign(significant=outside)))


def unplaced(case, outside):
    """Propose what was asked for: today's own balance, which places nobody more, or a school for all."""
    served = case.balance.city.assign(unserved=1.0 if outside else 0.0)
    return replace(case, proposed=replace(case.balance, city=served))


TOWNS = (
    # 600 pupils of primary, 100 of each grade; 300 of junior
    Town(stages=("primary", "junior"), both={**homes(600, 300), **fed("J"), **GROUP},
         inside=schools(600, 300), outside=schools(599, 297), rules={
        "layout.seat_balance": Sides(0, -1, need=1, stage="primary"),
        "layout.junior_balance": Sides(0, -3, need=3, area="X"),
        "catchments.placed": Sides(1, 599 / 600, need=1, stage="primary"),
        "feeders.load": Sides(1, 100 / 99, need=1, area="J"),
        "feeders.school_districts": Sides(1, 600 / 599, need=1, area="X", stage="primary"),
    }),
    Town(stages=("primary", "junior"), inside=fed("J", "J"), outside=fed("J", None),
         rules={"feeders.named": Sides(1, 1 / 2)}),
    Town(**KUNMING, both=homes(600), inside=schools(600), outside=schools(599),
         rules={"catchments.seats_per_child": Sides(1, 599 / 600, need=1)}),
    # 500 m is the radius of a primary school: a circle, or along a path 1.3 times as long
    Town(**KUNMING, both=homes(600), inside=schools(600, x=1000), outside=schools(600, x=1001),
         rules={"catchments.within_circle": Sides(1, 0, need=600)}),
    Town(**KUNMING, both=homes(600), inside=schools(600, x=884), outside=schools(600, x=885),
         rules={"catchments.within_radius": Sides(1, 0, need=600)}),
    Town(both=DISTRICT, inside=shapes(WHOLE), outside=shapes((0, 0, 1000, 999)),
         rules={"catchments.gaps": Sides(0, 1000, need=1000)}),
    Town(inside=shapes((0, 0, 500, 1000), (500, 0, 1000, 1000)),
         outside=shapes((0, 0, 501, 1000), (500, 0, 1000, 1000)),
         rules={"catchments.overlaps": Sides(0, 1000, need=1000)}),
    Town(both=shapes((0, 0, 500, 1000), (500, 0, 1000, 1000)), inside={}, outside={}, change=in_two,
         rules={"catchments.in_parts": Sides(0, 1 / 2)}),
    Town(both=shapes(WHOLE), inside=homes(600), outside=homes(600, x=1001),
         rules={"catchments.outside": Sides(0, 1, need=600)}),
    Town(profile="cn-zhengzhou-2024", year=2024, both=shapes((0, 0, 500, 1000), (500, 0, 1000, 1000)),
         inside={"catchments": {"published_year": [2024, 2024]}},
         outside={"catchments": {"published_year": [2024, 2023]}},
         rules={"catchments.published": Sides(1, 1 / 2)}),
    Town(both=homes(600), inside={}, outside={}, change=hot,
         rules={"catchments.hotspots": Sides(0, 1, need=600)}),
    Town(both=homes(600), inside={}, outside={}, change=unplaced,
         rules={"layout.deficit_cleared": Sides(1, 599 / 600, need=1)}),
)  # fmt: skip
