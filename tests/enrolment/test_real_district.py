"""A real district of sixteen schools, K-5: every target before 2020 from every origin since 2002."""

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from layoutplan.enrolment import backtest
from layoutplan.standards import load_profile
from layoutplan.standards.rules import Rule

DATA = Path(os.environ.get("LAYOUTPLAN_REAL_DATA", "")) / "forecast_ecasd"
LAST_TARGET = 2019  # in 2020 pupils taught at a distance are not counted

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not (DATA / "births.csv").is_file(), reason="LAYOUTPLAN_REAL_DATA has no forecast_ecasd"
    ),
]


@pytest.fixture(scope="module")
def tested():
    counts = pd.read_csv(DATA / "enrolment_school_grade_year.csv", dtype={"grade": str})
    history = pd.DataFrame(
        {
            "school_id": counts["school"],
            "area_id": None,
            "stage": "primary",
            "grade": counts["grade"].replace("K", "0").astype(int),
            "year": counts["year"],
            "pupils": counts["students"].astype(float),
        }
    )
    ages = Rule("stage.ages", "primary", (5.0, 10.0), "years", "K-5", "PLAN", 1900)
    national = load_profile("cn-national")
    profile = replace(national, rules=(*(rule for rule in national.rules if rule.key != "stage.ages"), ages))
    return backtest(
        history,
        pd.read_csv(DATA / "births.csv"),
        profile=profile,
        origins=range(2002, LAST_TARGET),
        last_target=LAST_TARGET,
    )


@pytest.fixture(scope="module")
def figures(tested):
    table = tested.table[tested.table["level"] != "place"]
    return table.set_index(["level", "method", "horizon"])


def test_the_baselines_are_those_published_with_the_data(figures):
    percent = 100 * figures["mape"].loc["district"]
    assert percent["last_value"].round(2).to_dict() == {1: 1.26, 2: 2.09, 3: 2.52, 5: 3.31}
    assert percent["three_year_mean"].round(2).to_dict() == {1: 1.26, 2: 2.10, 3: 2.31, 5: 2.59}


@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
@pytest.mark.parametrize("baseline", ["last_value", "three_year_mean"])
def test_the_district_is_nearer_than_either_baseline(figures, horizon, baseline):
    errors = figures["mape"].loc["district"]
    assert errors["forecast", horizon] < errors[baseline, horizon]


@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
@pytest.mark.parametrize("baseline", ["last_value", "three_year_mean"])
def test_the_schools_are_nearer_than_either_baseline(figures, horizon, baseline):
    errors = figures["weighted_mape"].loc["places"]
    assert errors["forecast", horizon] < errors[baseline, horizon]


@pytest.mark.parametrize(("level", "least", "most"), [("district", 0.72, 0.92), ("place", 0.75, 0.89)])
def test_bands_hold_about_four_outcomes_in_five(tested, level, least, most):
    rows = tested.errors[(tested.errors["level"] == level) & (tested.errors["method"] == "forecast")]
    inside = (rows["p10"] <= rows["actual"]) & (rows["actual"] <= rows["p90"])
    assert least <= inside.mean() <= most  # of one district some sixty outcomes that overlap
