"""Forty figures followed by hand: from the page that shows one, by the saved table, to the files."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib

import numpy as np
import pandas as pd
import pytest
from docx import Document

from tests.conftest import DEMO_PLAN
from tests.oracles.rule_figures import YEAR, figures, raw
from tests.oracles.test_oracle_demand import (
    AGES,
    CHINESE,
    CLASS_SIZE,
    FOLDER,
    PARTICIPATION,
    _change,
    _cohorts,
)

pytestmark = pytest.mark.xdist_group("demo")

YEARS = (2025, 2026, 2028, 2030)
SCHOOLS = {
    "K010": "kindergarten",
    "P002": "primary",
    "P017": "primary",
    "J001": "junior",
    "J016": "junior",
    "S001": "senior",
}
RULES = 9


@pytest.fixture(scope="module")
def page(demo_folder):
    """Return what the map page holds, unpacked without the package."""
    text = (demo_folder / "map.html").read_text(encoding="utf-8")
    packed = re.search(r'id="payload">([^<]+)<', text)[1]
    return json.loads(zlib.decompress(base64.b64decode(packed)))


@pytest.fixture(scope="module")
def tables(demo_folder):
    return {path.stem: pd.read_csv(path) for path in (demo_folder / "tables").glob("*.csv")}


@pytest.fixture(scope="module")
def files():
    return pd.read_csv(FOLDER / "schools.csv", encoding="gb18030", index_col="学校编号")


def seats_of_a_city(stage, year, files):
    """Return the seats that count: of open schools that are not private, and of what is committed by then."""
    added, held = _change(pd.read_excel(FOLDER / "programme.xlsx", sheet_name="建设项目"), stage, year)
    seats = files[f"{CHINESE[stage]}学位数"]
    seats = seats.fillna(files[f"{CHINESE[stage]}班级数"] * CLASS_SIZE[stage]).fillna(0)
    counts = files["办学性质"] != "民办"
    counts[held.loc[held["项目类型"] == "转公", "学校编号"]] = True
    closed = seats.index.isin(held.loc[held["项目类型"] == "撤并", "学校编号"])
    return seats[counts & ~closed].sum() + added


def demand_of_a_city(stage, files):
    """Return the children of the ages of the stage, those who go to school, and of these to a public one."""
    enrolled = files[f"{CHINESE[stage]}在校生数"].fillna(0)
    public = enrolled[files["办学性质"] != "民办"].sum() / enrolled.sum()
    cohorts = _cohorts()
    return sum(cohorts[YEARS[0] - age].sum() for age in AGES[stage]) * PARTICIPATION[stage] * public


def city_figures(page, tables, files):
    """Yield name, figure on the page, in the table, from the files: seats of every stage, demand of today."""
    scenario = page["scenarios"][0]
    city = tables["city_balance"].query("layout == 'today'").set_index(["stage", "year"])
    shown_years = scenario["meta"]["years"]
    for stage in CHINESE:
        shown = scenario["city"][stage]["today"]
        for year in YEARS:
            at = shown_years.index(year)
            row = city.loc[(stage, year)]
            yield (
                f"seats {stage} {year}",
                shown["seats"][at],
                row["seats"],
                seats_of_a_city(stage, year, files),
            )
    for stage in AGES:
        row = city.loc[(stage, YEARS[0])]
        shown = scenario["city"][stage]["today"]["demand"][0]
        yield f"demand {stage}", shown, row["demand"], demand_of_a_city(stage, files)


def school_figures(page, tables, files):
    """Yield the seats and the enrolment of schools."""
    places = {page["schools"][at]["id"]: said for at, said in page["scenarios"][0]["schools"]}
    balance = tables["school_balance"].query(f"layout == 'today' and year == {YEARS[0]}")
    rows = balance.set_index(["school_id", "stage"])
    for school, stage in SCHOOLS.items():
        shown, row, own = places[school]["stages"][stage], rows.loc[(school, stage)], files.loc[school]
        seats = own[f"{CHINESE[stage]}学位数"]
        seats = own[f"{CHINESE[stage]}班级数"] * CLASS_SIZE[stage] if np.isnan(seats) else seats
        yield f"seats {school}", shown["figures"]["today"]["seats"][0], row["seats"], seats
        yield f"pupils {school}", shown["enrolment"], row["enrolment"], own[f"{CHINESE[stage]}在校生数"]


def rule_figures(demo_folder, tables):
    """Yield the first shares of the scorecard that are of the whole city in the base year."""
    card = (demo_folder / "scorecard.html").read_text(encoding="utf-8")
    on_page = [
        tuple(float(part.replace(",", "")) for part in found)
        for found in re.findall(r"<small>([\d,.]+) / ([\d,.]+)</small>", html.unescape(card))
    ]
    lines = tables["scorecard"]
    lines = lines[
        (lines["year"] == YEAR) & (lines["area_kind"] == "city") & lines["unit"].str.startswith("share")
    ]
    rows = lines.set_index(["rule", lines["stage"].fillna("")])
    found = 0
    for (rule, stage), (above, below) in figures(raw(DEMO_PLAN.parent)).items():
        if (rule, stage) not in rows.index or not below or found == RULES:
            continue
        row, found = rows.loc[(rule, stage)], found + 1
        shown = min(
            on_page, key=lambda pair: abs(pair[0] - row["numerator"]) + abs(pair[1] - row["denominator"])
        )
        yield f"{rule} {stage}", shown[0] / shown[1], row["numerator"] / row["denominator"], above / below


def test_forty_figures_are_one_from_the_page_to_the_files(demo_folder, page, tables, files):
    followed = [
        *city_figures(page, tables, files),
        *school_figures(page, tables, files),
        *rule_figures(demo_folder, tables),
    ]
    wrong = [
        (name, shown, saved, expected)
        for name, shown, saved, expected in followed
        if not (np.isclose(shown, saved, rtol=1e-3, atol=0.051) and np.isclose(saved, expected))
    ]
    assert wrong == []
    assert len(followed) == 40


def test_the_report_writes_the_figures_of_the_tables(demo_folder, tables):
    document = Document(str(demo_folder / "report.docx"))
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    city = tables["city_balance"].query("layout == 'today'").set_index(["stage", "year"])
    for stage in CHINESE:
        for year in YEARS:
            row = city.loc[(stage, year)]
            wanted = {
                str(year),
                *(f"{np.floor(row[name] + 0.5):,.0f}" for name in ("seats", "demand", "unserved")),
            }
            assert any(wanted <= set(found) for found in cells), (stage, year, wanted)


def test_parts_of_the_page_add_up_to_the_figures_of_the_table(page, tables):
    """The catchments' shortages to the waterfall's, its steps to what is left, costs to those of the year."""
    scenario = page["scenarios"][0]
    catchments = tables["catchment_balance"].query("layout == 'today'")
    for stage, steps in scenario["waterfalls"].items():
        for at, year in enumerate(scenario["meta"]["years"]):
            if steps["shortfall"][at] is None:
                continue
            own = catchments.query("stage == @stage and year == @year")
            gross = (own["demand"] - own["seats"]).clip(lower=0).sum()
            assert steps["shortfall"][at] == np.floor(gross + 0.5), (stage, year)
            assert steps["build"][at] == steps["left"][at]
    spent = tables["measure_years"].groupby("year")[["capital", "running"]].sum()
    for one in scenario["plan_years"]:
        own = spent.reindex([one["year"]]).fillna(0.0).iloc[0]
        assert one["capital"] + one["running"] == pytest.approx(own.sum(), rel=1e-6)
