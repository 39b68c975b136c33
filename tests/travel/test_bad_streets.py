"""Streets as they come: broken, far away, in degrees, cut in two, and a school in the river."""

import numpy as np
import pytest
from shapely.geometry import LineString

from layoutplan.errors import InputError
from layoutplan.travel import build_network, network_notes, travel_notes
from layoutplan.travel.distances import walk_matrix
from tests.travel.drawn import points, roads

TWO_BANKS = [[(0, 0), (6000, 0)], [(0, 900), (6000, 900)]]


def test_why_a_school_is_not_reached_is_told_apart():
    """No street near (in the river), another part of the network, an island, too far."""
    network = build_network(roads([*TWO_BANKS, [(0, 3000), (50, 3000)]]))
    schools = points([(10, 450), (10, 900), (10, 3000), (5900, 0), (300, 0)], "s")
    pairs = walk_matrix(points([(10, 0)]), schools, limit_m=2000, network=network, snap_limit_m=300)
    assert pairs.to_frame()["destination"].tolist() == ["s4"]
    assert pairs.unsnapped_destinations == ("s0",)
    assert pairs.island_destinations == ("s2",)
    codes = {note.code: note for note in travel_notes(pairs, network)}
    assert codes["schools_without_street"].rows == ("s0",)
    assert codes["schools_on_islands"].rows == ("s2",)
    assert codes["roads_in_parts"].severity == "warning"
    assert dict(codes["roads_in_parts"].params)["islands"] == 1


def test_lines_without_length_or_twice_and_lines_that_cross_themselves():
    eight = LineString([(0, 0), (100, 100), (100, 0), (0, 100)])
    network = build_network(roads([eight, eight, [(5, 5), (5, 5)], None]))
    report = network.report
    assert (report.duplicates, report.zero_length, report.empty, report.crossings) == (1, 1, 1, 1)
    assert report.metres == pytest.approx(eight.length)
    assert (report.nodes, report.dead_ends, report.components) == (4, 2, 1)  # a loop is cut in two
    assert {"roads_network", "roads_dropped", "roads_joined"} == {
        note.code for note in network_notes(network)
    }


def test_streets_in_degrees_are_refused():
    with pytest.raises(InputError) as refused:
        build_network(roads(TWO_BANKS).set_crs(4326, allow_override=True))
    assert [fault.code for fault in refused.value.faults] == ["roads_not_metres"]


def test_the_streets_of_another_city_are_refused():
    network = build_network(roads(np.array(TWO_BANKS) + 90_000.0))
    with pytest.raises(InputError) as refused:
        walk_matrix(points([(10, 0)]), points([(20, 0)]), limit_m=2000, network=network)
    assert [fault.code for fault in refused.value.faults] == ["roads_elsewhere"]
