"""The columns that each stage has, by stage and by figure."""

import numpy as np
import pandas as pd

from layoutplan.dictionary import input_table
from layoutplan.dictionary.rolls import ROLL_FIGURES, by_stage, rolls, stage_column
from layoutplan.standards import load_profile


def schools() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "seats_primary": [1080.0, np.nan],
            "classes_primary": pd.array([24, pd.NA], dtype="Int64"),
            "seats_junior": [None, 900],
        },
        index=["A", "B"],
    )


def test_what_is_not_stated_is_missing_and_never_zero():
    found = rolls(schools(), "primary")
    assert tuple(found) == ROLL_FIGURES
    assert list(found.index) == ["A", "B"]
    assert all(str(kind) == "float64" for kind in found.dtypes)
    assert found.loc["A", ["seats", "classes"]].tolist() == [1080.0, 24.0]
    assert found.loc["B"].isna().all()
    assert found["enrolment"].isna().all()


def test_both_views_show_the_same_cells():
    table = schools()
    found = by_stage(table, "seats", ["primary", "junior"])
    assert list(found) == ["primary", "junior"]
    for stage in found:
        pd.testing.assert_series_equal(found[stage], rolls(table, stage)["seats"], check_names=False)
    assert list(table) == ["seats_primary", "classes_primary", "seats_junior"]  # nothing added


def test_every_figure_is_a_column_of_the_schools_table():
    for profile in ("cn-national", "us"):
        schooling = load_profile(profile).schooling
        known = set(input_table("schools", schooling).column_names)
        assert {stage_column(figure, stage) for figure in ROLL_FIGURES for stage in schooling.ids} <= known
