"""The answers: each figure from its table, the worst stage first, a sentence in both languages."""

import pytest

from layoutplan import load_plan, run_plan
from layoutplan.runs import result_frames
from layoutplan.texts import number
from tests.towns.odd_towns import OddTown, write_town


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    town = OddTown(
        columns=3,
        rows=3,
        schools=2,
        school_type="nine_year",
        streets="none",
        stages=("primary", "junior"),
        catchments="each",
    )
    run = run_plan(load_plan(write_town(town, tmp_path_factory.mktemp("town"))))
    return result_frames(run)


def test_the_worst_stage_and_year_come_first(frames):
    answers, city = frames["answers"], frames["city_balance"]
    today = city[(city["layout"] == "today") & (city["year"] > 2025)]
    worst = today.groupby("stage")["unserved"].max()
    assert answers.iloc[answers["rank"].argmin()]["stage"] == worst.idxmax()
    for row in answers.to_dict("records"):
        assert row["unserved"] == pytest.approx(worst[row["stage"]])
        assert row["net_short"] == pytest.approx(max(row["demand"] - row["seats"], 0.0))


def test_what_the_stages_cost_adds_up_to_the_proposals(frames):
    assert frames["answers"]["cost"].sum() == pytest.approx(frames["proposals"]["cost"].sum())
    seats = frames["proposals"][["seats_primary", "seats_junior"]].sum().sum()
    assert frames["answers"]["seats_added"].sum() == pytest.approx(seats)


@pytest.mark.parametrize(("lang", "column"), [("zh", "answer"), ("en", "answer_translated")])
def test_the_sentence_says_the_figures_of_its_row(frames, lang, column):
    for row in frames["answers"].to_dict("records"):
        assert str(row["year"]) in row[column]
        for figure in ("unserved", "demand", "seats"):
            if row["unserved"] >= 0.5:
                assert number(row[figure], lang) in row[column]
