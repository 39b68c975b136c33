"""What changed since an earlier run: one kind of change a test, and nothing where nothing changed."""

import pytest

from layoutplan.errors import InputError
from layoutplan.runs import find_triggers, write_triggers
from tests.runs.stored_runs import store


def stored(folder, base_year, **tables):
    """A stored run with a few tables; columns not given are empty."""
    return store(folder, base_year=base_year, **tables)


def catchment(shortfall, surplus, year=2027, layout="today"):
    return {
        "layout": layout,
        "catchment_id": "C1",
        "name": "东",
        "stage": "primary",
        "year": year,
        "shortfall": shortfall,
        "surplus": surplus,
    }


def rule(status, value, year):
    known = {
        "rule": "size.school_cap",
        "area_kind": "school",
        "area_id": "P1",
        "area": "一小",
        "unit": "pupils",
    }
    return {**known, "year": year, "status": status, "value": value}


def project(opening_year, state="started", project_id="J1"):
    return {"project_id": project_id, "name": "新校", "state": state, "opening_year": opening_year}


def triggers(tmp_path, before, after):
    this = stored(tmp_path / "this", 2025, **after)
    return find_triggers(this, since=stored(tmp_path / "last", 2024, **before))


def test_a_balance_that_flips_is_told_once_with_its_first_year(tmp_path):
    before = {"catchment_balance": [catchment(0, 40, 2026), catchment(0, 10, 2027), catchment(0, 5, 2028)]}
    after = {"catchment_balance": [catchment(0, 20, 2026), catchment(30, 0, 2027), catchment(50, 0, 2028)]}
    (row,) = triggers(tmp_path, before, after).to_dict("records")
    assert (row["trigger"], row["year"], row["before"], row["after"]) == ("balance_flipped", 2027, 10, -30)


def test_the_proposed_plan_is_no_trigger(tmp_path):
    before = {"catchment_balance": [catchment(30, 0), catchment(0, 9, layout="proposed")]}
    after = {"catchment_balance": [catchment(30, 0), catchment(9, 0, layout="proposed")]}
    assert triggers(tmp_path, before, after).empty


def test_a_threshold_crossed_is_told_in_both_directions(tmp_path):
    met, missed = rule("met", 1990, 2024), rule("missed", 2010, 2025)
    (row,) = triggers(tmp_path, {"rule_results": [met]}, {"rule_results": [missed]}).to_dict("records")
    assert (row["trigger"], row["before"], row["after"]) == ("rule_missed", 1990, 2010)
    back = {"rule_results": [rule("missed", 2010, 2024)]}, {"rule_results": [rule("met", 1990, 2025)]}
    assert triggers(tmp_path, *back)["trigger"].tolist() == ["rule_met"]


def test_a_rule_without_data_last_year_is_no_trigger(tmp_path):
    before = {"rule_results": [rule("no_data", None, 2024)]}
    assert triggers(tmp_path, before, {"rule_results": [rule("missed", 2010, 2025)]}).empty


def test_estates_added_and_grown(tmp_path):
    old = {"housing_id": "H1", "phase": None, "name": "园", "dwellings": 500, "first_occupancy_year": 2026}
    new = {**old, "housing_id": "H2", "dwellings": 900}
    found = triggers(tmp_path, {"estates": [old]}, {"estates": [{**old, "dwellings": 700}, new]})
    assert found["trigger"].tolist() == ["estate_added", "estate_grown"]
    assert found["area_id"].tolist() == ["H2", "H1"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ([project(2026)], [project(2027)], "project_slipped"),
        ([project(2026)], [project(2025)], "project_hastened"),
        ([project(2026)], [project(2026, "cancelled")], "project_cancelled"),
        (
            [project(2026), project(2030, project_id="J2")],
            [project(2030, project_id="J2")],
            "project_cancelled",
        ),
        ([project(2030, project_id="J2")], [project(2026), project(2030, project_id="J2")], "project_added"),
    ],
)
def test_projects(tmp_path, before, after, kind):
    (row,) = triggers(tmp_path, {"programme": before}, {"programme": after}).to_dict("records")
    assert (row["trigger"], row["area_id"], row["area"]) == (kind, "J1", "新校")


def test_cases_opened_and_closed(tmp_path):
    case = {
        "case_id": "oversized_school:P1:all",
        "school_id": "P1",
        "rule": "oversized_school",
        "opened": 2024,
    }
    other = {
        **case,
        "case_id": "oversized_school:P2:all",
        "school_id": "P2",
        "opened": 2025,
        "status": "open",
    }
    before = {"ledger": [{**case, "status": "overdue"}]}
    after = {"ledger": [{**case, "status": "closed", "closed": 2025}, other]}
    found = triggers(tmp_path, before, after)
    assert found[["trigger", "area_id", "year"]].to_numpy().tolist() == [
        ["case_opened", "P2", 2025],
        ["case_closed", "P1", 2025],
    ]


def test_a_run_against_itself_has_no_trigger(tmp_path):
    same = {"catchment_balance": [catchment(3, 0)], "programme": [project(2026)]}
    assert triggers(tmp_path, same, same).empty


def test_folders_in_the_wrong_order_and_no_run_at_all(tmp_path):
    early, late = stored(tmp_path / "a", 2024), stored(tmp_path / "b", 2025)
    with pytest.raises(InputError, match="later"):
        find_triggers(early, since=late)
    with pytest.raises(InputError) as caught:
        find_triggers(tmp_path / "nothing", since=tmp_path / "none")
    assert len(caught.value.faults) == 2


def test_they_are_written_and_read_back(tmp_path):
    found = triggers(tmp_path, {"programme": [project(2026)]}, {"programme": [project(2027)]})
    assert write_triggers(found, tmp_path / "out").read_text(encoding="utf-8-sig").count("\n") == 2
