"""Every row in scope is answered by a function the demo run calls, a test, a table and a place to see it."""

from importlib import import_module
from pathlib import Path

import pytest

from layoutplan.rulebook import coverage
from layoutplan.rulebook.book import rule_specs
from layoutplan.tables import result_tables

ROOT = Path(__file__).parent.parent.parent
ROWS = {row.number: row for row in coverage()}
ANSWERS = [answer for row in ROWS.values() for answer in row.answers]
PLACES = {"scorecard", "map", "report", "workbook", "atlas", "index", "compare", "check", "tables"}


def function_of(path):
    module, _, name = path.partition(":")
    found = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def test_the_list_is_whole():
    assert list(ROWS) == list(range(1, 103))
    scopes = [row.scope for row in ROWS.values()]
    assert (scopes.count("in"), scopes.count("partly"), scopes.count("out")) == (92, 8, 2)


@pytest.mark.parametrize("number", [row.number for row in ROWS.values() if row.scope != "out"])
def test_every_row_in_scope_is_answered(number):
    assert ROWS[number].answers, f"row {number} has no answer: {ROWS[number].quote}"


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_names_what_exists(answer):
    name = answer.function.partition(":")[2].split(".")[-1]
    assert callable(function_of(answer.function))
    assert name in (ROOT / answer.test).read_text(encoding="utf-8")
    table, _, column = answer.result.partition(".")
    if table in result_tables():
        assert column in result_tables()[table].column_names
    else:
        assert answer.result in {"map.html", "report.docx", "atlas.pdf", "index.html", "workbook.xlsx"}
    assert answer.shows
    assert set(answer.shows) <= PLACES


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("path", sorted({answer.function for answer in ANSWERS}))
def test_the_demo_run_reaches_it(path, demo_calls):
    code = function_of(path).__code__
    assert (code.co_filename, code.co_firstlineno, code.co_name) in demo_calls


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("rule", [spec.id for spec in rule_specs()])
def test_the_demo_city_has_data_for_every_rule(rule, demo_run):
    results = demo_run.rule_results
    assert "no_data" not in set(results.loc[results["rule"] == rule, "status"])


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("rule", [spec.id for spec in rule_specs() if spec.direction])
def test_the_demo_city_has_a_met_and_a_missed_case(rule, demo_run):
    """A promise of another place, which the demo's profile does not carry, is reported and not judged."""
    results = demo_run.rule_results
    own = results[results["rule"] == rule]
    if own["threshold"].isna().all():
        assert set(own["status"]) == {"reported"}
    else:
        assert {"met", "missed"} <= set(own["status"])
