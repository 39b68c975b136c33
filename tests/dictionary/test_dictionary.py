"""The data dictionary itself: every table can be trusted by the code that reads it."""

from __future__ import annotations

import re

import pytest

from layoutplan.dictionary import Column, Table, input_table, input_tables, result_tables
from layoutplan.dictionary.convert import DTYPES
from layoutplan.dictionary.nearest import header_key
from layoutplan.standards import load_profile
from layoutplan.texts import LANGUAGES, text

TABLES = [*input_tables().values(), *result_tables().values()]
PLANNED = (
    *("schools", "units", "catchments", "districts", "roads", "barriers", "sites", "projects", "housing"),
    *(
        "births",
        "enrolment_history",
        "projections",
        "classes",
        "resources",
        "groups",
        "targets",
        "dwellings",
        "adjacency",
        "zonings",
        "zoning_layers",
    ),
)


def test_every_planned_input_table_is_there():
    assert sorted(input_tables()) == sorted(PLANNED)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.kind}-{table.name}")
def test_keys_and_names(table: Table):
    assert len(set(table.column_names)) == len(table.columns)
    assert set(table.key) <= set(table.column_names)
    assert table.title.en
    assert table.title.zh
    assert len({table.title.of(lang) for lang in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.kind}-{table.name}")
def test_columns_are_well_described(table: Table):
    for column in (*table.columns, *table.patterns):
        _assert_well_described(table, column)


def _assert_well_described(table: Table, column: Column) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_{}]*", column.name)
    for words in (column.header, column.description):
        assert words.en.strip()
        assert words.zh.strip()
    assert column.dtype in DTYPES
    for lang in LANGUAGES:
        assert text(f"tables.type.{column.dtype}", lang)
        assert not column.unit or text(f"tables.unit.{column.unit}", lang)
    assert {meant for _, meant in column.choice_aliases} <= {*column.choices} or not column.choices
    assert not column.required or column.default is None
    if column.minimum is not None and column.maximum is not None:
        assert column.minimum < column.maximum
    assert not column.choices or column.default is None or column.default in column.choices
    assert table.kind == "input" or not column.reference


@pytest.mark.parametrize("table", input_tables().values(), ids=lambda table: table.name)
def test_no_two_columns_share_a_header(table: Table):
    owners: dict[str, str] = {}
    for column in (*table.columns, *table.patterns):
        for spelling in (column.name, column.header.en, column.header.zh, *column.aliases):
            assert owners.setdefault(header_key(spelling), column.name) == column.name, spelling


@pytest.mark.parametrize("table", input_tables().values(), ids=lambda table: table.name)
def test_references_point_into_keys(table: Table):
    for column in table.columns:
        for target in (column.reference or "").split("|"):
            if target:
                name, key = target.split(".")
                assert input_table(name).key == (key,) or (name, key) == ("housing", "housing_id")


def test_choices_have_one_meaning_each():
    for table in input_tables().values():
        for column in table.columns:
            meanings: dict[str, str] = {choice: choice for choice in column.choices}
            for spelling, meant in column.choice_aliases:
                assert meanings.setdefault(spelling, meant) == meant


def test_school_types_are_those_of_the_standards():
    for name in ("schools", "projects"):
        assert (
            input_table(name).column("school_type").choices == load_profile("cn-national").schooling.type_ids
        )


def test_a_stage_column_is_one_for_each_stage():
    schools = input_table("schools")
    assert schools.column("seats_primary").header.zh == "小学学位数"
    assert schools.column("seats_kindergarten").header.en == "seats, kindergarten"
    assert "初中学位" in schools.column("seats_junior").aliases


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError):
        input_table("teachers")
    with pytest.raises(KeyError):
        input_table("schools").column("teachers")
