"""Every row in scope is answered by a function the demo run calls, a test, a table and a place to see it."""

from importlib import import_module
from pathlib import Path

import pytest

from layoutplan.dictionary import result_tables
from layoutplan.rules.book import rule_specs
from layoutplan.standards import load_profile, profile_ids
from tests.every import every
from tools.docs.rules_page import document_rows

ROOT = Path(__file__).parent.parent.parent
ROWS = {row.number: row for row in document_rows()}
ANSWERS = [answer for row in ROWS.values() for answer in row.answers]
OF_OTHER_YEARS = {"groups.new_with_partner", "projects.special_on_time"}
"""Rules of one year: no compulsory school of the demo city opened in its base year, and no project of a
special school was due then. Their measures have worked examples."""
PLACES = {"scorecard", "map", "report", "workbook", "atlas", "index", "compare", "check", "tables"}


def function_of(path):
    module, _, name = path.partition(":")
    found = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def test_the_list_is_whole():
    assert list(ROWS) == list(range(1, 124))
    scopes = [row.scope for row in ROWS.values()]
    assert (scopes.count("in"), scopes.count("partly"), scopes.count("out")) == (112, 9, 2)


def test_every_row_in_scope_is_answered():
    unanswered = {row.number: row.quote for row in ROWS.values() if row.scope != "out" and not row.answers}
    assert unanswered == {}


def test_an_answer_names_what_exists():
    every(ANSWERS, names_what_exists)


def names_what_exists(answer):
    function = function_of(answer.function)
    name = function.__name__
    if answer.rule:
        assert f"{name}(" in (function.__doc__ or "").partition(">>> ")[2], "no worked example"
    else:
        assert name in (ROOT / answer.test).read_text(encoding="utf-8")
    table, _, column = answer.result.partition(".")
    if table in result_tables():
        assert column in result_tables()[table].column_names
    else:
        assert answer.result in {"map.html", "report.docx", "atlas.pdf", "index.html", "workbook.xlsx"}
    assert answer.shows
    assert set(answer.shows) <= PLACES


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_the_demo_run_reaches_every_answer(demo_lines):
    def check(path):
        code = function_of(path).__code__
        within = {line for _, _, line in code.co_lines() if line and line > code.co_firstlineno}
        # The line of ``def`` runs when the module is imported: a line of the body must have run.
        assert within & demo_lines.get(code.co_filename, set())

    every(sorted({answer.function for answer in ANSWERS}), check)


@pytest.mark.xdist_group("demo")
def test_the_demo_city_has_data_for_every_rule(demo_run):
    results = demo_run.rule_results
    assert set(results["rule"]) == {spec.id for spec in rule_specs()}
    without = results.groupby("rule")["status"].agg(lambda statuses: set(statuses) == {"no_data"})
    assert set(without.index[without]) == OF_OTHER_YEARS


@pytest.mark.xdist_group("demo")
def test_the_demo_city_judges_every_rule_its_profile_has(demo_run):
    """A rule it has no threshold for in its year is reported: judged in that of a task, or where it holds."""
    results = demo_run.rule_results
    known = {rule.key for name in profile_ids() for rule in load_profile(name).rules}
    for spec in (one for one in rule_specs() if one.country in ("", "cn")):
        own_rows = results[results["rule"] == spec.id]
        statuses = set(own_rows["status"])
        assert not spec.threshold or spec.threshold in known, spec.id
        if spec.direction and not statuses & {"met", "missed"}:
            assert statuses in ({"reported"}, {"elsewhere"}, {"no_data"}), spec.id
            assert statuses != {"no_data"} or spec.id in OF_OTHER_YEARS, spec.id
            own = [rule for rule in demo_run.plan.profile.rules if rule.key == spec.threshold]
            years = own_rows["year"].unique()
            assert not [rule for rule in own if any(rule.in_force(int(year)) for year in years)], spec.id


@pytest.mark.xdist_group("demo")
def test_the_demo_city_has_met_and_missed_cases_of_every_section(demo_run):
    results = demo_run.rule_results
    # B is met; the thresholds of L are other places'.
    for section in sorted({spec.section for spec in rule_specs() if spec.direction} - {"B", "L"}):
        assert {"met", "missed"} <= set(results.loc[results["section"] == section, "status"]), section
