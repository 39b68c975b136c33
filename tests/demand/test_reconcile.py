"""Two roads, one answer: every unit raked to the control total."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.demand import enrolment_growth, estimate_demand, reconcile
from layoutplan.dictionary import result_table
from layoutplan.enrolment import forecast_enrolment
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards import load_profile
from layoutplan.texts import LANGUAGES
from tests.examples import examples
from tests.small_city import YEARS, small_city, small_profile

DEMAND = estimate_demand(small_city(), small_profile(), DemandSettings(migration_rate=0.02))
GROWTH = {"primary": pd.Series([1.0, 1.1, 1.2, 1.2, 0.9, 0.8], index=[*YEARS])}
law = settings(max_examples=examples(40))


def test_by_hand():
    raked, table = reconcile(DEMAND, GROWTH, weight=1.0)
    before = DEMAND.pupils["primary"].sum()
    assert raked.pupils["primary"].sum().to_numpy() == pytest.approx(
        before.iloc[0] * GROWTH["primary"].to_numpy()
    )
    assert raked.pupils["junior"].equals(DEMAND.pupils["junior"])
    assert list(table.columns) == list(result_table("reconciliation").column_names)
    assert (table["by_residents"] * table["factor"]).to_numpy() == pytest.approx(table["demand"].to_numpy())


@law
@given(st.floats(0, 1))
def test_the_sum_of_units_is_the_control_total_between_the_two_roads(weight):
    raked, table = reconcile(DEMAND, GROWTH, weight=weight)
    assert raked.pupils["primary"].sum().to_numpy() == pytest.approx(table["demand"].to_numpy())
    low = table[["by_residents", "by_enrolment"]].min(axis=1) - 1e-9
    high = table[["by_residents", "by_enrolment"]].max(axis=1) + 1e-9
    assert table["demand"].between(low, high).all()
    shares = raked.pupils["primary"] / raked.pupils["primary"].sum()
    assert shares.to_numpy() == pytest.approx(
        (DEMAND.pupils["primary"] / DEMAND.pupils["primary"].sum()).to_numpy()
    )


def test_the_road_of_enrolment_follows_the_public_share():
    """A school made public: both roads rise with the share, so the answer does at any weight."""
    share = pd.Series([0.8, 0.8, 1.0, 1.0, 1.0, 1.0], index=[*YEARS])
    more = replace(DEMAND, public_share={"primary": share})
    _, plain = reconcile(DEMAND, GROWTH, weight=0.5)
    _, raised = reconcile(more, GROWTH, weight=0.5)
    rise = raised["by_enrolment"].to_numpy() / plain["by_enrolment"].to_numpy()
    assert rise == pytest.approx([1.0, 1.0, 1.25, 1.25, 1.25, 1.25])


def test_without_history_or_weight_nothing_changes():
    for growth, weight in (({}, 1.0), (GROWTH, 0.0)):
        raked, _ = reconcile(DEMAND, growth, weight=weight)
        pd.testing.assert_frame_equal(raked.pupils["primary"], DEMAND.pupils["primary"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_by_how_much_is_said(lang):
    raked, _ = reconcile(DEMAND, GROWTH, weight=0.5)
    (note,) = [note for note in raked.notes if note.code == "roads_reconciled"]
    assert f"{note.params['change']:+.1%}" in note.what(lang)


def test_growth_is_that_of_the_districts_enrolment():
    rows = [
        ("S1", "primary", grade, year, 50.0 + 5 * (year - 2018))
        for grade in range(1, 7)
        for year in range(2018, 2026)
    ]
    past = pd.DataFrame(rows, columns=["school_id", "stage", "grade", "year", "pupils"])
    none = pd.DataFrame({"year": [], "births": []})
    ahead = forecast_enrolment(past, none, profile=load_profile("cn-national"), horizon=3)
    growth = enrolment_growth(ahead, base_year=2024)
    assert list(growth) == ["primary"]
    assert growth["primary"].index.tolist() == [2024, 2025, 2026, 2027, 2028]
    assert growth["primary"][2025] == pytest.approx(85 / 80)
    assert growth["primary"][2027] == pytest.approx(ahead.grades[2027].sum() / 480)
