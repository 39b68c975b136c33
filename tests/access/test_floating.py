"""Floating catchments: the published vectors, another program, and laws."""

import access.fca
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layoutplan.access import gaussian_m, steps_m, three_step_access, two_step_access, within_m
from tests.access.walks import laws, pairs_of, scenes

METRES = np.array([[300.0, 900.0], [450.0, 480.0], [1200.0, 250.0]])
PUPILS, SEATS = np.array([900.0, 600.0, 300.0]), np.array([1080.0, 540.0])
STEPS = steps_m((250, 1.0), (400, 0.68), (500, 0.22))
VECTORS = [
    (two_step_access, within_m(500), [0.72, 1.32, 0.60]),
    (two_step_access, gaussian_m(500), [1.020259, 0.404131, 1.530960]),
    (two_step_access, STEPS, [0.987097, 0.594355, 1.25]),
    (three_step_access, STEPS, [1.083186, 0.337516, 1.475410]),
]


@pytest.mark.parametrize(("measure", "decay", "expected"), VECTORS)
def test_the_vectors_of_the_standards(measure, decay, expected):
    found = measure(pairs_of(METRES), pupils=PUPILS, seats=SEATS, decay=decay)
    assert list(found.index) == ["u0", "u1", "u2"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def pysal(scene_pairs, pupils, seats, weight, *, three_step=False):
    """Return the answer of PySAL ``access``, 0 where it gives none."""
    demand = pd.DataFrame({"demand": pupils}, index=scene_pairs.origins.rename("geoid"))
    supply = pd.DataFrame({"supply": seats}, index=scene_pairs.destinations.rename("geoid"))
    costs = scene_pairs.to_frame().rename(columns={"destination": "dest", "metres": "cost"})
    costs["cost"] = costs["cost"].astype(float)
    measure = access.fca.three_stage_fca if three_step else access.fca.two_stage_fca
    found = measure(demand, supply, costs, max_cost=1e9, weight_fn=weight)
    return found.reindex(scene_pairs.origins).fillna(0.0).to_numpy()


@pytest.mark.filterwarnings("ignore")
@laws
@given(scenes(), st.booleans())
def test_pysal_access_gives_the_same(scene, three_step):
    pupils, seats = np.maximum(scene.pupils, 1.0), scene.seats
    assume(np.isfinite(scene.metres).any())
    weights = steps_m((400, 1.0), (1200, 0.3))
    found = (three_step_access if three_step else two_step_access)(
        scene.pairs, pupils=pupils, seats=seats, decay=weights
    )
    theirs = pysal(
        scene.pairs,
        pupils,
        seats,
        lambda metres: float(weights(np.array([metres]))[0]),
        three_step=three_step,
    )
    np.testing.assert_allclose(found, theirs, rtol=0, atol=1e-6)


@laws
@given(scenes(), st.sampled_from([within_m(500), gaussian_m(700), STEPS]))
def test_pupils_times_access_is_the_seats_anyone_reaches(scene, decay):
    found = two_step_access(scene.pairs, pupils=scene.pupils, seats=scene.seats, decay=decay)
    finite = np.where(np.isfinite(scene.metres), scene.metres, 1e9)
    claims = (scene.pupils[:, None] * decay(finite)).sum(axis=0)
    reached = scene.seats[claims > 0].sum()
    assert (scene.pupils * found).sum() == pytest.approx(reached, rel=1e-9, abs=1e-9)


@laws
@given(scenes(), st.floats(0.1, 50), st.sampled_from([two_step_access, three_step_access]))
def test_twice_the_seats_is_twice_the_access_and_twice_the_pupils_half(scene, factor, measure):
    once = measure(scene.pairs, pupils=scene.pupils, seats=scene.seats, decay=gaussian_m(800))
    seats = measure(scene.pairs, pupils=scene.pupils, seats=factor * scene.seats, decay=gaussian_m(800))
    pupils = measure(scene.pairs, pupils=factor * scene.pupils, seats=scene.seats, decay=gaussian_m(800))
    np.testing.assert_allclose(seats, factor * once, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(factor * pupils, once, rtol=1e-9, atol=1e-12)


@laws
@given(scenes(), st.randoms(use_true_random=False), st.sampled_from([two_step_access, three_step_access]))
def test_the_order_of_homes_and_schools_changes_nothing(scene, random, measure):
    homes, schools = list(range(len(scene.pupils))), list(range(len(scene.seats)))
    random.shuffle(homes)
    random.shuffle(schools)
    whole = measure(scene.pairs, pupils=scene.pupils, seats=scene.seats, decay=gaussian_m(800))
    mixed = pairs_of(scene.metres[np.ix_(homes, schools)])
    found = measure(mixed, pupils=scene.pupils[homes], seats=scene.seats[schools], decay=gaussian_m(800))
    np.testing.assert_allclose(found, whole.to_numpy()[homes], rtol=1e-9, atol=1e-12)


def test_nobody_and_no_school_give_zero():
    alone = pairs_of(np.array([[np.inf], [200.0]]))
    assert two_step_access(alone, pupils=[5, 0], seats=[90], decay=within_m(500)).tolist() == [0, 0]
    assert three_step_access(alone, pupils=[5, 3], seats=[90], decay=within_m(500)).tolist() == [0, 30]
    none = pairs_of(np.zeros((2, 0)))
    assert two_step_access(none, pupils=[5, 3], seats=[], decay=within_m(500)).tolist() == [0, 0]


def test_figures_of_other_places_are_refused():
    pairs = pairs_of(METRES)
    with pytest.raises(ValueError, match="index of the pairs"):
        two_step_access(pairs, pupils=pd.Series(PUPILS, index=list("abc")), seats=SEATS, decay=STEPS)
    for pupils in (PUPILS[:2], [1, 2, -1], [1, 2, np.nan]):
        with pytest.raises(ValueError, match="pupils must be"):
            two_step_access(pairs, pupils=pupils, seats=SEATS, decay=STEPS)
