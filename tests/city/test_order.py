"""The order of a file's rows changes nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from layoutplan import load_plan, result_frames, run_plan
from layoutplan.synthetic import make_city_tables, write_city
from tests.city.office import Office


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_files_make_the_same_city(tmp_path, seed):
    (tmp_path / "plain").mkdir()
    (tmp_path / "mixed").mkdir()
    plain = Office(tmp_path / "plain").load()
    office = Office(tmp_path / "mixed")
    office.frames = {name: frame.sample(frac=1, random_state=seed) for name, frame in office.frames.items()}
    mixed = office.load()
    for field in ("schools", "areas", "units", "population", "catchments", "unit_catchments", "districts"):
        pd.testing.assert_frame_equal(getattr(plain, field), getattr(mixed, field))
    pd.testing.assert_frame_equal(plain.catchment_schools, mixed.catchment_schools)
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, mixed.tables[name])


@pytest.mark.slow
def test_shuffled_files_give_the_same_run_to_the_last_row(tmp_path):
    tables = make_city_tables(residents=6_000, seed=5)
    shuffled = {name: frame.sample(frac=1, random_state=7) for name, frame in tables.items()}
    runs = []
    for name, given in (("plain", tables), ("mixed", shuffled)):
        plan = load_plan(write_city(given, tmp_path / name, seed=5))
        runs.append(result_frames(run_plan(plan)))
    for name, frame in runs[0].items():
        pd.testing.assert_frame_equal(frame, runs[1][name], obj=name)
