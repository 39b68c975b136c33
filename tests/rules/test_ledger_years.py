"""The ledger from year to year: opened, carried on, grown, closed, reopened."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import InputError
from layoutplan.rules import FLAG_RULES, update_ledger
from layoutplan.texts import LANGUAGES
from tests.examples import examples
from tests.small_city import small_profile, small_rule

PROFILE = small_profile(
    extra=(
        replace(small_rule("class_size.oversized", "", 56.0), due_year=2023),
        replace(small_rule("school_size.cap", "primary", 2000.0), due_year=2027),
    ),
)


def flags(*cases: tuple[str, str], unit: str | None = "区教育局", excess: float = 10.0) -> pd.DataFrame:
    """Return flags of (rule, school)."""
    table = result_table("flags")
    rows = [
        {
            "flag_id": f"{rule}:{school}:x",
            "rule": rule,
            "school_id": school,
            "name": f"{school}校",
            "school_type": "primary",
            "stage": None if rule == "oversized_school" else "primary",
            "value": 60.0,
            "threshold": 56.0,
            "excess_pupils": excess,
            "seats_needed": 10.0,
            "classes_needed": 1,
            "responsible_unit": unit,
        }
        for rule, school in cases
    ]
    blank = empty_frame(table)
    return pd.DataFrame(rows, columns=list(table.column_names)).astype(blank.dtypes)


def keep(cases: pd.DataFrame, year: int, previous: pd.DataFrame | None = None) -> pd.DataFrame:
    return update_ledger(cases, PROFILE, year=year, previous=previous, lang="zh")


def status(ledger: pd.DataFrame) -> dict[str, str]:
    return dict(zip(ledger["case_id"], ledger["status"], strict=True))


BIG = ("oversized_school", "A")
CLASS = ("oversized_class", "A")
SEVERE = ("severely_oversized_class", "A")


def test_a_new_case_is_opened_this_year_and_due_as_the_rule_says():
    ledger = keep(flags(BIG, CLASS, SEVERE, ("over_capacity", "A")), 2025).set_index("rule")
    assert (ledger["opened"] == 2025).all()
    assert ledger["closed"].isna().all()
    assert ledger.loc["oversized_school", "due_year"] == 2027
    assert ledger.loc["oversized_school", "case_id"] == "oversized_school:A:all"
    assert ledger.loc["oversized_school", "status"] == "open"
    assert ledger.loc["oversized_class", "due_year"] == 2023
    assert ledger.loc["oversized_class", "status"] == "overdue"
    assert ledger.loc["severely_oversized_class", "due_year"] == 2025  # the rule holds at once
    assert ledger.loc["severely_oversized_class", "status"] == "open"
    assert pd.isna(ledger.loc["over_capacity", "due_year"])


def test_still_flagged_keeps_the_year_opened_and_is_overdue_after_its_due_year():
    ledger = keep(flags(BIG), 2025)
    for year in (2026, 2027):
        ledger = keep(flags(BIG, excess=float(year)), year, ledger)
        assert ledger["opened"].tolist() == [2025]
        assert ledger["status"].tolist() == ["open"]
        assert ledger["excess_pupils"].tolist() == [year]
    assert keep(flags(BIG), 2028, ledger)["status"].tolist() == ["overdue"]


def test_no_longer_flagged_is_closed_this_year_and_stays_closed():
    first = keep(flags(BIG, CLASS), 2025)
    second = keep(flags(CLASS), 2026, first)
    assert status(second) == {"oversized_class:A:primary": "overdue", "oversized_school:A:all": "closed"}
    third = keep(flags(CLASS), 2027, second).set_index("case_id")
    assert third.loc["oversized_school:A:all", "closed"] == 2026


def test_closed_and_flagged_in_a_later_year_is_a_new_case_and_the_old_one_stays():
    ledger = keep(flags(BIG), 2025)
    for year, cases in ((2026, flags()), (2027, flags(BIG)), (2028, flags()), (2030, flags(BIG))):
        ledger = keep(cases, year, ledger)
    rows = ledger.set_index("case_id")
    assert rows["opened"].to_dict() == {
        "oversized_school:A:all": 2025,
        "oversized_school:A:all#2": 2027,
        "oversized_school:A:all#3": 2030,
    }
    assert rows["closed"].dropna().to_dict() == {
        "oversized_school:A:all": 2026,
        "oversized_school:A:all#2": 2028,
    }
    assert ledger["case_id"].is_unique


def test_closing_and_reopening_in_the_same_year_is_the_identity():
    before = keep(flags(BIG), 2025)
    now = keep(flags(BIG), 2026, before)
    by_mistake = keep(flags(), 2026, before)
    pd.testing.assert_frame_equal(keep(flags(BIG), 2026, by_mistake), now)


def test_a_case_that_has_grown_worse_is_not_cleared():
    grown = keep(flags(SEVERE), 2026, keep(flags(CLASS), 2025)).set_index("rule")
    assert grown.loc["oversized_class", "status"] == "overdue"
    assert "超大班额" in grown.loc["oversized_class", "remedy"]
    assert grown.loc["oversized_class", "excess_pupils"] == 0
    assert grown.loc["severely_oversized_class", "opened"] == 2026
    better = keep(flags(CLASS), 2027, grown.reset_index())
    assert status(better)["severely_oversized_class:A:primary"] == "closed"
    assert better.set_index("rule").loc["oversized_class", "opened"] == 2025


def test_what_the_office_writes_is_kept():
    ledger = keep(flags(BIG, unit=None), 2025)
    edited = ledger.assign(responsible_unit="规划局", due_year=2030, note="已立项")
    row = keep(flags(BIG), 2029, edited).iloc[0]
    assert (row["responsible_unit"], row["due_year"], row["note"], row["status"]) == (
        *("规划局", 2030),
        *("已立项", "open"),
    )


def test_marked_closed_by_hand_stays_open_while_the_figures_flag_it_in_that_year():
    ledger = keep(flags(BIG), 2025)
    by_hand = ledger.assign(status="closed")
    assert keep(flags(BIG), 2026, by_hand)["status"].tolist() == ["open"]
    assert keep(flags(), 2026, by_hand)["closed"].tolist() == [2026]
    dated = ledger.assign(status="closed", closed=2025)
    assert status(keep(flags(BIG), 2026, dated)) == {
        "oversized_school:A:all": "closed",
        "oversized_school:A:all#2": "open",
    }


def test_a_ledger_read_back_from_a_file_as_text_is_the_same_ledger(tmp_path):
    ledger = keep(flags(BIG, CLASS), 2025)
    ledger.to_csv(tmp_path / "ledger.csv", index=False)
    as_text = pd.read_csv(tmp_path / "ledger.csv", dtype=str)
    pd.testing.assert_frame_equal(keep(flags(BIG), 2026, as_text), keep(flags(BIG), 2026, ledger))


@pytest.mark.parametrize("school", ["007", "28.1516", "A:1", "B#2"])
def test_a_school_id_that_a_spreadsheet_has_changed_is_still_the_school(school, tmp_path):
    ledger = keep(flags(("oversized_class", school)), 2025)
    ledger.to_csv(tmp_path / "ledger.csv", index=False)
    edited = pd.read_csv(tmp_path / "ledger.csv", dtype_backend="numpy_nullable")
    carried = keep(flags(("severely_oversized_class", school)), 2026, edited)
    assert set(carried["school_id"]) == {school}
    assert status(carried) == {
        f"severely_oversized_class:{school}:primary": "open",
        f"oversized_class:{school}:primary": "overdue",
    }


def test_a_ledger_that_cannot_be_carried_on_is_refused_with_every_fault():
    ledger = keep(flags(BIG, CLASS), 2025)
    with pytest.raises(InputError, match="lacks the columns opened, closed"):
        keep(flags(), 2026, ledger.drop(columns=["opened", "closed"]))
    wrong = ledger.assign(case_id=["no_such_rule:A:primary", "oversized_class:A:primary"])
    with pytest.raises(InputError) as refused:
        keep(flags(), 2024, wrong)
    assert [fault.code for fault in refused.value.faults] == ["ledger_future", "ledger_case"]
    for lang in LANGUAGES:
        assert "{" not in refused.value.report(lang)


def test_an_empty_ledger_has_all_columns():
    ledger = keep(flags(), 2025)
    assert ledger.empty
    assert tuple(ledger.columns) == result_table("ledger").column_names
    assert (ledger.dtypes == keep(flags(BIG), 2025).dtypes).all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_has_a_remedy_with_its_figures_filled_in(lang):
    rows = flags(*((rule.id, "A") for rule in FLAG_RULES))
    none_needed = rows.assign(classes_needed=0)
    unknown = rows.assign(classes_needed=pd.array([None] * len(rows), dtype="Int64"))
    for cases in (rows, none_needed, unknown):
        remedies = update_ledger(cases, PROFILE, year=2025, lang=lang)["remedy"]
        assert remedies.notna().all()
        assert not remedies.str.contains(r"[{}]").any()


CASES = st.sets(st.sampled_from([(rule.id, school) for rule in FLAG_RULES for school in "AB"]))


@settings(max_examples=examples(20))
@given(first=CASES, second=CASES)
def test_keeping_the_same_flags_twice_changes_nothing(first, second):
    start = keep(flags(*sorted(first)), 2025)
    copy = start.copy(deep=True)
    once = keep(flags(*sorted(second)), 2026, start)
    twice = keep(flags(*sorted(second)), 2026, once)
    pd.testing.assert_frame_equal(once, twice)
    pd.testing.assert_frame_equal(start, copy)


@settings(max_examples=examples(20))
@given(years=st.lists(CASES, min_size=1, max_size=5))
def test_every_flag_has_one_open_case_and_no_case_is_ever_lost(years):
    ledger, seen = None, set()
    for year, cases in enumerate(years, start=2025):
        ledger = keep(flags(*sorted(cases)), year, ledger)
        open_rows = ledger[ledger["closed"].isna()]
        opened = list(zip(open_rows["rule"], open_rows["school_id"], strict=True))
        assert len(opened) == len(set(opened))
        assert cases <= set(opened)
        assert seen <= set(ledger["case_id"])
        seen = set(ledger["case_id"])
        assert ledger["case_id"].is_unique
        assert (ledger["status"] == "closed").eq(ledger["closed"].notna()).all()
