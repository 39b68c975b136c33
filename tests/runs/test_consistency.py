"""What a run publishes agrees with itself, and the gate sees every contradiction that is put in."""

from __future__ import annotations

import copy

import pytest
from hypothesis import HealthCheck, given, settings

from layoutplan import InputError, load_plan, run_plan
from layoutplan.errors import DefectError
from layoutplan.runs import result_frames
from layoutplan.runs.claims import false_claims
from layoutplan.runs.consistency import check_consistency, contradictions
from layoutplan.runs.summary import summarise
from layoutplan.texts import LANGUAGES, text
from tests.examples import examples
from tests.towns.odd_towns import OddTown, odd_towns, write_town


def agreed(plan):
    """Run a plan; return what the gate says, nothing for an input that is refused."""
    try:
        run = run_plan(load_plan(plan))
    except InputError:
        return []
    frames = result_frames(run)
    return contradictions(frames, summarise(run, frames))


SHORT = OddTown(columns=3, rows=3, schools=3, catchments="each", children=120.0, seats=90.0)
OUTSIDE = OddTown(columns=3, rows=3, schools=3, catchments="part", children=120.0, seats=90.0)


@given(town=odd_towns())
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_few_random_towns_agree_with_themselves(town, tmp_path_factory):
    assert agreed(write_town(town, tmp_path_factory.mktemp("town"))) == []


@pytest.mark.slow
@given(town=odd_towns())
@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_towns_agree_with_themselves(town, tmp_path_factory):
    assert agreed(write_town(town, tmp_path_factory.mktemp("town"))) == []


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    run = run_plan(load_plan(write_town(SHORT, tmp_path_factory.mktemp("short"))))
    frames = result_frames(run)
    return frames, summarise(run, frames)


def test_a_town_short_of_seats_agrees_with_itself(results):
    frames, summary = results
    assert len(frames["hotspots"])
    assert len(frames["proposals"])
    check_consistency(frames, summary)


def test_an_answer_names_the_places_that_lack_most_in_its_year(results):
    frames, _ = results
    spots, catchments = frames["hotspots"], frames["catchment_balance"]
    for row in frames["answers"].to_dict("records"):
        own = catchments.query("layout == 'today' and stage == @row['stage'] and year == @row['year']")
        short = own[own["shortfall"] >= 0.5].sort_values("shortfall", ascending=False, kind="stable")
        of_year = spots[(spots["stage"] == row["stage"]) & (spots["year"] == row["year"])]
        expected = (of_year if len(of_year) else short)["name"].iloc[:3].tolist()
        assert row["places"].split("; ") == expected


def test_a_town_with_homes_in_no_catchment_agrees_with_itself(tmp_path):
    run = run_plan(load_plan(write_town(OUTSIDE, tmp_path)))
    frames = result_frames(run)
    city = frames["city_balance"]
    assert (city["outside_catchments"].astype(float) > 1).any()
    totals = frames["remedy_totals"].set_index(["stage", "year"])["shortfall"]
    today = city[city["layout"] == "today"].set_index(["stage", "year"])["shortfall"].astype(float)
    assert (today.reindex(totals.index) > totals + 1).any()
    assert contradictions(frames, summarise(run, frames)) == []


PUT_IN = {
    "demand of the units": ("unit_demand", "demand", lambda cells: cells + 1),
    "seats of the schools": ("school_balance", "spare", lambda cells: cells + 5),
    "demand of the catchments": ("catchment_balance", "demand", lambda cells: cells + 1),
    "shortfall in catchment_balance": ("catchment_balance", "shortfall", lambda cells: cells + 1),
    "balance at": ("city_balance", "balance", lambda cells: cells - 3),
    "net shortage": ("city_balance", "unserved", lambda cells: cells - 900),
    "summary says unserved": ("city_balance", "unserved", lambda cells: cells + 2),
    "hotspots of primary hold": ("hotspots", "pupils_short", lambda cells: cells * 100),
    "are numbered": ("hotspots", "rank", lambda cells: cells + 1),
    "has more pupils without a seat than pupils": ("hotspots", "demand", lambda cells: cells * 0),
    "lacks other seats": ("hotspots", "seats_short", lambda cells: cells + 1),
    "seats_short is": ("hotspots", "seats_short", lambda cells: cells + 1),
    "the answer of primary says unserved": ("answers", "unserved", lambda cells: cells + 5),
    "is not of its worst year": ("answers", "unserved", lambda cells: cells - 5),
    "the answers cost": ("answers", "cost", lambda cells: cells + 1000),
    "summary says seats of proposals": ("proposals", "seats", lambda cells: cells + 30),
    "seats of the proposals by stage": ("proposals", "seats_primary", lambda cells: cells + 30),
    "remedies of a shortage": ("remedies", "redraw", lambda cells: cells + 1),
    "shortages of the catchments": ("remedy_totals", "shortfall", lambda cells: cells + 1),
    "shortage after": ("remedy_totals", "after_redraw", lambda cells: cells + 1),
    "shortage left": ("remedy_totals", "left", lambda cells: cells + 1),
    "shortage by catchment": ("catchment_balance", "shortfall", lambda cells: cells + 1),
    "shortage divided": ("city_balance", "shortfall", lambda cells: cells - 1),
    "shortage outside catchments": ("city_balance", "shortfall", lambda cells: cells + 1),
    "capital by year": ("plan_costs", "capital", lambda cells: cells + 1000),
    "cost of temporary by year": ("plan_costs", "temporary", lambda cells: cells + 1000),
    "costs of a year": ("plan_costs", "total", lambda cells: cells + 1000),
}


@pytest.mark.parametrize("words", PUT_IN)
def test_a_contradiction_put_in_is_found(results, words):
    frames, summary = results
    table, column, change = PUT_IN[words]
    frame = frames[table].copy()
    frame[column] = change(frame[column])
    found = contradictions({**frames, table: frame}, summary)
    assert any(words in one for one in found), found
    with pytest.raises(DefectError):
        check_consistency({**frames, table: frame}, summary)


def test_a_headline_of_another_run_is_found(results):
    frames, summary = results
    other = copy.deepcopy(summary)
    other["stages_by_year"]["today"]["primary"]["2025"]["unserved"] += 1
    assert len(contradictions(frames, other)) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_that_denies_its_tables_is_found(results, lang):
    frames, _ = results
    spots, spare = frames["hotspots"].head(1).copy(), frames["school_balance"].copy()
    spots["remedy"] = text("hotspots.relief.none_spare", lang)
    spare["spare"] = 0.4
    assert [*false_claims({"hotspots": spots, "school_balance": spare})] == []
    spare["spare"] = 1.0
    (found,) = false_claims({"hotspots": spots, "school_balance": spare})
    assert "is not so" in found


def test_two_hotspots_of_one_name_are_found(results):
    frames, summary = results
    spots = frames["hotspots"]
    twice = spots.loc[[spots.index[0]] * 2].reset_index(drop=True)
    assert any("share a name" in one for one in contradictions({**frames, "hotspots": twice}, summary))
