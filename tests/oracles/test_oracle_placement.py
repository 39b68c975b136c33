"""The best placement and the proposals of the bundled city against SciPy: its HiGHS and its maximum flow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import maximum_flow

pytestmark = pytest.mark.xdist_group("demo")

PART = 1000  # flow is counted in thousandths of a pupil


def _arcs(run, layout, *, stage, year):
    """Return pupils by unit, seats by school, and the pairs within reach that join some of both."""
    pupils = run.study.demand.pupils[stage][year]
    counted = layout.seats.counted(stage)[year]
    reach = run.plan.travel.reach_m.get(stage) or run.plan.profile.at(year).reach_m(stage)
    near = layout.walks.within(reach)
    metres = near.metres.astype(float)
    open_ = (pupils.to_numpy()[near.rows] > 0) & (counted.to_numpy()[near.indices] > 0)
    return pupils.to_numpy(), counted.to_numpy(), near.rows[open_], near.indices[open_], metres[open_]


def _served(pupils, seats, unit, school):
    """Return the largest flow of pupils to seats."""
    homes, schools = len(pupils), len(seats)
    source, sink = homes + schools, homes + schools + 1
    tail = np.concatenate([np.full(homes, source), unit, homes + np.arange(schools)])
    head = np.concatenate([np.arange(homes), homes + school, np.full(schools, sink)])
    room = np.rint(np.concatenate([pupils, pupils[unit], seats]) * PART).astype(np.int32)
    graph = sparse.csr_matrix((room, (tail, head)), shape=(sink + 1, sink + 1))
    return maximum_flow(graph, source, sink).flow_value / PART


@pytest.mark.parametrize(("stage", "year"), [("primary", 2025), ("junior", 2030), ("kindergarten", 2030)])
def test_most_pupils_then_least_walking(demo_run, stage, year):
    pupils, seats, unit, school, metres = _arcs(demo_run, demo_run.study.today, stage=stage, year=year)
    arcs = np.arange(len(unit))
    limits = sparse.vstack(
        [
            sparse.csr_matrix((np.ones(len(unit)), (unit, arcs)), shape=(len(pupils), len(unit))),
            sparse.csr_matrix((np.ones(len(unit)), (school, arcs)), shape=(len(seats), len(unit))),
        ],
    )
    farther_than_any_chain = 1e6
    found = linprog(
        metres - farther_than_any_chain, A_ub=limits, b_ub=np.concatenate([pupils, seats]), method="highs"
    )
    assert found.status == 0
    city = demo_run.balance.city.set_index(["stage", "year"]).loc[(stage, year)]
    assert city["served"] == pytest.approx(found.x.sum(), abs=0.01)
    without = demo_run.study.reach_m[stage] * (pupils.sum() - found.x.sum())  # no seat: the reach counts
    assert city["mean_walk_m"] * pupils.sum() == pytest.approx(found.x @ metres + without, rel=1e-6)


def test_proposals_serve_what_they_say(demo_run):
    """In the target year as many are left as an independent flow finds, within the budget."""
    proposal, year = demo_run.proposal, demo_run.plan.general.target
    stages = demo_run.plan.stages

    def served(layout):
        total = 0.0
        for stage in stages:
            pupils, room, unit, school, _ = _arcs(demo_run, layout, stage=stage, year=year)
            total += _served(pupils, room, unit, school)
        return total

    before, after = served(demo_run.study.today), served(proposal.layout)
    assert after > before
    assert proposal.proposals["cost"].sum() <= demo_run.plan.siting.budget
    proposed = demo_run.evaluations[proposal.layout.id].balance.city
    left = proposed[proposed["year"] == year]["unserved"].sum()
    demand = sum(demo_run.study.demand.pupils[stage][year].sum() for stage in stages)
    assert demand - after == pytest.approx(left, abs=1.0)
    assert (proposal.outcome["bound"] <= proposal.outcome["objective"] + 1.0).all()
