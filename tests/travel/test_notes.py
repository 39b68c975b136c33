"""What the reader is told about the distances."""

import pytest

from layoutplan.texts import LANGUAGES, keys, text
from layoutplan.travel import build_network, travel_notes
from layoutplan.travel.distances import walk_matrix
from tests.travel.drawn import points, roads

MAIN, YARD, FAR_YARD = [(0, 0), (900, 0)], [(0, 30), (20, 30)], [(0, 3000), (20, 3000)]


def notes(lines, homes, schools, **columns):
    network = build_network(roads(lines, **columns), exclude_classes=["motorway"])
    pairs = walk_matrix(points(homes, "u"), points(schools, "s"), limit_m=1000, network=network)
    return {(note.code, note.table): note for note in travel_notes(pairs, network)}


def test_a_clean_network_has_its_figures_and_no_more():
    ((key, note),) = notes([MAIN], [(5, 5)], [(10, 5)]).items()
    assert (key, note.severity) == (("roads_network", "roads"), "notice")
    assert dict(note.params) == {"nodes": 2, "edges": 1, "kilometres": "1", "dead_ends": 2}


def test_straight_lines_are_said():
    pairs = walk_matrix(points([(0, 0)]), points([(1, 1)]), limit_m=9, network=None, detour_factor=1.25)
    (note,) = travel_notes(pairs, None)
    assert (note.code, note.severity) == ("straight_line_used", "warning")
    assert "1.25" in note.what("en")
    assert "1.25" in note.what("zh")


def test_islands_gaps_and_drops_are_counted_and_named():
    found = notes(
        [MAIN, MAIN, YARD, FAR_YARD, [(50, -50), (50, 50)], [(0, 9), (9, 9)]],
        [(5, 29), (5, 2999), (5, 1500)],
        [(9, 29), (9, 2999), (9, 1500)],
        road_class=[None] * 5 + ["motorway"],
    )
    assert {key: (note.severity, note.rows) for key, note in found.items()} == {
        ("roads_network", "roads"): ("notice", ()),
        ("roads_dropped", "roads"): ("notice", ()),
        ("roads_not_walkable", "roads"): ("notice", ()),
        ("roads_joined", "roads"): ("notice", ()),
        ("roads_in_parts", "roads"): ("warning", ()),
        ("homes_without_street", "units"): ("warning", ("u2",)),
        ("schools_without_street", "schools"): ("warning", ("s2",)),
        ("homes_on_islands", "units"): ("warning", ("u1",)),
        ("schools_on_islands", "schools"): ("warning", ("s1",)),
        ("points_moved_off_islands", "units"): ("warning", ("u0",)),
        ("points_moved_off_islands", "schools"): ("warning", ("s0",)),
    }
    for note in found.values():
        for lang in LANGUAGES:
            assert "{" not in note.what(lang) + note.remedy(lang)


def test_no_walkable_road_is_said():
    found = notes([MAIN], [(5, 5)], [(10, 5)], road_class=["motorway"])
    assert ("no_walkable_roads", "roads") in found


@pytest.mark.parametrize("code", ["roads_not_metres", "travel_crs_differ", "roads_elsewhere"])
def test_refusals_have_words(code):
    assert {f"faults.{code}.what", f"faults.{code}.remedy"} <= set(keys("faults."))
    assert text(f"faults.{code}.remedy", "zh")
