"""Straight lines to a street never cross a barrier: snapping, island moves, crossings, cut streets."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, MultiPoint, Point

from layoutplan.travel import build_network, keep_to_bridges, travel_notes, walk_matrix, walking_nearest
from layoutplan.travel.gates import at_gates, gates_of
from layoutplan.travel.snapping import Footing, snap_points

CRS = "EPSG:4547"


def network(streets, barriers=(), crossings=()):
    roads = gpd.GeoDataFrame(
        {"road_id": [str(k) for k in range(len(streets))], "bridge": [k == 0 for k in range(len(streets))]},
        geometry=[LineString(one) for one in streets],
        crs=CRS,
    )
    built = build_network(roads)
    shapes = [*map(LineString, barriers), *map(Point, crossings)]
    table = gpd.GeoDataFrame(
        {"kind": ["river"] * len(barriers) + ["crossing"] * len(crossings), "crossable": pd.NA},
        geometry=shapes,
        crs=CRS,
    )
    return keep_to_bridges(built, table, crossing_m=20.0) if shapes else built


def points(**places):
    return gpd.GeoSeries({name: Point(place) for name, place in places.items()}, crs=CRS)


FAR_AWAY = [(0, 5000), (6000, 5000)]  # a bridge elsewhere, so that the roads mark bridges
SOUTH = [(0, 0), (6000, 0)]
NORTH = [(0, 400), (6000, 400)]
RIVER = [(-100, 100), (6100, 100)]


def test_a_point_goes_to_a_street_of_its_own_bank_however_far():
    """Homes at y = 120 are 120 m from the south street, 280 m from the north one; the river is at 100."""
    streets = [FAR_AWAY, SOUTH, NORTH]
    homes = points(home=(500, 120), below=(500, 80))
    open_ = snap_points(homes, network(streets), limit_m=500)
    barred = snap_points(homes, network(streets, [RIVER]), limit_m=500)
    gated = snap_points(homes, network(streets, [RIVER], [(510, 100)]), limit_m=500)
    assert open_.offset_m.tolist() == [120, 80]
    assert barred.offset_m.tolist() == [280, 80]
    assert gated.offset_m.tolist() == [120, 80]  # a crossing within 20 m serves the line


def test_without_a_street_on_its_bank_a_point_has_none():
    found = snap_points(points(home=(500, 120)), network([FAR_AWAY, SOUTH], [RIVER]), limit_m=500)
    assert found.footing.tolist() == [Footing.NONE]


def test_an_island_is_never_left_across_a_river():
    yard = [(400, 200), (600, 200)]
    home = points(home=(500, 210))
    moved = snap_points(home, network([FAR_AWAY, SOUTH, yard]), limit_m=500)
    stays = snap_points(home, network([FAR_AWAY, SOUTH, yard], [RIVER]), limit_m=500)
    assert moved.footing.tolist() == [Footing.MOVED]
    assert stays.footing.tolist() == [Footing.ISLAND]


def test_a_street_cut_at_the_river_is_entered_from_its_own_side():
    """A lane over the river is cut on it; both halves end at the same point, equally near to the home."""
    lane = [(500, 0), (500, 400)]
    cut = network([FAR_AWAY, SOUTH, NORTH, lane], [RIVER])
    for y, side in ((98.0, 0.0), (102.0, 400.0)):
        found = snap_points(points(home=(470, y)), cut, limit_m=500)
        ends = np.asarray([cut.nodes[node][1] for node in cut.edge_ends[found.edge[0]]])
        assert side in ends, y


def test_moves_off_islands_say_the_pupils_concerned_where_no_barrier_tells():
    yard = [(400, 200), (600, 200)]
    home, school = points(home=(500, 210)), points(school=(900, 5))
    said = {}
    for name, barriers in (("unknown", []), ("known", [[(-100, 900), (100, 900)]])):
        streets = network([FAR_AWAY, SOUTH, yard], barriers)
        walks = walk_matrix(home, school, limit_m=3000, network=streets)
        notes = travel_notes(walks, streets, pupils=pd.Series({"home": 31.0, "other": 5.0}))
        said[name] = [(n.severity, n.params["pupils"]) for n in notes if n.code == "homes_moved_off_islands"]
    assert said == {"unknown": [("warning", 31.0)], "known": [("notice", 31.0)]}


def test_a_walk_ends_at_the_nearest_gate():
    """One school with gates on two streets that meet far away, one with a single gate."""
    streets = network([[(0, 0), (0, 300)], [(0, 0), (1000, 0)], [(0, 300), (1000, 300)]])
    homes = points(south=(900, 5), north=(900, 295))
    schools = gpd.GeoSeries(
        [MultiPoint([(400, 5), (400, 295)]), Point(100, 5)], index=["two", "one"], crs=CRS
    )
    for net in (streets, None):
        walks = walk_matrix(homes, schools, limit_m=5000, network=net, detour_factor=1.0).to_frame()
        metres = walks.set_index(["origin", "destination"])["metres"]
        by_gate = {
            home: min(
                float(
                    walk_matrix(
                        homes[[home]], points(g=gate), limit_m=5000, network=net, detour_factor=1.0
                    ).metres[0]
                )
                for gate in ((400, 5), (400, 295))
            )
            for home in homes.index
        }
        assert len(metres) == 4
        assert {home: metres[home, "two"] for home in homes.index} == pytest.approx(by_gate)
        assert metres["north", "two"] == pytest.approx(500, abs=11)
    gates = gates_of(schools)
    near = walking_nearest(homes, gates.points, limit_m=5000, network=streets)
    assert schools.index[gates.owner[near.indices]].tolist() == ["two", "two"]
    middle = gpd.GeoSeries([Point(400, 150), Point(100, 5)], index=["two", "one"], crs=CRS)
    assert at_gates(middle, schools[["two"]]).geom_type.tolist() == ["MultiPoint", "Point"]
    assert at_gates(middle, None) is middle
