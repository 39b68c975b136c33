"""The plan as zoned: catchments drawn for its seats year by year, and what they can not seat priced back."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from docx import Document

from layoutplan import Zoning, load_plan, run_plan, write_run
from layoutplan.dictionary import result_table
from layoutplan.outputs.wording import whole
from layoutplan.runs.zoned_plan import seat_a_year
from layoutplan.siting import plan_measures
from layoutplan.texts import text
from tests.outputs.town import write_town
from tests.siting.test_plan import PRICED, small_town

ROUNDS = 2


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    plan = load_plan(write_town(tmp_path_factory.mktemp("town"), lang="en"))
    changes = {"siting.zoning_rounds": ROUNDS, "zoning.work": 0.2}
    return run_plan(plan.vary(changes, name="zoned", title="As zoned"))


def test_every_round_tells_both_views_in_every_year(run):
    table = run.proposal.tables["plan_zoned"]
    assert [*table.columns] == [*result_table("plan_zoned").column_names]
    years = [*run.proposal.tables["plan_costs"]["year"]]
    assert set(table["stage"]) == {"primary"}  # the only one with catchments
    assert len(table) == ROUNDS * len(years)
    assert not table.duplicated(["round", "stage", "year"]).any()
    assert (table["overload_bound"] <= table["overload"] + 1e-6).all()
    assert table["overload_today"].sum() > 0
    left = table.groupby("round")["overload"].sum().round(3)
    chosen = table[table["chosen"]]["round"].unique()
    assert len(chosen) == 1
    assert left[chosen[0]] == left.min()


def test_the_plan_proposed_is_that_of_the_round_chosen(run):
    tables = run.proposal.tables
    chosen = tables["plan_zoned"][tables["plan_zoned"]["chosen"]]
    costs = tables["plan_costs"].set_index("year")
    for stage, rows in chosen.groupby("stage"):
        pooled = rows.set_index("year")["pooled"]
        assert pooled.to_numpy() == pytest.approx(costs.loc[pooled.index, f"unserved_{stage}"].to_numpy())
    measures = tables["measures"]
    money = measures.loc[measures["kind"] != "redraw", "discounted"].sum()
    assert chosen["discounted"].unique() == pytest.approx([money])


def test_the_report_tells_both_views_of_the_plan_proposed(run, tmp_path):
    write_run(run, tmp_path / "run")
    report = Document(str(tmp_path / "run" / "report.docx"))
    chosen = run.proposal.tables["plan_zoned"].query("chosen")
    names = ("pooled", "overload_today", "overload", "moved")
    head = [text(f"document.table.zoned_{name}", "en") for name in names]
    (table,) = (one for one in report.tables if head[0] in [cell.text for cell in one.rows[0].cells])
    told = [[cell.text for cell in row.cells][2:] for row in table.rows]
    assert told[0] == head
    assert told[1:] == [[whole(row[name], "en") for name in names] for row in chosen.to_dict("records")]


def test_without_rounds_the_table_is_empty(run):
    plan = run.plan.vary({"siting.zoning_rounds": 0}, name="pooled", title="Pooled")
    assert run_plan(plan).proposal.tables["plan_zoned"].empty


def test_a_seat_a_year_is_running_cost_loss_of_value_and_interest():
    study = small_town(profile=PRICED).study
    assert seat_a_year(study, "primary") == pytest.approx(70_000 * (0.04 + 0.04 + 1 / 40))
    assert seat_a_year(small_town().study, "senior") == 0.0


def two_catchments():
    """500 pupils at a school of 100 seats, 10 at one of 900 seats 700 m off, each with its own catchment."""
    school = {"school_type": "primary", "ownership": "public", "y": 500.0, "classes_primary": 2}
    here = small_town(
        profile=PRICED,
        sites=[],
        units=np.array([[500.0, 500.0], [1200.0, 500.0]]),
        pupils={"primary": np.array([500.0, 10.0]), "junior": np.zeros(2)},
        schools=[
            {**school, "school_id": "S1", "name": "First", "x": 500.0, "seats_primary": 100.0},
            {**school, "school_id": "S2", "name": "Second", "x": 1200.0, "seats_primary": 900.0},
        ],
    )
    study = here.study
    units, ids = study.city.units, ["K1", "K2"]
    areas = gpd.GeoDataFrame(
        {"stage": "primary", "name": ids},
        geometry=units.geometry.buffer(300).to_numpy(),
        index=pd.Index(ids, name="catchment_id"),
        crs=units.crs,
    )
    held = pd.DataFrame({"primary": ids, "junior": None}, index=units.index, dtype=object)
    links = pd.DataFrame({"catchment_id": ids, "stage": "primary", "school_id": ["S1", "S2"]})
    zoning = Zoning(catchments=areas, unit_catchments=held, catchment_schools=links)
    return replace(study, today=replace(study.today, zoning=zoning)), here


def test_what_is_priced_back_makes_fewer_pupils_leave_their_catchment_and_adds_up():
    """At a high price classes help at once, an enlargement after a year; parts add up."""
    study, here = two_catchments()
    years = len(study.years) - 1
    left = []
    for price in (0.0, 1e5):
        plan = plan_measures(
            study,
            here.balance,
            here.hotspots,
            time_limit_s=60.0,
            relative_gap=1e-4,
            unzoned={"primary": np.full((2, years), price)},
        )
        left.append(sum(float(one.pupils.sum()) for one in plan.measures if one.kind == "redraw"))
        discounted = sum(one.discounted for one in plan.measures)
        assert discounted == pytest.approx(plan.found.figures.cost, rel=1e-6, abs=1.0)
    assert left == pytest.approx([400.0 * years, 310.0], abs=0.5)
