"""Laws of the checker: reading back is the identity, row order does not matter, arguments stay whole."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layoutplan.dictionary import Column, Table, check_frame, input_table, input_tables
from layoutplan.dictionary.dates import YEARS
from layoutplan.dictionary.scalars import BLANK_MARKS, fold
from layoutplan.errors import FaultLog
from layoutplan.texts import LANGUAGES, Language
from tests.examples import examples

TABLES = [table for table in input_tables().values() if table.name not in ("projects", "housing", "groups")]
KEYS = {name for table in TABLES for name in table.key}
CODES = st.from_regex(r"[A-Z][0-9]{1,3}", fullmatch=True)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda text: text.strip("\u200b\ufeff\u3000\xa0") == text and fold(text) not in BLANK_MARKS
)


def value(column: Column) -> st.SearchStrategy[Any]:
    """Return values that a checked column may hold."""
    low, high = column.minimum or 0, column.maximum
    if column.possible is not None:
        low, high = max(low, column.possible[0]), min(high or column.possible[1], column.possible[1])
    if column.dtype == "list":
        items = st.sampled_from(column.choices) if column.choices else CODES
        return st.lists(items, max_size=3, unique=True).map(tuple)
    made: dict[str, st.SearchStrategy[Any]] = {
        "number": st.floats(low, 1e6 if high is None else high, allow_subnormal=False).map(
            lambda x: round(x, 6)
        ),
        "integer": st.integers(int(low), 10_000 if high is None else int(high)),
        "year": st.integers(max(YEARS[0], int(low)), min(YEARS[1], YEARS[1] if high is None else int(high))),
        "flag": st.booleans(),
        "text": NAMES,
    }
    chosen = made[column.dtype]
    if column.choices:
        chosen = st.sampled_from(column.choices)
    elif column.dtype == "text" and (column.reference or column.name in KEYS):
        chosen = CODES
    elif column.choice_aliases:
        chosen = CODES if column.dtype == "text" else chosen
    required = not column.nullable or column.default is not None
    return chosen if required else st.none() | chosen


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, pd.DataFrame]:
    """Return a table's name and a valid frame of some of its columns, keys unique."""
    table = draw(st.sampled_from(TABLES))
    optional = [column for column in table.columns if not column.required and column.name not in table.key]
    chosen = (
        draw(
            st.lists(st.sampled_from(optional), unique_by=lambda column: column.name, min_size=1, max_size=5)
        )
        if optional
        else []
    )
    names = {column.name for column in chosen}
    columns = [c for c in table.columns if c.required or c.name in table.key or c.name in names]
    rows = draw(st.lists(st.fixed_dictionaries({c.name: value(c) for c in columns}), min_size=1, max_size=5))
    unique = {
        tuple(str(row[name]) for name in table.key) if table.key else place: row
        for place, row in enumerate(rows)
    }
    return table.name, pd.DataFrame([*unique.values()], columns=[c.name for c in columns], dtype=object)


def written(frame: pd.DataFrame, table: Table, lang: Language) -> pd.DataFrame:
    """Return the frame as a person would have it in a file of that language: texts under its headers."""

    def cell(content: Any, column: Column) -> Any:
        if content is None or content == ():
            return None
        if column.dtype == "flag":
            return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][bool(content)]
        if column.dtype == "list":
            return "；".join(content) if lang == "zh" else "; ".join(content)
        return column.choice_label(content, lang) if column.choices else str(content)

    return pd.DataFrame(
        {
            table.column(name).header.of(lang): [cell(content, table.column(name)) for content in frame[name]]
            for name in frame.columns
        },
        index=range(2, len(frame) + 2),
        dtype=object,
    )


def check(raw: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, FaultLog]:
    log = FaultLog()
    return check_frame(raw, table, file="f", log=log), log


def contradictions(log: FaultLog) -> list[str]:
    """Return the errors other than rows that contradict themselves, which the drawn values may do."""
    rules = {"closed_before_opened", "part_exceeds_whole", "history_without_place"}
    return [fault.code for fault in log.errors if fault.code not in rules]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(40))
@given(tables(), st.sampled_from(LANGUAGES))
def test_written_in_either_language_and_read_back_is_the_same(
    drawn: tuple[str, pd.DataFrame], lang: Language
):
    table, frame = input_table(drawn[0]), drawn[1]
    got, log = check(written(frame, table, lang), table)
    assert contradictions(log) == []
    for name in frame.columns:
        for left, right in zip(frame[name], got[name], strict=True):
            assert (left is None and (right is None or pd.isna(right))) or left == right, name
    again, log = check(got, table)
    assert contradictions(log) == []
    pd.testing.assert_frame_equal(again, got)


def apart_from_places(log: FaultLog) -> list[tuple[str, set[str]]]:
    """Return the faults without the notice of blanks below a value, which is about the order of the rows."""
    return [(fault.code, set(fault.rows)) for fault in log if fault.code != "blank_below"]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(30))
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(drawn: tuple[str, pd.DataFrame], random: Any):
    table, frame = input_table(drawn[0]), drawn[1]
    raw = written(frame, table, "zh")
    order = list(range(len(raw)))
    random.shuffle(order)
    straight, first = check(raw, table)
    shuffled, second = check(raw.iloc[order], table)
    pd.testing.assert_frame_equal(shuffled.sort_index(), straight)
    assert apart_from_places(first) == apart_from_places(second)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(60))
@given(
    st.sampled_from(list(input_tables())),
    st.lists(
        st.lists(
            st.none() | st.text(max_size=8) | st.integers() | st.floats() | st.booleans(),
            min_size=4,
            max_size=4,
        ),
        max_size=4,
    ),
    st.randoms(use_true_random=False),
)
def test_anything_is_checked_without_a_crash_and_left_as_it_was(
    name: str, cells: list[list[Any]], random: Any
):
    table = input_table(name)
    names = [column.header.zh for column in table.columns]
    headers = [*random.sample(names, min(3, len(names))), "别的列"]
    raw = pd.DataFrame([row[: len(headers)] for row in cells], columns=headers, dtype=object)
    before = raw.copy(deep=True)
    got, log = check(raw, table)
    pd.testing.assert_frame_equal(raw, before)
    united = any(fault.code == "parts_united" for fault in log)  # rows that make up one record
    assert len(got) < len(raw) if united else len(got) == len(raw)
    for fault in log:
        for lang in LANGUAGES:
            assert fault.what(lang)
            assert fault.remedy(lang)


@pytest.mark.parametrize("table", input_tables().values(), ids=lambda table: table.name)
def test_the_checkers_own_result_passes_the_checker(table: Table):
    example = {column.name: column.example.en for column in table.columns if column.example}
    got, log = check(pd.DataFrame([example], dtype=object), table)
    assert log.errors == ()
    again, log = check(got, table)
    assert log.errors == ()
    pd.testing.assert_frame_equal(again, got)
