"""The parts of the payload: geometry, spelling, series, groups of homes."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.hotspots import soft_outlines
from layoutplan.outputs.map.frames import numbers, series, short
from layoutplan.outputs.map.geometry import encode_points, label_points
from layoutplan.outputs.map.schools import school_records
from layoutplan.outputs.map.spelling import spelled
from layoutplan.outputs.map.switching import reach_groups
from layoutplan.texts import rounded

YEARS = (2025, 2026)


class Meta:
    """The facts the groups and the schools need."""

    stages = ("primary",)
    years = YEARS
    reach_m = {"primary": 1000.0}  # noqa: RUF012
    base_year, target_year = YEARS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("银杏路小学（2号）", "yinxingluxiaoxue2hao yxlxx2h"),
        ("重庆路小学", "chongqingluxiaoxue cqlxx"),
        ("Elm", ""),
    ],
)
def test_names_are_spelled(name, expected):
    assert spelled(name) == expected


def test_series_keeps_every_value_at_its_year_and_leaves_gaps_empty():
    frame = pd.DataFrame(
        {
            "layout": ["b", "a", "a"],
            "stage": ["x", "x", "y"],
            "year": [2026, 2025, 2026],
            "seats": [3.0, np.nan, 7.25],
        }
    )
    found = series(frame, ["seats", "absent"], by=["stage"], years=YEARS)
    assert found == {
        "x": {"a": {"seats": [None, None]}, "b": {"seats": [None, 3]}},
        "y": {"a": {"seats": [None, 7.25]}},
    }


def test_a_school_tells_what_one_more_seat_does_in_the_target_year():
    schools = gpd.GeoDataFrame(
        {
            "name": ["甲", "乙"],
            "school_type": "primary",
            "ownership": "public",
            "status": "open",
            "counts": True,
        },
        geometry=gpd.points_from_xy([113.5, 113.6], [34.7, 34.8]),
        index=["S1", "S2"],
        crs="EPSG:4326",
    )
    rows = [
        ("S1", 2025, "today", 1.0, 5.0),
        ("S1", 2026, "today", 1.0, -812.34),
        ("S1", 2026, "proposed", 0.0, 46.5),
        ("S2", 2026, "today", 0.0, 0.0),
    ]
    columns = ["school_id", "year", "layout", "served_per_seat", "saved_m_per_seat"]
    balance = pd.DataFrame(rows, columns=columns).assign(stage="primary", enrolment=np.nan, seats=90.0)
    _, said = school_records({"schools": schools, "school_balance": balance}, Meta())
    worth = [school["stages"]["primary"]["worth"] for school in said]
    assert worth == [{"today": [1, -812.3], "proposed": [0, 46.5]}, {}]


def test_outlines_hold_their_polygons_and_labels_lie_inside():
    shapes = gpd.GeoSeries(
        [shapely.MultiPolygon([shapely.box(0, 0, 300, 100), shapely.box(400, 0, 500, 700)])], crs="EPSG:4547"
    )
    outline = soft_outlines(shapes, reach_m=100.0)
    assert outline.buffer(10).covers(shapes).all()
    assert shapely.get_num_geometries(outline.iloc[0]) == 1
    assert outline.contains(label_points(outline)).all()
    assert encode_points(gpd.GeoSeries([None], crs="EPSG:4547")) == [[]]


def most_placed(links, demand, seats):
    """Maximum flow by networkx, whole hundredths."""
    graph = nx.DiGraph()
    graph.add_nodes_from(["home", "end"])
    for unit, pupils in demand.items():
        graph.add_edge("home", ("u", unit), capacity=int(pupils))
    for unit, school in links:
        graph.add_edge(("u", unit), ("s", school))
    for school, capacity in seats.items():
        graph.add_edge(("s", school), "end", capacity=int(capacity))
    return nx.maximum_flow_value(graph, "home", "end")


@given(data=st.data())
def test_groups_place_as_many_pupils_as_their_units(data):
    units = [f"u{at}" for at in range(data.draw(st.integers(1, 7)))]
    schools = [f"s{at}" for at in range(data.draw(st.integers(1, 4)))]
    links = [(unit, school) for unit in units for school in schools if data.draw(st.booleans())]
    demand = {unit: data.draw(st.integers(0, 40)) for unit in units}
    seats = {school: data.draw(st.integers(1, 60)) for school in schools}
    rows = [
        {"layout": "today", "unit_id": unit, "stage": "primary", "demand": demand[unit]} for unit in units
    ]
    tables = {
        "walks": pd.DataFrame(links, columns=["unit_id", "school_id"]).assign(metres=500.0),
        "unit_demand": pd.concat([pd.DataFrame(rows).assign(year=year) for year in YEARS]),
        "school_balance": pd.DataFrame(
            {
                "school_id": schools,
                "stage": "primary",
                "assigned": 0.0,
                "spare": [seats[key] for key in schools],
                "beds": 0.0,
            }
        ),
    }
    found = reach_groups(tables, Meta)["primary"]
    grouped = {at: pupils[0] for at, pupils in enumerate(found["demand"])}
    reach = [
        (at, found["schools"][place]) for at, steps in enumerate(found["reach"]) for place in np.cumsum(steps)
    ]
    assert sum(grouped.values()) == 100 * sum(demand.values())
    in_hundredths = {school: 100 * capacity for school, capacity in seats.items()}
    expected = most_placed(links, {unit: 100 * pupils for unit, pupils in demand.items()}, in_hundredths)
    assert most_placed(reach, grouped, in_hundredths) == expected


def test_a_figure_is_not_rounded_twice():
    # To one decimal 5,803.49 is 5,803.5, which a page would show as 5,804.
    for value, whole in (
        (5803.49, 5803),
        (5803.5, 5804),
        (9.4996, 9),
        (0.49996, 0),
        (-12.46, -12),
        (-12.5, -13),
    ):
        (brief,) = numbers([value])
        assert rounded(brief) == rounded(value) == whole
        assert rounded(short(value)) == whole
        assert brief == pytest.approx(value, abs=0.06)
