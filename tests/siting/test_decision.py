"""The decision against brute force: every choice of options tried."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from layoutplan.siting import decision as decision_module
from layoutplan.siting import formulation as model
from layoutplan.siting.benders import Question, answer_by_cuts, flow_of
from layoutplan.siting.candidates import Candidate, Option
from layoutplan.siting.decision import PUPILS_TOLERANCE, decide, marginal_pupils, newly_served
from layoutplan.siting.formulation import Choice, Effort, Limits, money_unit, useful_choices
from layoutplan.siting.shortage import shortage
from layoutplan.solve import Outcome, Solution, assign_pupils, solve_program
from tests.examples import examples
from tests.siting.test_shortage import random_reach


def problem(seed):
    """Return candidates with options in two stages, their places, and the shortages."""
    random = np.random.default_rng(seed)
    schools, new = 3, 3
    reaches = {
        stage: replace(random_reach(random, units=9, schools=schools, new=new), stage=stage)
        for stage in ("primary", "junior")
    }
    candidates = []
    for position in range(new):
        options = []
        for level in range(int(random.integers(1, 4))):
            seats = {"primary": 20.0 * (level + 1)}
            if random.random() < 0.5:
                seats["junior"] = 10.0 * (level + 1)
            cost = float(sum(seats.values()) * 100 + random.integers(0, 300))
            options.append(Option("nine_year", level + 1, level + 1, seats, cost, None))
        candidates.append(
            Candidate(
                "site",
                f"L{position}",
                f"NEW-L{position}",
                f"Site {position}",
                0.0,
                0.0,
                options=tuple(options),
            )
        )
    places = [schools + position for position in range(new)]
    shortages = {stage: shortage(reach, candidates=places) for stage, reach in reaches.items()}
    return candidates, places, shortages


def every_plan(candidates, places, limits):
    """Yield all plans within the limits, useful or not."""
    offers = [[None, *candidate.options] for candidate in candidates]
    for options in product(*offers):
        plan = [
            Choice(position, places[position], is_new=True, price=option.cost, option=option)
            for position, option in enumerate(options)
            if option is not None
        ]
        within_money = limits.budget is None or sum(one.price for one in plan) <= limits.budget
        if within_money and (limits.new_schools is None or len(plan) <= limits.new_schools):
            yield plan


@settings(max_examples=examples(60))
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([None, 0.0, 3000.0, 6000.0, 12_000.0]),
    st.sampled_from([None, 0, 1, 2]),
    st.sampled_from([0.0, 15.0]),
    st.booleans(),
)
# HiGHS with presolve missed the cheapest plan here.
@example(seed=1295, budget=12_000.0, most=2, least=15.0, dense=True)
def test_as_good_as_trying_everything(seed, budget, most, least, dense):
    """Both ways of solving: the direct program and cuts."""
    candidates, places, shortages = problem(seed)
    limits = Limits(budget, most, least)
    choices = useful_choices(candidates, places, shortages)
    plans = [
        (newly_served(shortages, plan) - least * len(plan), sum(one.price for one in plan))
        for plan in every_plan(candidates, places, limits)
    ]
    best = max(served for served, _ in plans)
    if not choices:
        assert best == pytest.approx(0, abs=1e-4)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision_module, "DENSE_ARCS", -1 if dense else 10**9)
        decision = decide(shortages, choices, limits, Effort(relative_gap=0.0))
    serve = decision.steps[0]
    assert serve.outcome is Outcome.OPTIMAL
    assert serve.audited == pytest.approx(best, abs=1e-3)
    assert serve.objective == pytest.approx(serve.audited, abs=1e-3)
    assert serve.bound >= serve.objective
    if best < PUPILS_TOLERANCE:
        assert not decision.chosen
        return
    cheapest = min(cost for served, cost in plans if served >= best - PUPILS_TOLERANCE + 1e-4)
    loosest = min(cost for served, cost in plans if served >= best - PUPILS_TOLERANCE - 1e-3)
    cost = decision.steps[1]
    assert cost.outcome is Outcome.OPTIMAL
    assert loosest - 1e-3 <= sum(one.price for one in decision.chosen) <= cheapest + 1e-3
    assert cost.objective == pytest.approx(cost.audited)
    assert cost.bound <= cost.objective
    worth = newly_served(shortages, decision.chosen) - least * len(decision.chosen)
    assert worth >= best - PUPILS_TOLERANCE - 2e-3
    for pupils in marginal_pupils(shortages, decision.chosen):
        assert pupils >= least - PUPILS_TOLERANCE - 2e-3


@settings(max_examples=examples(30))
@given(st.integers(0, 2**32 - 1))
def test_one_more_candidate_never_worsens(seed):
    candidates, places, shortages = problem(seed)
    served = []
    for count in range(len(candidates) + 1):
        choices = useful_choices(candidates[:count], places[:count], shortages)
        decision = decide(shortages, choices, Limits(), Effort()) if choices else None
        served.append(0.0 if decision is None else decision.steps[0].audited)
    assert all(after >= before - 1e-3 for before, after in pairwise(served))


def test_a_budget_never_exceeded_never_helps():
    candidates, places, shortages = problem(5)
    choices = useful_choices(candidates, places, shortages)
    free = decide(shortages, choices, Limits(), Effort())
    spent = sum(one.price for one in free.chosen)
    tight = decide(shortages, choices, Limits(budget=spent), Effort())
    assert tight.steps[0].audited == pytest.approx(free.steps[0].audited, abs=PUPILS_TOLERANCE)
    poor = decide(shortages, choices, Limits(budget=spent / 2), Effort())
    assert sum(one.price for one in poor.chosen) <= spent / 2
    assert poor.steps[0].audited <= free.steps[0].audited + 1e-6


def test_marginal_pupils_are_the_loss_of_taking_one_away():
    candidates, places, shortages = problem(11)
    decision = decide(shortages, useful_choices(candidates, places, shortages), Limits(), Effort())
    everything = newly_served(shortages, decision.chosen)
    for position, pupils in enumerate(marginal_pupils(shortages, decision.chosen)):
        rest = [*decision.chosen[:position], *decision.chosen[position + 1 :]]
        assert pupils == pytest.approx(everything - newly_served(shortages, rest), abs=1e-6)


def out_of_time(program, **_):
    """Stand in for a solver that found nothing before its limit."""
    bound = np.inf if program.sense == "maximise" else 0.5
    return Solution(Outcome.NO_PLAN_FOUND, np.zeros(0), np.nan, bound, np.nan, None)


def test_no_plan_in_time_is_said(monkeypatch):
    candidates, places, shortages = problem(11)
    choices = useful_choices(candidates, places, shortages)
    monkeypatch.setattr(model, "solve_program", out_of_time)
    decision = decide(shortages, choices, Limits(), Effort())
    assert not decision.chosen
    assert [step.outcome for step in decision.steps] == [Outcome.NO_PLAN_FOUND]
    assert np.isnan(decision.steps[0].audited)


def test_the_first_plan_stands_when_no_cheaper_one_is_found_in_time(monkeypatch):
    candidates, places, shortages = problem(11)
    choices = useful_choices(candidates, places, shortages)

    def cheapest_out_of_time(program, **limits):
        late = program.sense == "minimise"
        return out_of_time(program) if late else solve_program(program, **limits)

    monkeypatch.setattr(model, "solve_program", cheapest_out_of_time)
    decision = decide(shortages, choices, Limits(), Effort())
    serve, cost = decision.steps
    assert newly_served(shortages, decision.chosen) == pytest.approx(serve.audited)
    assert cost.outcome is Outcome.FEASIBLE
    assert cost.objective == cost.audited == sum(one.price for one in decision.chosen)
    assert cost.bound == pytest.approx(0.5 * money_unit(choices))


@settings(max_examples=examples(30))
@given(st.integers(0, 2**32 - 1))
def test_a_minimum_cut_is_a_law_for_every_whole_choice_and_tight_for_its_own(seed):
    candidates, places, shortages = problem(seed)
    choices = useful_choices(candidates, places, shortages)
    assume(choices)
    question = Question(shortages, choices, Limits())
    random = np.random.default_rng(seed)
    wholes = [_one_a_candidate(choices, random) for _ in range(4)]
    parts_of_choices = [random.random(len(choices)) for _ in range(2)]
    teachers = [flow_of(question, point) for point in (*wholes, *parts_of_choices)]
    for whole in wholes:
        flow = flow_of(question, whole)
        added = {stage: {} for stage in shortages}
        for choice in np.array(choices, dtype=object)[whole == 1]:
            for stage, seats in choice.option.seats.items():
                added[stage][choice.place] = seats
        truth = sum(shortage.newly_served(added[stage]) for stage, shortage in shortages.items())
        assert flow.served - question.served_now == pytest.approx(truth, abs=1e-4)
        served = _served_by_region(question, whole)
        assert served.sum() == pytest.approx(flow.served, abs=1e-4)
        for teacher in teachers:
            for cut in teacher.cuts:
                assert served[cut.regions].sum() <= cut.at(whole) + 1e-4


def _served_by_region(question, whole):
    """Place the pupils of every part by a flow of its own, and count them by region."""
    found = []
    for part in question.parts:
        placed = assign_pupils(
            origin=part.piece.group,
            destination=part.piece.node,
            metres=np.zeros(len(part.piece.group)),
            pupils=part.piece.pupils,
            seats=part.seats_with(whole),
        )
        found.append(np.bincount(part.region, weights=placed.served, minlength=len(part.pupils)))
    return np.concatenate(found)


@settings(max_examples=examples(40))
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_cuts_of_a_law_that_falls_apart_say_as_much_together_where_it_was_learnt(seed, whole):
    """No law is weakened by dividing it: at the choice in hand the cuts leave what the flow serves."""
    candidates, places, shortages = problem(seed)
    choices = useful_choices(candidates, places, shortages)
    assume(choices)
    question = Question(shortages, choices, Limits())
    random = np.random.default_rng(seed)
    choose = _one_a_candidate(choices, random) if whole else random.random(len(choices)) / 3
    for part in question.parts:
        for law in part.laws(choose):
            cuts = list(part.cuts(law, choose))
            regions = [region for cut in cuts for region in cut.regions]
            assert len(set(regions)) == len(regions)
            rest = part.pupils.sum() - part.pupils[np.array(regions, dtype=int) - part.first].sum()
            assert rest + sum(cut.at(choose) for cut in cuts) == pytest.approx(
                part.most(law, choose), abs=1e-6
            )


def _one_a_candidate(choices, random):
    """Return a whole choice: of a candidate at most one."""
    whole = np.zeros(len(choices))
    for candidate in {choice.candidate for choice in choices}:
        own = [place for place, choice in enumerate(choices) if choice.candidate == candidate]
        if random.random() < 0.6:
            whole[random.choice(own)] = 1.0
    return whole


def test_cuts_without_time_find_no_plan():
    candidates, places, shortages = problem(11)
    choices = useful_choices(candidates, places, shortages)
    answer = answer_by_cuts(Question(shortages, choices, Limits()), Effort(time_limit_s=0.0))
    assert answer.outcome is Outcome.NO_PLAN_FOUND
    assert answer.chosen == ()
