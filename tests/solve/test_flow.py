"""Laws of the placement of pupils, and networkx as an independent program."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse

from layoutplan.errors import DefectError
from layoutplan.solve import Outcome, assign_pupils


@st.composite
def problems(draw, *, whole=False):
    """Draw arcs, metres, pupils and seats: whole numbers, or fractions as forecasts have them."""
    origins, destinations = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cells = [(i, j) for i in range(origins) for j in range(destinations)]
    arcs = draw(st.lists(st.sampled_from(cells), unique=True, max_size=len(cells)))
    amount = st.integers(0, 40).map(float) if whole else st.floats(0, 200, allow_subnormal=False)
    return {
        "origin": np.array([i for i, _ in arcs], dtype=np.int64),
        "destination": np.array([j for _, j in arcs], dtype=np.int64),
        "metres": np.array(
            draw(st.lists(st.integers(0, 3000), min_size=len(arcs), max_size=len(arcs))), float
        ),
        "pupils": np.array(draw(st.lists(amount, min_size=origins, max_size=origins))),
        "seats": np.array(draw(st.lists(amount, min_size=destinations, max_size=destinations))),
    }


@given(problems())
def test_pupils_are_conserved_and_seats_respected(problem):
    placed = assign_pupils(**problem)
    flows = np.zeros(len(problem["pupils"]))
    np.add.at(flows, problem["origin"], placed.pupils)
    filled = np.zeros(len(problem["seats"]))
    np.add.at(filled, problem["destination"], placed.pupils)
    np.testing.assert_allclose(flows + placed.unserved, problem["pupils"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(placed.served, flows, rtol=0, atol=1e-9)
    assert (filled <= problem["seats"] + 1e-6).all()
    assert (placed.pupils >= 0).all()
    assert (placed.unserved >= 0).all()
    assert placed.metres == pytest.approx(float(placed.pupils @ problem["metres"]))
    assert placed.outcome is Outcome.OPTIMAL


@given(problems(whole=True))
def test_networkx_serves_as_many_and_walks_as_little(problem):
    graph = nx.DiGraph()
    graph.add_nodes_from(["source", "sink"])
    for i, count in enumerate(problem["pupils"]):
        graph.add_edge("source", ("unit", i), capacity=int(count), weight=0)
    for j, count in enumerate(problem["seats"]):
        graph.add_edge(("school", j), "sink", capacity=int(count), weight=0)
    for i, j, metres in zip(problem["origin"], problem["destination"], problem["metres"], strict=True):
        graph.add_edge(("unit", i), ("school", j), weight=int(metres))
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    placed = assign_pupils(**problem)
    assert placed.served.sum() == pytest.approx(sum(flow["source"].values()), abs=1e-9)
    assert placed.metres == pytest.approx(nx.cost_of_flow(graph, flow), abs=1e-6)


@given(problems(), st.integers(0, 4), st.floats(0, 100))
def test_more_seats_never_raise_the_number_unserved(problem, place, more):
    before = assign_pupils(**problem).unserved.sum()
    seats = problem["seats"].copy()
    seats[place % len(seats)] += more
    assert assign_pupils(**{**problem, "seats": seats}).unserved.sum() <= before + 1e-6


@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_arcs_does_not_change_the_totals(problem, random):
    order = list(range(len(problem["origin"])))
    random.shuffle(order)
    shuffled = {name: problem[name][order] for name in ("origin", "destination", "metres")}
    one, other = assign_pupils(**problem), assign_pupils(**{**problem, **shuffled})
    assert other.served.sum() == pytest.approx(one.served.sum(), abs=1e-6)
    assert other.metres == pytest.approx(one.metres, rel=1e-6, abs=0.1 * (1 + one.served.sum()))


@given(problems())
def test_arguments_stay_as_they_are_and_the_answer_is_repeatable(problem):
    before = {name: values.copy() for name, values in problem.items()}
    one, other = assign_pupils(**problem), assign_pupils(**problem)
    assert one.pupils.tobytes() == other.pupils.tobytes()
    for name, values in before.items():
        np.testing.assert_array_equal(problem[name], values)


def test_serving_goes_before_walking_however_far():
    """One far pupil is served though moving everyone along a chain costs hundreds of kilometres."""
    length = 30
    origin = np.repeat(np.arange(length), 2)
    destination = np.stack([np.arange(length), np.arange(1, length + 1)], axis=1).ravel()
    metres = np.tile([0.0, 50_000.0], length)
    pupils = np.ones(length)
    pupils[0] = 2.0
    seats = np.ones(length + 1)
    placed = assign_pupils(origin=origin, destination=destination, metres=metres, pupils=pupils, seats=seats)
    assert placed.unserved.sum() == 0
    assert placed.metres == pytest.approx(length * 50_000.0)


def test_thirds_of_pupils_fill_whole_seats_exactly():
    placed = assign_pupils(
        origin=[0, 1, 2], destination=[0, 0, 0], metres=[1.0, 2.0, 3.0], pupils=[100 / 3] * 3, seats=[100.0]
    )
    np.testing.assert_allclose(placed.unserved, 0, atol=1e-9)
    assert placed.filled[0] == pytest.approx(100.0, abs=1e-6)


@pytest.mark.parametrize(
    "problem",
    [
        {"origin": [], "destination": [], "metres": [], "pupils": [], "seats": []},
        {"origin": [], "destination": [], "metres": [], "pupils": [5.0], "seats": [5.0]},
        {"origin": [0], "destination": [0], "metres": [1.0], "pupils": [0.0], "seats": [5.0]},
        {"origin": [0], "destination": [0], "metres": [1.0], "pupils": [5.0], "seats": [0.0]},
    ],
)
def test_without_arcs_pupils_or_seats_nobody_is_served(problem):
    placed = assign_pupils(**problem)
    assert placed.served.sum() == 0
    assert placed.unserved.sum() == sum(problem["pupils"])
    assert placed.metres == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pupils", [-1.0]),
        ("seats", [np.nan]),
        ("metres", [np.inf]),
        ("metres", [1.0, 2.0]),
        ("origin", [1]),
        ("destination", [-1]),
    ],
)
def test_numbers_that_make_no_sense_are_refused(name, value):
    problem = {"origin": [0], "destination": [0], "metres": [1.0], "pupils": [1.0], "seats": [1.0]}
    with pytest.raises(DefectError, match=r"flat|outside|negative or not finite"):
        assign_pupils(**{**problem, name: value})


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_city_is_placed_without_dust(seed):
    """Nobody is left with a millionth of a pupil unserved where there is room."""
    random = np.random.default_rng(seed)
    units, schools = 300, 8
    placed = assign_pupils(
        origin=np.repeat(np.arange(units), schools),
        destination=np.tile(np.arange(schools), units),
        metres=random.uniform(0, 3000, units * schools).astype(np.float32),
        pupils=random.gamma(1.0, 2.0, units),
        seats=np.full(schools, 100.0),
    )
    assert set(np.round(placed.unserved, 5)) == {0.0}


@given(problems(whole=True))
def test_a_seat_is_worth_what_solving_again_with_one_more_gives(problem):
    placed = assign_pupils(**problem)
    for place in range(len(problem["seats"])):
        seats = problem["seats"].copy()
        seats[place] += 1
        richer = assign_pupils(**{**problem, "seats": seats})
        assert placed.served_per_seat[place] == richer.served.sum() - placed.served.sum()
        assert placed.saved_m_per_seat[place] == pytest.approx(placed.metres - richer.metres, abs=1e-6)


@given(problems())
def test_the_worth_of_a_seat_falls_no_pupil_gains_from_more_than_one(problem):
    placed = assign_pupils(**problem)
    assert set(placed.served_per_seat) <= {0.0, 1.0}
    spare = placed.filled < problem["seats"] - 1e-6
    assert (placed.served_per_seat[spare] == 0).all()
    assert (placed.saved_m_per_seat[spare] == 0).all()
    if (placed.unserved == 0).all():  # a hair of a pupil left over by fractions of seats has its price
        assert (placed.served_per_seat == 0).all()
    assert (placed.saved_m_per_seat[placed.served_per_seat == 0] >= 0).all()


def city_problem(random, *, units=3000, schools=60, choices=10):
    metres = np.hypot(*(random.uniform(0, 9000, (2, units, 1)) - random.uniform(0, 9000, (2, 1, schools))))
    near = np.argsort(metres, axis=1)[:, :choices]
    pupils = random.gamma(1.5, 12.0, units)
    return {
        "origin": np.repeat(np.arange(units), choices),
        "destination": near.ravel(),
        "metres": np.round(np.take_along_axis(metres, near, axis=1).ravel(), 1),
        "pupils": pupils,
        "seats": np.rint(random.uniform(0.5, 1.5, schools) * pupils.sum() / schools),
    }


@pytest.mark.parametrize("change", [0.0, 0.03, 0.5])
def test_beginning_with_the_year_before_changes_no_total(change):
    """30,000 arcs: enough to be sifted."""
    random = np.random.default_rng(11)
    problem = city_problem(random)
    before = assign_pupils(**problem)
    later = {**problem, "pupils": problem["pupils"] * random.uniform(1 - change, 1 + change, 3000)}
    later["seats"] = problem["seats"].copy()
    later["seats"][:3] = [0.0, 900.0, 1800.0]
    cold, warm = assign_pupils(**later), assign_pupils(**later, like=before)
    assert warm.served.sum() == pytest.approx(cold.served.sum(), abs=1e-5)
    assert warm.metres == pytest.approx(cold.metres, rel=1e-8)
    np.testing.assert_array_equal(warm.served_per_seat, cold.served_per_seat)
    np.testing.assert_allclose(warm.saved_m_per_seat, cold.saved_m_per_seat, atol=1e-6)


def test_highs_reaches_the_same_objective_on_the_linear_program():
    problem = city_problem(np.random.default_rng(3), units=400, schools=20, choices=6)
    problem["metres"] = np.rint(problem["metres"])
    loss = 1e6
    count, arcs = len(problem["pupils"]), len(problem["origin"])
    ones, number = np.ones(arcs), np.arange(arcs)
    placed_once = sparse.hstack(
        [sparse.csr_array((ones, (problem["origin"], number))), sparse.eye_array(count)]
    )
    filled = sparse.csr_array((ones, (problem["destination"], number)), shape=(20, arcs + count))
    found = optimize.linprog(
        np.concatenate([problem["metres"], np.full(count, loss)]),
        A_eq=placed_once,
        b_eq=problem["pupils"],
        A_ub=filled,
        b_ub=problem["seats"],
        method="highs",
    )
    placed = assign_pupils(**problem)
    assert found.fun == pytest.approx(placed.metres + loss * placed.unserved.sum(), rel=1e-7)
    assert placed.unserved.sum() > 1
