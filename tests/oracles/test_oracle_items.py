"""Walks, children and beds of the bundled city once more, by hand from its raw files and the walk matrix."""

import numpy as np
import pandas as pd
import pytest

from tests.conftest import DEMO_PLAN
from tests.oracles.rule_figures import TEACHES, WORDS, YEAR, raw

pytestmark = pytest.mark.xdist_group("demo")
REACH = {"primary": 2000.0, "junior": 3000.0}


def city_row(run, stage, year):
    table = run.balance.city
    return table[(table["stage"] == stage) & (table["year"] == year)].iloc[0]


@pytest.mark.parametrize("stage", ["primary", "junior"])
@pytest.mark.parametrize("year", [YEAR, 2030])
def test_the_three_mean_walks_are_over_all_pupils(demo_run, stage, year):
    """Whoever has no school within the longest walk counts with it, so no pupil leaves the denominator."""
    walks, seats = demo_run.study.today.walks, demo_run.study.today.seats
    pupils = demo_run.study.demand.pupils[stage][year].to_numpy()
    offered = seats.seats[stage][year].to_numpy() * seats.counting()[:, seats.years.index(year)] > 0
    zoning = demo_run.study.today.zoning
    links = zoning.catchment_schools
    serving = {one: set(own["school_id"]) for one, own in links.groupby("catchment_id")}
    home = zoning.unit_catchments[stage].to_numpy()
    nearest, own = np.full(len(pupils), REACH[stage]), np.full(len(pupils), REACH[stage])
    for unit in range(len(pupils)):
        for pair in range(walks.indptr[unit], walks.indptr[unit + 1]):
            school, metres = walks.indices[pair], walks.metres[pair]
            if offered[school]:
                nearest[unit] = min(nearest[unit], metres)
                if seats.schools.index[school] in serving.get(home[unit], ()):
                    own[unit] = min(own[unit], metres)
    table = demo_run.balance.assignment
    placed = table[(table["stage"] == stage) & (table["year"] == year)]
    left = pupils.sum() - placed["pupils"].sum()
    row = city_row(demo_run, stage, year)
    assert row["mean_walk_nearest_m"] == pytest.approx((nearest * pupils).sum() / pupils.sum())
    assert row["mean_walk_own_m"] == pytest.approx((own * pupils).sum() / pupils.sum())
    walked = (placed["pupils"] * placed["metres"]).sum() + left * REACH[stage]
    assert row["mean_walk_m"] == pytest.approx(walked / pupils.sum())


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_seats_per_child_divides_public_seats_by_the_people_of_the_ages(demo_run, stage):
    """Children are not scaled by the reconciliation: they are the residents of the ages in the base year."""
    schools = raw(DEMO_PLAN.parent)["schools"]
    there = schools[~(schools["停办年份"] <= YEAR) & ~(schools["开办年份"] > YEAR)]
    teaching = there["学校类型"].isin(TEACHES[stage])
    counted = there["办学性质"].fillna("公办").isin(["公办", "普惠性民办"])
    seats = there.loc[teaching & counted, f"{WORDS[stage]}学位数"].sum()
    results = demo_run.rule_results
    own = results[(results["rule"] == "catchments.seats_per_child") & (results["area_id"] == "city")]
    row = own[(own["stage"] == stage) & (own["year"] == YEAR)].iloc[0]
    first, last = {"primary": (6, 11), "junior": (12, 14)}[stage]
    people = demo_run.city.population[[*range(first, last + 1)]].to_numpy().sum()
    assert row["numerator"] == seats
    assert row["denominator"] == pytest.approx(people)


def test_beds_serve_the_stage_of_their_school(demo_run):
    """6,440 beds: 6,080 in senior and special schools, 120 of primary, 240 of junior."""
    schools = raw(DEMO_PLAN.parent)["schools"]
    beds = schools.groupby("学校类型")["寄宿床位"].sum()
    assert (beds.sum(), beds["小学"], beds["初级中学"]) == (6440, 120, 240)
    results = demo_run.rule_results
    rows = results[results["rule"] == "rural.boarding_beds"].set_index("stage")
    assert rows["numerator"].to_dict() == {"primary": 120.0, "junior": 240.0}
    assert pd.isna(rows["threshold"]).sum() == 0
