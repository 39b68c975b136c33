"""The back-test: rolling origins that see nothing later, errors counted by hand, too short a history."""

import numpy as np
import pandas as pd
import pytest

from layoutplan.dictionary import result_tables
from layoutplan.enrolment import METHODS, backtest
from layoutplan.errors import InputError
from tests.enrolment.district import FIRST, NO_BIRTHS, PROFILE, aged, history_table, noisy_district


@pytest.fixture(scope="module")
def tested():
    table, births = noisy_district(11, years=9)
    return backtest(table, births, profile=PROFILE)


def test_the_table_is_the_dictionarys_and_has_every_method(tested):
    table = tested.table
    assert tuple(table.columns) == result_tables()["enrolment_backtest"].column_names
    district = table[table["level"] == "district"]
    assert (
        list(district["method"]) == [*METHODS] * 3
    )  # nine years, five before the first origin: 1, 2, 3 ahead
    assert list(district["targets"]) == [4] * 3 + [3] * 3 + [2] * 3
    assert table[table["method"] != "forecast"]["coverage"].isna().all()


def test_errors_are_those_of_the_rows(tested):
    rows = tested.errors
    rows = rows[(rows["level"] == "place") & (rows["method"] == "last_value") & (rows["horizon"] == 2)]
    off = rows["pupils"] - rows["actual"]
    found = tested.table.set_index(["level", "method", "horizon"]).loc[("places", "last_value", 2)]
    assert found["weighted_mape"].item() == pytest.approx(off.abs().sum() / rows["actual"].sum())
    assert found["mape"].item() == pytest.approx((off.abs() / rows["actual"]).mean())
    assert found["bias"].item() == pytest.approx(off.sum() / rows["actual"].sum())


def test_the_latest_error_is_that_of_the_last_year_reached(tested):
    rows = tested.errors[(tested.errors["level"] == "place") & (tested.errors["method"] == "forecast")]
    rows = rows[(rows["horizon"] == 2) & (rows["year"] == FIRST + 8)]
    found = tested.table.set_index(["level", "method", "horizon"]).loc[("places", "forecast", 2)]
    assert found["latest_year"].item() == FIRST + 8
    assert found["latest_bias"].item() == pytest.approx(rows["pupils"].sum() / rows["actual"].sum() - 1)


def test_nothing_later_than_the_origin_is_seen():
    table, births = noisy_district(11, years=9)
    later = table["year"] > FIRST + 5
    other = table.assign(pupils=table["pupils"].where(~later, 1.0))
    changed = backtest(other, births, profile=PROFILE, origins=[FIRST + 5]).errors["pupils"]
    same = backtest(table, births, profile=PROFILE, origins=[FIRST + 5]).errors["pupils"]
    pd.testing.assert_series_equal(changed, same)


def test_last_value_and_three_year_mean_by_hand():
    values = aged(np.full(20, 100.0), years=6, ratio=1.1)
    values[:, 5] = 120.0
    errors = backtest(history_table({"A": values}), NO_BIRTHS, profile=PROFILE, origins=[FIRST + 4]).errors
    by_method = errors[errors["level"] == "district"].set_index("method")["pupils"]
    assert by_method["last_value"] == pytest.approx(values[:, 4].sum())
    assert by_method["three_year_mean"] == pytest.approx(values[:, 4].sum())
    assert errors["actual"].tolist() == [720.0] * 6


def test_a_year_filled_in_is_no_outcome():
    values = aged(np.full(20, 100.0), years=9)
    gap = values.copy()
    gap[:, 6] = np.nan
    errors = backtest(history_table({"A": gap}), NO_BIRTHS, profile=PROFILE).errors
    assert FIRST + 6 not in set(errors["year"])


def plain_cohort(counts, horizon):
    """Recompute the three-year cohort in plain loops: ``counts`` are one part's grades × years."""
    grades, years = counts.shape
    now = {grade: counts[grade, -1] for grade in range(grades) if counts[grade, -1] > 0}
    for _ in range(horizon):
        after = {}
        for grade in now:
            if grade - 1 in now:
                pairs = [
                    (counts[grade - 1, year - 1], counts[grade, year]) for year in range(years - 3, years)
                ]
                ratios = [came / before for before, came in pairs if before > 0 and came > 0]
                after[grade] = now[grade - 1] * sum(ratios) / len(ratios)
            else:
                after[grade] = sum(counts[grade, -3:]) / 3
        now = after
    return sum(now.values())


