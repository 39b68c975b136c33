"""Rules of the bundled city against plain pandas on its raw files; gross and net, circle and walk by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from tests.conftest import DEMO_PLAN
from tests.oracles.rule_figures import YEAR, figures, raw

pytestmark = pytest.mark.xdist_group("demo")


def city_rows(run, rule, year):
    """Return the city's rows of a rule in a year by stage."""
    results = run.rule_results
    own = results[(results["rule"] == rule) & (results["area_kind"] == "city") & (results["year"] == year)]
    return own.set_index(own["stage"].fillna(""))


def test_numerators_and_denominators_of_65_rules(demo_run):
    expected = figures(raw(DEMO_PLAN.parent))
    wrong = []
    for (rule, stage), (above, below) in expected.items():
        row = city_rows(demo_run, rule, YEAR).loc[stage]
        same = np.isclose(row["numerator"], above) and (
            np.isnan(below) or np.isclose(row["denominator"], below)
        )
        if not same:
            wrong.append((rule, stage, (above, below), (row["numerator"], row["denominator"])))
    assert wrong == []
    assert len({rule for rule, _ in expected}) == 65


def seats_and_pupils(run, stage, year):
    """Return the demand of each unit and the counted seats of each school, as plain arrays."""
    pupils = run.study.demand.pupils[stage][year].to_numpy()
    seats = run.study.today.seats
    return pupils, (seats.seats[stage][year].to_numpy() * seats.counting()[:, seats.years.index(year)])


def most_seated(links, wanted, offered):
    """Return the most pupils that the schools of their catchments can seat: a linear program of its own.

    A school of several catchments gives its seats to whom they help most.
    """
    rows = []
    for column, limits in (("catchment_id", wanted), ("school_id", offered)):
        for one, own in links.groupby(column):
            rows.append((links.index.isin(own.index).astype(float), limits[one]))
    found = linprog(
        -np.ones(len(links)), A_ub=np.array([row for row, _ in rows]), b_ub=[limit for _, limit in rows]
    )
    assert found.success
    return -found.fun


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_gross_is_within_catchments_and_net_is_after_sharing(demo_run, stage):
    """Gross: the seats of a school are for its catchments alone. Net: what the assignment leaves unserved."""
    year = demo_run.plan.general.target
    city, zoning = demo_run.city, demo_run.study.today.zoning
    pupils, seats = seats_and_pupils(demo_run, stage, year)
    home = pd.Series(zoning.unit_catchments[stage].to_numpy(), dtype=object)
    wanted = pd.Series(pupils).groupby(home.to_numpy()).sum()
    links = zoning.catchment_schools
    links = links[links["catchment_id"].isin(zoning.catchments.index[zoning.catchments["stage"] == stage])]
    offered = dict(zip(demo_run.study.today.seats.schools.index, seats, strict=True))
    links = links[links["school_id"].isin([*offered])].drop_duplicates(["catchment_id", "school_id"])
    zoned = wanted.reindex(zoning.catchments.index[zoning.catchments["stage"] == stage]).fillna(0.0)
    gross = float(zoned.sum()) - most_seated(links, zoned.to_dict(), offered)
    assert city_rows(demo_run, "layout.short_in_catchments", year).loc[stage, "value"] == pytest.approx(gross)
    table = demo_run.balance.assignment
    placed = table[(table["stage"] == stage) & (table["year"] == year)]["pupils"].sum()
    net = pupils.sum() - placed
    ways = [city_rows(demo_run, f"layout.seats_by_{way}", year) for way in ("reuse", "expand", "build")]
    assert [rows.loc[stage, "denominator"] for rows in ways] == pytest.approx([net] * 3, abs=1e-3)
    assert sum(rows.loc[stage, "numerator"] for rows in ways) == pytest.approx(net, abs=1e-3)
    assert net <= gross + 1e-6
    assert len(city.units) == len(pupils)


@pytest.mark.parametrize("stage", ["kindergarten", "primary", "junior"])
def test_circle_and_walk_count_the_same_pupils_by_two_distances(demo_run, stage):
    """All straight lines by brute force; walks from the walk matrix, school by school."""
    pupils, seats = seats_and_pupils(demo_run, stage, YEAR)
    radius = {"kindergarten": 300.0, "primary": 500.0, "junior": 1000.0}[stage]
    homes = np.column_stack([demo_run.city.units.geometry.x, demo_run.city.units.geometry.y])
    schools = demo_run.study.today.seats.schools.geometry[seats > 0]
    straight = np.hypot(
        homes[:, 0, None] - schools.x.to_numpy()[None, :], homes[:, 1, None] - schools.y.to_numpy()[None, :]
    )
    circle = pupils[straight.min(axis=1) <= radius].sum()
    walks = demo_run.study.today.walks
    near = np.zeros(len(pupils), dtype=bool)
    for home in range(len(pupils)):
        pairs = slice(walks.indptr[home], walks.indptr[home + 1])
        near[home] = any(
            metres <= radius and seats[school] > 0
            for school, metres in zip(walks.indices[pairs], walks.metres[pairs], strict=True)
        )
    found = [city_rows(demo_run, f"layout.{one}", YEAR).loc[stage] for one in ("coverage_circle", "coverage")]
    assert [row["numerator"] for row in found] == pytest.approx([circle, pupils[near].sum()])
    assert [row["metric"] for row in found] == ["circle", "walk"]
    assert [row["denominator"] for row in found] == pytest.approx([pupils.sum()] * 2)
    assert pupils[near].sum() < circle
