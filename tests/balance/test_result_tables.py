"""The tables a balance is written to are those of the data dictionary."""

from dataclasses import fields

import pytest

from layoutplan.balance import Balance
from layoutplan.dictionary import result_table
from tests.balance.towns import PLAIN, judged
from tests.small_city import UNITS, YEARS

TABLES = {
    "schools": "school_balance",
    "catchments": "catchment_balance",
    "districts": "district_balance",
    "city": "city_balance",
    "units": "unit_demand",
    "assignment": "assignment",
    "zoned_city": "zoned_city",
    "zoned_catchments": "zoned_catchment",
    "zoned_schools": "zoned_school",
}


@pytest.fixture(scope="module")
def plain():
    return judged(PLAIN)


def test_tables_are_as_the_dictionary_says(plain):
    assert {field.name for field in fields(Balance)} - {"notes"} == set(TABLES)
    for attribute, name in TABLES.items():
        table, frame = result_table(name), getattr(plain, attribute)
        places = ["geometry"] if attribute in ("schools", "catchments", "districts", "units") else []
        assert list(frame.columns) == [*table.column_names, *places]
        assert not frame.duplicated([*table.key]).any()
        assert (frame["layout"] == "today").all()
        for column in table.columns:
            if not column.nullable:
                assert frame[column.name].notna().all()
    assert len(plain.units) == 6 * 2 * len(YEARS)
    assert len(plain.schools) == 4 * len(YEARS)


def test_rows_run_by_stage_thing_and_year(plain):
    first = plain.units.iloc[: 2 * len(YEARS)]
    assert first["unit_id"].tolist() == [UNITS[0]] * len(YEARS) + [UNITS[1]] * len(YEARS)
    assert first["year"].tolist() == [*YEARS] * 2
    assert list(dict.fromkeys(plain.units["stage"])) == ["primary", "junior"]


def test_each_figure_agrees_with_the_rest_of_its_row(plain):
    for frame in (plain.catchments, plain.districts, plain.city):
        assert (frame["served"] + frame["unserved"]).to_numpy() == pytest.approx(frame["demand"].to_numpy())
        assert frame["utilisation"].isna().tolist() == (frame["seats"] == 0).tolist()
