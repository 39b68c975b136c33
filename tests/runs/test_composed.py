"""The stages called one by one, as a notebook does, find what a run finds: every table, to the last row."""

from __future__ import annotations

import pandas as pd
import pytest

import layoutplan as lp
from layoutplan.access import service_area_table
from layoutplan.rules import (
    RuleInputs,
    compare_profiles,
    earlier_ledger,
    evaluate_rules,
    find_unsafe_walks,
    has_history,
    record_tables,
)
from layoutplan.runs import Evaluation
from tests.outputs.town import write_town


def composed(plan):
    """Return the run of a plan, made of the public stages."""
    study = lp.make_study(plan)
    today = lp.evaluate(study)
    outlook = lp.estimate_outlook(study)
    flags = lp.flag_schools(study)
    before = earlier_ledger(study.city, study.profile, lang=study.lang)
    ledger = lp.update_ledger(flags, study.profile, year=study.base_year, previous=before, lang=study.lang)
    hotspots = lp.find_hotspots(study, today)
    proposal = lp.propose(study, today, hotspots, outlook)
    layout = proposal.layout
    proposed = lp.evaluate(study, layout)
    evaluations = {
        study.today.id: Evaluation(study.today, today, lp.measure_access(study, today)),
        layout.id: Evaluation(
            layout, proposed, lp.measure_access(study, proposed, layout, years=(study.target_year,))
        ),
    }
    inputs = {
        "study": study,
        "balance": today,
        "access": evaluations[study.today.id].access,
        "flags": flags,
        "ledger": ledger,
        "ledger_goes_back": has_history(before, year=study.base_year),
        "hotspots": hotspots,
        "outlook": outlook,
        "proposal": proposal,
        "proposed": proposed,
    }
    results = evaluate_rules(RuleInputs(**inputs))
    tables = record_tables(RuleInputs(**inputs, results=results))
    comparison = compare_profiles(RuleInputs(**inputs), plan.compared, results=results)
    return lp.Run(
        study=study,
        evaluations=evaluations,
        outlook=outlook,
        flags=flags,
        ledger=ledger,
        unsafe_walks=find_unsafe_walks(study),
        hotspots=hotspots,
        proposal=proposal,
        service_areas=service_area_table(study, layout),
        rule_results=results,
        layout_sources=(),
        rule_tables={**tables, "profile_comparison": comparison},
    )


def assert_equal(run, other):
    """Hold every table, layout and note of two runs against each other."""
    frames, others = lp.result_frames(run), lp.result_frames(other)
    assert list(frames) == list(others)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(others[name]), obj=name)
    assert [layout.id for layout in run.layouts] == [layout.id for layout in other.layouts]
    for layout, second in zip(run.layouts, other.layouts, strict=True):
        pd.testing.assert_frame_equal(layout.seats.schools, second.seats.schools)
        pd.testing.assert_frame_equal(layout.walks.to_frame(), second.walks.to_frame())
        pd.testing.assert_frame_equal(layout.zoning.catchment_schools, second.zoning.catchment_schools)
    assert [note.what("en") for note in run.notes] == [note.what("en") for note in other.notes]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_in_a_small_town(tmp_path, lang):
    plan = lp.load_plan(write_town(tmp_path, lang=lang))
    assert_equal(lp.run_plan(plan), composed(plan))


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_in_the_bundled_city(demo_plan, demo_run):
    assert_equal(demo_run, composed(demo_plan))
    assert demo_run.study.forecast is not None
    assert demo_run.study.demand.pupils["primary"][demo_run.study.target_year].sum() > 0
