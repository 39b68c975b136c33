"""Plausible figures: a warning outside the usual range, a fault far outside, seats are whole."""

import pandas as pd

from layoutplan.city.totals import report_totals
from layoutplan.dictionary import check_frame, input_table, input_tables
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog


def codes(table, **columns):
    log = FaultLog()
    base = {
        "schools": {"school_id": ["S"], "name": ["S"], "school_type": ["primary"]},
        "housing": {"housing_id": ["H"], "first_occupancy_year": [2027], "dwellings": [400]},
        "projects": {
            "project_id": ["P"],
            "name": ["P"],
            "kind": ["expand"],
            "state": ["approved"],
            "opening_year": [2026],
        },
    }[table]
    check_frame(pd.DataFrame({**base, **columns}), input_table(table), file="f.csv", log=log)
    return {fault.code: fault.severity for fault in log if fault.severity != "notice"}


def test_figures_outside_the_usual_are_said_and_far_outside_refused():
    warning, error = {"implausible_value": "warning"}, {"impossible_value": "error"}
    wrong = []
    for table, columns, expected in (
        ("schools", {"seats_primary": [1080]}, {}),
        ("schools", {"seats_primary": [0]}, {}),
        ("schools", {"seats_primary": [9000]}, warning),
        ("schools", {"seats_primary": [1_080_000]}, error),
        ("schools", {"seats_primary": [1.08]}, {**warning, "fraction_of_whole": "warning"}),
        ("schools", {"seats_primary": [402.5]}, {"fraction_of_whole": "warning"}),
        ("schools", {"enrolment_primary": [9500]}, warning),
        ("schools", {"opened_year": [2120]}, warning),
        ("housing", {"dwellings": [2]}, warning),
        ("housing", {"yield_primary": [7]}, error),
        ("projects", {"cost": [32]}, error),  # in units of ten thousand
        ("projects", {"cost": [3200]}, warning),
        ("projects", {"opening_year": [1970]}, warning),
    ):
        found = codes(table, **columns)
        if found != expected:
            wrong.append((table, columns, found))
    assert not wrong


def test_every_plausible_range_lies_inside_the_possible_one_and_the_template_inside_both():
    wrong = []
    for table in input_tables().values():
        for column in (*table.columns, *table.patterns):
            if column.plausible is None:
                continue
            low, high = column.plausible
            least, most = column.possible or column.plausible
            if not least <= low < high <= most:
                wrong.append((table.name, column.name))
            if column.example is not None:
                value = float(column.example.en)
                if value != 0 and not low <= value <= high:
                    wrong.append((table.name, column.name, value))
    assert not wrong


def test_totals_are_held_against_the_residents():
    def said(**changes):
        facts = {"population": 1000.0, "children": 100.0, "dwellings": 400.0, "seats": 120.0, **changes}
        log = FaultLog()
        report_totals(
            pd.DataFrame({"dwellings": [facts["dwellings"]]}),
            pd.Series([facts["population"]]),
            pd.DataFrame({age: [facts["children"] / 6] for age in range(6, 12)}),
            schools=pd.DataFrame({"seats_primary": [facts["seats"]]}),
            ages={"primary": (6, 11)},
            stages=["primary"],
            logs={name: TableLog(log, "f", name) for name in ("units", "schools")},
        )
        return [fault.code for fault in log]

    assert said() == []
    assert said(children=700.0) == ["children_share_high"]
    assert said(dwellings=4.0) == ["residents_per_dwelling"]
    assert said(seats=1200.0) == ["seats_per_child"]
    assert said(seats=1.0) == ["seats_per_child"]
