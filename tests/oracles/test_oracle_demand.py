"""Seats and demand of the bundled city against its raw files, read with pandas and reckoned by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from tests.conftest import DEMO_PLAN

pytestmark = pytest.mark.xdist_group("demo")

FOLDER = DEMO_PLAN.parent
CHINESE = {"kindergarten": "幼儿园", "primary": "小学", "junior": "初中", "senior": "高中"}
CLASS_SIZE = {"kindergarten": 30, "primary": 45, "junior": 50, "senior": 50}
AGES = {"primary": range(6, 12), "junior": range(12, 15), "senior": range(15, 18)}
PARTICIPATION = {"primary": 1.0, "junior": 1.0, "senior": 0.6}
COMMITTED = ["立项", "新开", "续建", "移交"]
BASE, MIGRATION = 2025, 0.012


@pytest.fixture(scope="module")
def schools():
    return pd.read_csv(FOLDER / "schools.csv", encoding="gb18030", index_col="学校编号")


def _change(projects, stage, year):
    """Return the seats that projects open by a year add, by kind: of the whole city."""
    open_now = (projects["启用学年"] <= year) & ~(projects["终止学年"] <= year)
    held = projects[open_now & projects["项目状态"].isin(COMMITTED)]
    return held[f"{CHINESE[stage]}班级数"].fillna(0).sum() * CLASS_SIZE[stage], held


@pytest.mark.parametrize("stage", CHINESE)
@pytest.mark.parametrize("year", [2025, 2026, 2028, 2032])
def test_seats_are_those_of_the_files(demo_run, schools, stage, year):
    added, held = _change(pd.read_excel(FOLDER / "programme.xlsx", sheet_name="建设项目"), stage, year)
    seats = schools[f"{CHINESE[stage]}学位数"]
    seats = seats.fillna(schools[f"{CHINESE[stage]}班级数"] * CLASS_SIZE[stage]).fillna(0)
    counts = schools["办学性质"] != "民办"
    counts[held.loc[held["项目类型"] == "转公", "学校编号"]] = True
    closed = seats.index.isin(held.loc[held["项目类型"] == "撤并", "学校编号"])
    city = demo_run.balance.city.set_index(["stage", "year"])
    assert city.loc[(stage, year), "seats"] == seats[counts & ~closed].sum() + added


def _cohorts():
    """Return the children of every unit by the school year in which they are of age 0."""
    units = gpd.read_file(FOLDER / "map.gpkg", layer="units").set_index("单元编号")
    ages = {BASE - age: units[f"{age}岁"].astype(float) for age in range(18)}
    births = pd.read_csv(FOLDER / "births.csv").pivot_table(
        index="区域编号", columns="年份", values="出生人数"
    )
    young = units[["0岁", "1岁", "2岁"]].mean(axis=1)
    share = young / young.groupby(units["所属区"]).transform("sum")
    # No births are known after the base year: the last ones go on, so a third and two thirds make one year.
    born = births[BASE].reindex(units["所属区"]).to_numpy()
    return ages | dict.fromkeys(range(BASE + 1, 2033), share * born)


@pytest.mark.parametrize("stage", AGES)
def test_demand_ages_the_children_of_the_files(demo_run, schools, stage):
    """While migration is more than the estates bring, the whole city grows by migration alone."""
    enrolled = schools[f"{CHINESE[stage]}在校生数"].fillna(0)
    projects = pd.read_excel(FOLDER / "programme.xlsx", sheet_name="建设项目")
    cohorts = _cohorts()
    found = demo_run.study.reconciliation.set_index(["stage", "year"])
    city = demo_run.balance.city.set_index(["stage", "year"])
    for year in demo_run.city.years:
        born = [year - age for age in AGES[stage]]
        children = sum(cohorts[one].sum() * (1 + MIGRATION) ** (year - max(one, BASE)) for one in born)
        counts = schools["办学性质"] != "民办"  # and those made public by then
        held = _change(projects, stage, year)[1]
        counts[held.loc[held["项目类型"] == "转公", "学校编号"]] = True
        public = enrolled[counts].sum() / enrolled.sum()
        row = found.loc[(stage, year)] if (stage, year) in found.index else None
        residents = children * PARTICIPATION[stage] * public
        if row is None:
            assert city.loc[(stage, year), "demand"] == pytest.approx(residents)
            continue
        assert row["by_residents"] == pytest.approx(residents)
        control = row["by_residents"] ** (1 - row["weight"]) * row["by_enrolment"] ** row["weight"]
        assert city.loc[(stage, year), "demand"] == pytest.approx(control)


def test_base_year_demand_of_every_unit_is_its_children(demo_run, schools):
    cohorts = _cohorts()
    for stage, ages in AGES.items():
        enrolled = schools[f"{CHINESE[stage]}在校生数"].fillna(0)
        public = enrolled[schools["办学性质"] != "民办"].sum() / enrolled.sum()
        expected = sum(cohorts[BASE - age] for age in ages) * PARTICIPATION[stage] * public
        pupils = demo_run.study.demand.pupils[stage][BASE]
        np.testing.assert_allclose(pupils.reindex(expected.index), expected)
        assert pupils.sum() == pytest.approx(expected.sum())
