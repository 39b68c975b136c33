"""What a run offers in a notebook: places on its tables, its map in a frame, a comparison."""

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
import pytest

import layoutplan as lp

pytestmark = pytest.mark.xdist_group("demo")


def test_the_balance_tables_can_be_mapped_at_once(demo_run):
    mpl.use("agg")
    for evaluation in demo_run.evaluations.values():
        balance = evaluation.balance
        for name, frame in {
            "schools": balance.schools,
            "catchments": balance.catchments,
            "districts": balance.districts,
            "units": balance.units,
        }.items():
            assert isinstance(frame, gpd.GeoDataFrame), name
            assert frame.crs == demo_run.city.crs, name
            assert frame.geometry.notna().all(), name
    zones = demo_run.balance.catchments.query("stage == 'junior' and year == 2030")
    assert list(zones.geometry) == list(demo_run.city.catchments.geometry.loc[zones["catchment_id"]])
    zones.plot("shortfall", legend=True)
    drawn = zones.explore("shortfall", tiles=None)
    assert str(zones["catchment_id"].iloc[0]) in drawn.get_root().render()


def test_result_frames_hold_no_geometry_that_the_dictionary_does_not_name(demo_run):
    frames = lp.result_frames(demo_run)
    assert "geometry" not in frames["catchment_balance"]
    assert "geometry" in frames["hotspots"]


def test_a_run_compares_with_another_as_stored_runs_do(demo_run, demo_folder):
    stored = lp.compare_runs([demo_folder])
    both = demo_run.compare(demo_run)
    assert list(both.columns) == ["stage", "layout", "figure", "base", "base (2)", "change"]
    pd.testing.assert_frame_equal(both[["stage", "layout", "figure", "base"]], stored)
    assert (both["change"].dropna() == 0).all()
    assert list(demo_run.compare(demo_run, demo_run).columns[3:]) == ["base", "base (2)", "base (3)"]


def test_the_map_of_a_run_is_the_page_of_its_folder(demo_run, demo_folder, tmp_path):
    view = demo_run.map(height=500)
    saved = view.save(tmp_path / "map.html").read_text(encoding="utf-8")
    assert saved == view.page
    stored = (demo_folder / "map.html").read_text(encoding="utf-8")
    assert view.page.split("<body")[0].count("<style") == stored.split("<body")[0].count("<style")
    assert abs(len(stored) - len(saved)) < 200  # the stored page links to its scorecard
    shown = view._repr_html_()
    assert shown.isascii()
    assert 'style="width:100%;height:500px' in shown
    assert "allow-same-origin" not in shown
    assert len(repr(view)) < 100


def test_the_bundled_city_is_the_one_of_the_source(demo_plan):
    assert lp.demo() == demo_plan
    english = lp.demo(scenario="low-births", lang="en")
    assert (english.scenario, english.general.lang) == ("low-births", "en")
    assert english.origin("plan.lang") == "argument lang"