@pytest.mark.parametrize("seed", range(3))
def test_the_plain_cohort_follows_each_schools_grades(seed):
    random = np.random.default_rng(seed)
    whole = np.round(random.uniform(40, 80, (6, 9)))
    lower, upper = whole * 0.7, whole * 1.3
    lower[4:], upper[:2] = np.nan, np.nan  # one ends early, one begins above the first grade
    counts = {"all": whole, "lower": np.round(lower), "upper": np.round(upper)}
    errors = backtest(history_table(counts), NO_BIRTHS, profile=PROFILE, origins=[FIRST + 5]).errors
    found = errors[errors["method"] == "three_year_mean"].set_index(["place_id", "horizon"])["pupils"]
    district = np.nansum(np.stack(list(counts.values())), axis=0)
    for horizon in (1, 2, 3):
        for place, values in counts.items():
            known = np.nan_to_num(values[:, :6])
            assert found[place, horizon] == pytest.approx(plain_cohort(known, horizon))
        assert found["", horizon] == pytest.approx(plain_cohort(district[:, :6], horizon))


def test_a_steady_city_of_split_schools_is_forecast_exactly_by_the_plain_cohort():
    whole = aged(np.full(20, 60.0), years=9)
    lower, upper = whole.copy(), whole.copy()
    lower[3:], upper[:3] = np.nan, np.nan
    errors = backtest(history_table({"L": lower, "U": upper}), NO_BIRTHS, profile=PROFILE).errors
    rows = errors[(errors["method"] == "three_year_mean") & (errors["level"] == "place")]
    assert rows["pupils"].to_numpy() == pytest.approx(rows["actual"].to_numpy())


def test_an_estimate_is_never_an_outcome():
    whole = aged(np.full(20, 100.0), years=9)
    gap = whole.copy()
    gap[2, 6] = np.nan
    errors = backtest(history_table({"A": gap, "B": whole}), NO_BIRTHS, profile=PROFILE).errors
    rows = errors[(errors["year"] == FIRST + 6) & (errors["method"] == "forecast")]
    assert set(rows["place_id"]) == {"", "B"}
    district = rows[rows["level"] == "district"]
    assert (district["actual"] == 1100.0).all()  # of twelve hundred, the hundred not counted are left out
    assert district["pupils"].to_numpy() == pytest.approx(1100.0, rel=0.01)


def test_the_verdict_says_what_the_table_says(tested):
    found = tested.verdict("primary")
    rows = tested.table[(tested.table["level"] == "district") & (tested.table["horizon"] == 3)]
    mape = rows.set_index("method")["mape"]
    assert (found.horizon, found.targets) == (3, 2)
    assert (found.ours, found.cohort, found.last) == pytest.approx(
        (mape["forecast"], mape["three_year_mean"], mape["last_value"])
    )
    assert 0 <= found.inside <= found.targets
    shares = tested.weights.groupby(["stage", "horizon"])["weight"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)


def test_the_worst_schools_come_first_with_a_reason():
    steady = aged(np.full(20, 50.0), years=9)
    closing = steady.copy()
    closing[4:, 6:] = np.nan
    tested = backtest(history_table({"A": steady, "B": closing, "C": steady}), NO_BIRTHS, profile=PROFILE)
    worst = tested.worst()
    assert worst.loc[0, ["place_id", "reason"]].tolist() == ["B", "grades"]
    assert worst["off"].is_monotonic_decreasing


def test_a_chart_has_a_row_for_every_horizon_and_year(tested):
    chart = tested.chart("primary")
    assert list(chart.columns) == ["horizon", "year", "actual", "p10", "p90", *METHODS]
    assert list(chart["horizon"]) == [1] * 4 + [2] * 3 + [3] * 2


def test_too_short_a_history_is_said():
    with pytest.raises(InputError) as error:
        backtest(history_table({"A": np.ones((6, 3))}), NO_BIRTHS, profile=PROFILE)
    assert [fault.code for fault in error.value.faults if fault.severity == "error"] == ["backtest_short"]
