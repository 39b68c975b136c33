"""Bands on districts of random shocks: of what came, about four in five lie inside, at every horizon."""

import pandas as pd
import pytest

from layoutplan.enrolment import backtest
from tests.enrolment.district import FIRST, PROFILE, shocked_district

DISTRICTS = 8
ORIGINS = range(FIRST + 6, FIRST + 19, 4)


@pytest.fixture(scope="module")
def outcomes():
    errors = [
        backtest(*shocked_district(seed), profile=PROFILE, origins=ORIGINS).errors
        for seed in range(DISTRICTS)
    ]
    rows = pd.concat(errors, ignore_index=True)
    rows = rows[rows["method"] == "forecast"]
    return rows.assign(inside=(rows["p10"] <= rows["actual"]) & (rows["actual"] <= rows["p90"]))


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
def test_bands_of_schools_hold_four_outcomes_in_five(outcomes, horizon):
    rows = outcomes[(outcomes["level"] == "place") & (outcomes["horizon"] == horizon)]
    assert 0.75 <= rows["inside"].mean() <= 0.90


def test_bands_of_the_district_hold_four_outcomes_in_five(outcomes):
    rows = outcomes[outcomes["level"] == "district"]  # some hundred that overlap, worth a quarter of them
    assert 0.65 <= rows["inside"].mean() <= 0.92


def test_the_band_widens_with_the_horizon(outcomes):
    width = (outcomes["p90"] / outcomes["p10"]).groupby([outcomes["level"], outcomes["horizon"]]).median()
    assert width.loc["district"].is_monotonic_increasing
    assert width.loc["place"].is_monotonic_increasing
