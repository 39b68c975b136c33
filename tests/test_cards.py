"""What values show of themselves: one line, escaped tables, in the language of the plan."""

import html
import re
from dataclasses import dataclass, replace

import pandas as pd

from layoutplan.cards import Card, Outlined, outline

HOSTILE = "<script>alert(1)</script>\n&amp;\"'"


def test_a_card_is_one_line_and_every_text_in_it_is_escaped():
    card = Card("Run", HOSTILE, (HOSTILE,), (HOSTILE,), ((HOSTILE,), (HOSTILE,)))
    assert "\n" not in card.line()
    assert "<script" not in card.html()
    assert card.html().count(html.escape(HOSTILE)) == 5
    assert len(Card("Run", "x" * 10_000).line()) < 250


def test_a_value_without_a_card_names_its_fields_with_their_sizes():
    @dataclass(frozen=True, repr=False)
    class Result(Outlined):
        table: pd.DataFrame
        notes: tuple
        name: str
        nothing: None = None

    shown = repr(Result(pd.DataFrame({"a": range(2000)}), ("x",), "long\nname"))
    assert shown == "<Result table 2,000 × 1 · notes 1 · name long name · nothing ->"
    assert len(outline(object())) <= 60


def test_a_run_shows_itself_in_one_line_and_a_table_in_both_languages(demo_run):
    proposed = demo_run.evaluations["proposed"]
    values = [
        *(
            demo_run,
            demo_run.plan,
            demo_run.study,
            demo_run.city,
            demo_run.study.demand,
            demo_run.study.today,
        ),
        *(
            proposed,
            proposed.balance,
            proposed.access,
            demo_run.outlook,
            demo_run.hotspots,
            demo_run.proposal,
        ),
        *(demo_run.study.forecast, demo_run.study.backtest, demo_run.study.walking, demo_run.unsafe_walks),
        *(demo_run.plan.profile, demo_run.study.today.walks, demo_run.study.today.seats),
    ]
    long = {type(one).__name__: len(repr(one)) for one in values if len(repr(one)) > 250 or "\n" in repr(one)}
    assert long == {}
    target = demo_run.plan.general.target
    unserved = proposed.balance.city.query("year == @target")["unserved"].sum()
    assert f"{target}年就近无学位可入{unserved:,.0f}人" in repr(demo_run)
    rows = re.findall(r"<tr>(.*?)</tr>", demo_run._repr_html_())
    assert len(rows) == 1 + len(demo_run.evaluations) * len(demo_run.city.stages)
    assert "<td>小学</td>" in rows[2]


def test_cards_speak_the_language_of_the_plan(demo_run):
    plan = replace(demo_run.plan, general=demo_run.plan.general.model_copy(update={"lang": "en"}))
    study = demo_run.study
    study = replace(
        study,
        plan=plan,
        city=replace(study.city, lang="en"),
        demand=replace(study.demand, lang="en"),
        today=replace(study.today, lang="en"),
    )
    for value in (plan, study.demand, study.today):
        assert not re.search("[\u4e00-\u9fff]", repr(value)), value
    assert "schools" in repr(study)
    assert "<th>table</th>" in study.city._repr_html_()


def test_the_card_of_a_plan_says_where_each_value_came_from(demo_plan):
    varied = demo_plan.vary({"plan.lang": "en", "demand.births_factor": 1.2}, name="more")
    rows = [re.findall("<td>(.*?)</td>", row) for row in varied._repr_html_().split("<tr>")]
    assert ["demand.births_factor", "1.2", "variation more"] in rows
    assert ["demand.migration_rate", "0.012", "plan.toml"] in rows
    assert not any(row and row[0] == "demand.yield_factor" for row in rows)
