"""Every limit of the final plan, checked without the solver; measures that do not meet the plan's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layoutplan.errors import DefectError
from layoutplan.siting.promises import check_promises
from layoutplan.solve import Outcome
from tests.every import every
from tests.siting.test_plan import PRICED, small_town
from tests.studies import with_plan


def test_every_limit_is_listed_with_the_figure_next_to_it():
    given = {
        "budget": 6e7,
        "budget_a_year": 6e7,
        "max_new_schools": 2,
        "new_schools_a_year": 1,
        "min_pupils": 45.0,
        "max_cost_per_pupil": 50_000.0,
    }
    _, proposal = small_town(profile=PRICED).planned(**given)
    table = proposal.tables["plan_audit"]
    assert table["kept"].all()
    found = table[table["limit"] != "capital_as_priced"].set_index("limit")["found"]
    assert found["budget"] == found["budget_a_year"] == 810 * 70_000
    assert found["max_new_schools"] == found["new_schools_a_year"] == found["schools_on_a_site"] == 1
    assert found["lead_years"] == 0
    assert found["temporary_classes"] == 2
    assert found["min_pupils"] == pytest.approx(800.0, abs=1.0)
    assert found["least_land"] < 1
    assert found["farthest_way"] < 1


def test_a_broken_limit_is_a_defect():
    """The plan stays as it is and the limit is drawn tighter: the audit must see it."""
    plan, _ = small_town(profile=PRICED).planned(budget=6e7, min_pupils=45.0)
    places = plan.model.places

    def tightened(**settings):
        siting = places.study.plan.siting.model_copy(update=settings)
        study = with_plan(places.study, sections={"siting": siting})
        return replace(plan, model=replace(plan.model, places=replace(places, study=study)))

    def check(limit, broken):
        with pytest.raises(DefectError, match=limit):
            check_promises(broken)

    fewer = replace(plan.model, places=replace(places, prices=replace(places.prices, temporary_classes=1)))
    slower = replace(plan.model, places=replace(places, prices=replace(places.prices, lead_new=3)))
    small = replace(places.study.city, tables={**places.study.city.tables, "sites": _shrunk(places)})
    land = replace(plan.model, places=replace(places, study=replace(places.study, city=small)))
    every(
        [
            ("budget ", tightened(budget=5e7)),
            ("budget_a_year", tightened(budget_a_year=5e7)),
            ("max_new_schools", tightened(max_new_schools=0)),
            ("new_schools_a_year", tightened(new_schools_a_year=0)),
            ("min_pupils", tightened(min_pupils=900.0)),
            ("max_cost_per_pupil", tightened(max_cost_per_pupil=10.0)),
            ("temporary_classes", replace(plan, model=fewer)),
            ("lead_years", replace(plan, model=slower)),
            ("least_land", replace(plan, model=land)),
        ],
        check,
        name=lambda case: case[0],
    )


def _shrunk(places):
    return places.study.city.tables["sites"].assign(area_m2=1000.0)


def test_a_size_that_costs_too_much_a_pupil_is_given_up():
    """18 classes cost 14,175 yuan a pupil-year, 12 classes 14,000: at most 14,100 takes 12 and leaves 260."""
    plan, proposal = small_town().planned(max_cost_per_pupil=14_100.0)
    assert proposal.proposals["classes"].tolist() == [12]
    assert plan.found.figures.unserved.sum() == pytest.approx(5 * 260.0)
    serve, cost, _ = plan.found.steps
    assert serve.outcome is Outcome.FEASIBLE
    assert serve.bound <= 1.0  # that of all sizes: with 18 classes everybody has a seat
    assert not np.isfinite(cost.bound)
    nothing, _ = small_town().planned(max_cost_per_pupil=10_000.0)
    assert nothing.measures == ()
