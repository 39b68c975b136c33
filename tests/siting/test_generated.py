"""The rule that puts places into hotspots where no site is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layoutplan.siting.candidates import Sizing
from layoutplan.siting.generated import MOST_ELSEWHERE, MOST_PLACES, BuildableLand, generated_candidates
from tests.small_city import small_profile

STANDARDS = small_profile().at(2030)


def by_year(values):
    """Return pupils short by unit and year; a list without years is one year."""
    found = np.array(values, float)
    return found if found.ndim == 2 else found[:, None]


def places(unserved, *, schools=(), at=None, junior=None, members=None):
    """Return the candidates of units on a line, 100 m apart; the first ``members`` are a hotspot."""
    count = len(unserved)
    coordinates = np.stack([np.arange(count) * 100.0, np.zeros(count)], axis=1) if at is None else at
    ground = BuildableLand(
        places=coordinates,
        unserved={
            "primary": by_year(unserved),
            "junior": by_year(np.zeros(count) if junior is None else junior),
        },
        schools={"primary": np.array(schools, float).reshape(-1, 2)},
        members={"primary-1": np.arange(count if members is None else members)},
        ids=[f"U{number}" for number in range(count)],
        names=[f"Unit {number}" for number in range(count)],
    )
    table = pd.DataFrame([{"hotspot_id": "primary-1", "stage": "primary", "name": "East"}])
    return generated_candidates(table, ground, Sizing(STANDARDS, ("primary", "junior")))


def test_the_heaviest_place_is_taken_and_labelled():
    (only,) = places(
        [10, 20, 300, 20, 10], at=np.array([[0, 0], [600, 0], [1200, 0], [1800, 0], [2400, 0]], float)
    )
    assert (only.x, only.y) == (1200.0, 0.0)
    assert (only.origin, only.hotspot_id, only.site_id) == ("generated", "primary-1", "primary-U2")
    assert only.site_area_m2 is None
    assert {option.school_type for option in only.options} == {"primary"}


def test_places_stay_a_service_radius_from_schools_where_they_can():
    at = np.array([[0, 0], [400, 0], [1000, 0]], float)
    (far,) = places([300, 100, 50], at=at, schools=[(0, 0)])
    assert far.x == 1000.0
    (near,) = places([300, 100], at=at[:2], schools=[(0, 0)])
    assert near.x in (0.0, 400.0)


def test_a_large_hotspot_gets_more_than_one_place():
    at = np.stack([np.arange(6) * 2000.0, np.zeros(6)], axis=1)
    found = places([900] * 6, at=at)
    assert len(found) == MOST_PLACES
    assert len({one.x for one in found}) == MOST_PLACES
    assert len(places([300] * 2, at=at[:2])) == 1


def test_a_nine_year_school_is_offered_where_both_stages_lack():
    place, elsewhere = places([300, 300], junior=np.array([100.0, 0.0]))
    assert {option.school_type for option in place.options} == {"primary", "nine_year"}
    assert elsewhere.site_id == "junior-U0"


@pytest.mark.parametrize("unserved", [[], [0.0, 0.0]])
def test_no_place_without_unserved_pupils(unserved):
    assert places(unserved) == ()


def test_a_shortage_outside_the_hotspots_and_the_target_year_gets_a_place():
    """The first unit lacks seats in one year, in a hotspot; the second in the next year, far from any."""
    at = np.array([[0, 0], [5000, 0]], float)
    short = np.array([[300.0, 0.0], [0.0, 400.0]])
    inside, outside = places(short, at=at, members=1)
    assert (inside.site_id, inside.hotspot_id, inside.x) == ("primary-U0", "primary-1", 0.0)
    assert (outside.site_id, outside.hotspot_id, outside.x) == ("primary-U1", None, 5000.0)
    assert outside.name == "Unit 1"


def test_the_year_in_which_most_lack_seats_decides():
    """Sums over years do not mislead: 200 each in turn are no reason, 300 at once are."""
    at = np.array([[0, 0], [200, 0], [5000, 0]], float)
    (first, *_) = places(np.array([[200.0, 0.0], [0.0, 200.0], [300.0, 0.0]]), at=at, members=0)
    assert first.x == 5000.0


def test_places_outside_the_hotspots_are_bounded():
    at = np.stack([np.arange(20) * 5000.0, np.zeros(20)], axis=1)
    assert len(places([900.0] * 20, at=at, members=0)) == MOST_ELSEWHERE


def test_the_id_of_a_place_is_that_of_its_unit_whatever_else_is_generated():
    at = np.array([[0, 0], [5000, 0], [10_000, 0]], float)
    alone = places([0, 900, 0], at=at)
    beside = places([950, 900, 990], at=at)
    assert [one.site_id for one in alone] == ["primary-U1"]
    assert {one.site_id for one in beside} == {"primary-U0", "primary-U1", "primary-U2"}
    (same,) = (one for one in beside if one.site_id == "primary-U1")
    assert (same.school_id, same.name) == (alone[0].school_id, alone[0].name)
