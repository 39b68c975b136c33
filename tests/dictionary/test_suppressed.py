"""Suppressed counts: marks and ranges become intervals, and their sums are said."""

import pandas as pd

from layoutplan.dictionary import check_frame, input_table
from layoutplan.errors import FaultLog


def _children(cells, **settings):
    log = FaultLog()
    size = len(cells)
    raw = pd.DataFrame(
        {"unit_id": [f"U{k}" for k in range(size)], "population": 900, "children_primary": cells}
    )
    frame = check_frame(raw, input_table("units"), file="u.csv", log=log, **settings)
    said = [fault.params for fault in log if fault.code == "suppressed_counts"]
    errors = [fault.code for fault in log.errors]
    return (
        frame["children_primary"].tolist(),
        [tuple(one[k] for k in ("counted", "low", "high")) for one in said],
        errors,
    )


def test_marks_and_ranges_are_intervals_and_their_sum_is_said():
    wrong = []
    cases = (
        (["<5", "80", "0"], {}, [2.5, 80, 0], (2.5, 1, 4)),  # zeros are published: at least 1
        (["＜5人", "80"], {}, [2, 80], (2, 0, 4)),
        (["少于10", "≤3", "80"], {}, [4.5, 1.5, 80], (6, 0, 12)),
        (["5人以下", "1～4", "under 10"], {}, [2.5, 2.5, 4.5], (9.5, 1, 18)),
        (["*", "6", "9", "41"], {}, [2.5, 6, 9, 41], (2.5, 0, 5)),  # below the least count published
        (["*", "<10", "40"], {}, [4.5, 4.5, 40], (9, 0, 18)),  # the mark of the column
        (["*", "40"], {"hidden": (1, 4)}, [2.5, 40], (2.5, 1, 4)),  # as the plan says
    )
    for cells, settings, values, sums in cases:
        found, said, errors = _children(cells, **settings)
        if found != values or said != [sums] or errors:
            wrong.append((cells, found, said, errors))
    assert not wrong


def test_a_mark_that_nothing_explains_is_a_blank_and_a_cost_is_no_count():
    found, said, errors = _children(["*", "40"])
    assert (pd.isna(found[0]), said, errors) == (True, [], [])
    log = FaultLog()
    raw = pd.DataFrame({"unit_id": ["U"], "population": [900], "floor_area_m2": ["<5"]})
    check_frame(raw, input_table("units"), file="u.csv", log=log)
    assert [fault.code for fault in log.errors] == ["text_in_number"]


def test_a_table_with_columns_for_the_bounds_gets_them():
    log = FaultLog()
    raw = pd.DataFrame(
        {"school_id": "S", "stage": "primary", "grade": [1, 2], "year": 2024, "pupils": ["<5", 30]}
    )
    frame = check_frame(raw, input_table("enrolment_history"), file="h.csv", log=log)
    assert frame[["pupils", "pupils_low", "pupils_high"]].fillna(-1).to_numpy().tolist() == [
        [2, 0, 4],
        [30, -1, -1],
    ]
