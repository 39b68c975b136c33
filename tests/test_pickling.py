"""Every public value and every error survives a pickle: processes, caches and clusters pass them on."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky.backend.reduction import dumps
from scipy import sparse

import layoutplan
from layoutplan import errors
from layoutplan.errors import DefectError, Fault, FaultLog, InputError, LayoutplanError, NoPlanError
from layoutplan.outputs.map import Tiles
from layoutplan.outputs.map.stored import StoredMapError
from layoutplan.plan import default_plan
from layoutplan.runs.map_inputs import map_meta
from layoutplan.standards import load_profile
from layoutplan.texts import LANGUAGES
from tests.small_city import small_city
from tests.studies import study_of


def again(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  our own


def assert_same(one: Any, other: Any, where: str) -> None:
    """Hold two values against each other, whatever they are made of."""
    assert type(one) is type(other), where
    inner, others = inside(one), inside(other)
    if inner is None or others is None:
        assert_equal(one, other, where)
        return
    assert list(inner) == list(others), where
    for name in inner:
        assert_same(inner[name], others[name], f"{where}.{name}")


def inside(value: Any) -> dict[Any, Any] | None:
    """Return the values in a value, by name or place; ``None`` where it is to be taken as one."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return dict(enumerate(value)) if isinstance(value, (tuple, list)) else None


def assert_equal(one: Any, other: Any, where: str) -> None:
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), obj=where)
        assert getattr(one, "crs", None) == getattr(other, "crs", None), where
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(pd.Series(one), pd.Series(other), obj=where)
    elif isinstance(one, pd.Index):
        pd.testing.assert_index_equal(one, other, obj=where)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other, err_msg=where)
    elif sparse.issparse(one):
        assert (one != other).nnz == 0, where
    else:
        assert one == other or (pd.isna(one) and pd.isna(other)), where


def parts(value: Any) -> Iterator[Any]:
    """Yield a value and all values in it."""
    yield value
    for one in (inside(value) or {}).values():
        yield from parts(one)


NOT_IN_THE_DEMO = {"Boarding", "PlannedPlaces", "Prior", "Redraw", "Verdict"}
"""Values of other cities and plans: their parts are frames, arrays and numbers as of those tested."""


def beside_a_run() -> tuple[Any, ...]:
    """Return public values that are no part of a run of the demo city."""
    place = ("plan", "siting", "budget")
    return (
        layoutplan.Variation("dear", {"siting.budget": 2e8}, title="Dear"),
        layoutplan.Batch(pd.DataFrame({"value": [1.0]}), pd.DataFrame({"state": ["done"]}), workers=2),
        layoutplan.StageReuse(kept=False, changed=(place,)),
        layoutplan.System("catholic", "Catholic", "天主教"),
        layoutplan.Sensitivity(pd.DataFrame({"variant": ["as_planned"]}), pd.DataFrame({"variants": [1]})),
        study_of(small_city()).adjacency,
    )


def test_a_value_beside_a_run_survives():
    assert_same(beside_a_run(), again(beside_a_run()), "beside")


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_a_whole_run_survives_with_every_public_value_in_it(demo_run):
    found = again(demo_run)
    assert_same(demo_run, found, "run")
    public = {getattr(layoutplan, name) for name in layoutplan.__all__}
    values = {one for one in public if isinstance(one, type) and is_dataclass(one)}
    shown = (map_meta(demo_run), demo_run.map(), Tiles("https://a.example/{z}/{x}/{y}.png", "A", "wgs84"))
    assert_same(shown, again(shown), "shown")
    seen = {type(part) for part in (*parts(demo_run), *shown, *beside_a_run())}
    assert {one.__name__ for one in values - seen} <= NOT_IN_THE_DEMO
    assert found.plan.origin("siting.budget") == demo_run.plan.origin("siting.budget")


def test_what_is_read_only_stays_so():
    study = again(study_of(small_city()))
    with pytest.raises(TypeError):
        study.demand.pupils["primary"] = None
    with pytest.raises(TypeError):
        study.today.seats.seats["primary"] = None


def test_cached_figures_are_found_again():
    seats = study_of(small_city()).today.seats
    seats.counted("primary")
    pd.testing.assert_frame_equal(again(seats).counted("primary"), seats.counted("primary"))


def test_a_process_that_knows_nothing_reads_a_study(tmp_path):
    path = tmp_path / "study.pickle"
    study = study_of(small_city())
    path.write_bytes(pickle.dumps(study))
    script = (
        "import pathlib, pickle, sys; study = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes());"
        "print(study.today.seats.counted('primary').to_numpy().sum())"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True
    ).stdout
    assert float(told) == study.today.seats.counted("primary").to_numpy().sum()


def test_plans_and_profiles():
    profile = replace(load_profile("cn-zhengzhou-gaoxin-2020"))
    assert_same(profile, again(profile), "profile")
    plan = default_plan("ca-ontario", stages=("elementary",), base_year=2025, horizon_year=2030)
    assert_same(plan, again(plan), "plan")
    assert hash(again(plan.general)) == hash(plan.general)


def faults() -> tuple[Fault, ...]:
    log = FaultLog()
    log.add("walks_cut_off", stage="junior", limit=2500.0, needed=3000.0, rows=range(9), table="units")
    log.add("walks_cut_off", severity="warning", stage="primary", limit=2500.0, needed=3000.0)
    return tuple(log)


ERRORS = (
    LayoutplanError("said"),
    InputError(faults()),
    NoPlanError("errors.rows", rows="3", count=1),
    DefectError("law"),
    StoredMapError("no payload", place=1),
)


def test_every_error_class_is_among_these():
    known = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)}
    found, new = set(), known
    while new:
        found |= new
        new = {child for one in new for child in one.__subclasses__()} - found
    assert found == {type(one) for one in ERRORS}


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: type(one).__name__)
def test_errors(error):
    found = again(error)
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert_same(vars(error), vars(found), "error")
    if isinstance(error, InputError):
        assert [found.report(lang) for lang in LANGUAGES] == [error.report(lang) for lang in LANGUAGES]


def test_a_function_of_a_notebook_is_sent_to_workers():
    """Joblib and Dask send a function that has no module of its own with the packages that it names."""
    lp = layoutplan
    layouts = layoutplan.layouts
    sent = pickle.loads(dumps(lambda: (lp.City, layouts.Layout)))  # noqa: S301  our own
    assert sent() == (layoutplan.City, layoutplan.Layout)
    assert again(layoutplan) is layoutplan
