"""Result tables stacked: categories stay categories, whatever one of the plans has none of."""

from __future__ import annotations

import pandas as pd
import pytest

from layoutplan.dictionary import below, constant, empty_frame, result_table, stacked


def gaps(areas, stage):
    table = result_table("access_gaps")
    columns = {name: [1] * len(areas) for name in table.column_names if name != "layout"}
    return pd.DataFrame({**columns, "area_id": pd.Categorical(areas), "stage": constant(stage, len(areas))})


def test_the_categories_of_all_frames_are_kept():
    both = below([gaps(["A", "B"], "primary"), gaps(["C"], "junior")])
    assert list(both["area_id"]) == ["A", "B", "C"]
    assert list(both["stage"]) == ["primary", "primary", "junior"]
    assert all(isinstance(both[name].dtype, pd.CategoricalDtype) for name in ("area_id", "stage"))


@pytest.mark.parametrize("order", [1, -1])
def test_a_plan_without_rows_stands_beside_one_with_rows(order):
    """Proposals may close every gap: their table has no rows, and no categories."""
    some = stacked("access_gaps", [gaps(["A", "B"], "primary")], layout="today", texts="category")
    none = empty_frame(result_table("access_gaps"))
    both = below([some, none][::order])
    assert list(both["area_id"]) == ["A", "B"]
    assert isinstance(both["layout"].dtype, pd.CategoricalDtype)


def test_nothing_stacked_has_the_columns_of_its_table():
    table = result_table("access_gaps")
    assert list(stacked("access_gaps", [], layout="today").columns) == list(table.column_names)
    assert below([empty_frame(table), empty_frame(table)]).empty


def test_a_column_that_is_null_throughout_stands_beside_texts():
    nothing = pd.DataFrame({"name": pd.Categorical([None, None])})
    names = pd.DataFrame({"name": pd.Categorical(pd.Series(["A", "B"], dtype="str"))})
    both = below([nothing, names])
    assert both["name"].isna().tolist() == [True, True, False, False]
    assert both["name"].dropna().tolist() == ["A", "B"]
