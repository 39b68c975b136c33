"""index.html leads to every scenario; comparison.csv holds the same figures."""

import re

import numpy as np
import pandas as pd
import pytest

from layoutplan.errors import InputError
from layoutplan.runs import find_runs, write_index
from tests.runs.stored_runs import store


def stored(folder, scenario, demand):
    return store(folder, scenario=scenario, demand=demand)


def test_scenarios_stand_side_by_side(tmp_path):
    for name, demand in (("base", 900.0), ("high-growth", 1100.0)):
        (stored(tmp_path / name, name, demand) / "workbook.xlsx").write_text("")
    page = write_index(tmp_path, lang="en").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="([^"]*)"', page))
    assert {"base/workbook.xlsx", "high-growth/workbook.xlsx"} <= linked
    assert "base/report.docx" not in linked  # a run may have been written without it
    frame = pd.read_csv(tmp_path / "comparison.csv")
    demand = frame[frame["figure"] == "demand"]
    assert demand[["base", "high-growth"]].to_numpy().tolist() == [[900.0, 1100.0]]


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(InputError):
        find_runs([tmp_path])


def test_the_joint_map_links_the_scorecards_that_stand(tmp_path, monkeypatch):
    for name in ("base", "high growth"):
        folder = stored(tmp_path / "out" / name, name, 900.0)
        (folder / "map.html").write_text(name, encoding="utf-8")
    (tmp_path / "out" / "high growth" / "scorecard.html").write_text("", encoding="utf-8")
    told = {}

    def combine(pages, *, lang, scorecards):
        told.update(zip(pages, scorecards, strict=True), lang=lang)

    monkeypatch.setattr("layoutplan.runs.index.combine_maps", combine)
    write_index(tmp_path / "out", lang="en")
    assert told == {"base": "", "high growth": "high%20growth/scorecard.html", "lang": "en"}


def _rows(page):
    """Return the rows of figures: those that differ, then those that are the same."""
    return re.findall(r"<tr.*?</tr>", "".join(re.findall(r"<tbody>.*?</tbody>", page, re.DOTALL)))


def test_every_figure_of_the_page_is_the_cell_of_the_table_beside_it(tmp_path):
    for name, demand in (("base", 900.0), ("high-growth", 1100.0)):
        stored(tmp_path / name, name, demand)
    page = write_index(tmp_path, lang="en").read_text(encoding="utf-8")
    frame = pd.read_csv(tmp_path / "comparison.csv")
    shown = [re.findall(r"<td>([^<]*)(?:<small>[^<]*</small>)?</td>", row) for row in _rows(page)]
    order = [
        *np.flatnonzero(frame["base"] != frame["high-growth"]),
        *np.flatnonzero(frame["base"] == frame["high-growth"]),
    ]
    assert len(shown) == len(frame)
    for cells, saved in zip(shown, frame.iloc[order].to_dict("records"), strict=True):
        assert len(cells) == 2
        for cell, value in zip(cells, (saved["base"], saved["high-growth"]), strict=True):
            if cell == "–":
                assert pd.isna(value)
            elif saved["figure"] == "share_within_radius":
                assert float(cell.rstrip("%")) / 100 == pytest.approx(value)
            else:
                assert float(cell.replace(",", "")) == pytest.approx(value, abs=0.5)
    heads = re.sub(r"<[^>]*>", " ", "".join(re.findall("<thead>.*?</thead>", page)))
    assert set(re.findall(r"\d+", heads)) <= {"2030"}
