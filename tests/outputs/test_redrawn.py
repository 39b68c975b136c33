"""Redrawn catchments and a zoning of the planner's own in every printed result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from docx import Document
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.text import Text

from layoutplan import load_plan, run_plan
from layoutplan.outputs.atlas import write_atlas
from layoutplan.outputs.report import write_document
from layoutplan.runs.map_inputs import map_frames
from layoutplan.runs.report_facts import report_facts
from layoutplan.runs.results import result_frames
from layoutplan.runs.summary import summarise
from tests.outputs.town import write_town

ASKED = """
[tables.zonings]
file = "options.csv"
[zoning]
enabled = true
work = 0.2
"""


@dataclass(frozen=True)
class Results:
    """What the printed results are made of."""

    layers: dict[str, Any]
    facts: Any
    summary: dict[str, Any]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redrawn")
    plan = write_town(folder, lang="zh", names=("东区", "西区", "云澜镇"))
    options = "option_id,title,stage,unit_id,catchment_id\nriver,沿河方案,primary,U00,C2\n"
    (folder / "options.csv").write_text(options, encoding="utf-8")
    plan.write_text(plan.read_text(encoding="utf-8") + ASKED, encoding="utf-8")
    run = run_plan(load_plan(plan))
    frames = result_frames(run)
    return Results(map_frames(run, frames), report_facts(run), summarise(run, frames))


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_the_report_puts_zonings_side_by_side(results, lang, tmp_path):
    path = tmp_path / "report.docx"
    write_document(results.layers, path, summary=results.summary, facts=results.facts, lang=lang)
    written = Document(path)
    heads = {"zh": ("划片方案", "超员下界"), "en": ("zoning", "least possible")}[lang]
    tables = [table for table in written.tables if {cell.text for cell in table.rows[0].cells} >= {*heads}]
    assert len(tables) == len(set(results.layers["zoning_outcome"]["stage"]))
    first = [[cell.text for cell in row.cells] for row in tables[0].rows]
    names = [row[0] for row in first[1:]]
    captions = [one.text for one in written.paragraphs if one.style.name == "Caption"]
    assert sum("→" in one and "沿河方案" in one for one in captions) == 1
    assert not any("→ 调整划片后" in one or "→ Catchments redrawn" in one for one in captions)
    assert len(names) == 3
    assert "沿河方案" in names
    outcome = results.layers["zoning_outcome"].set_index("stage").loc["primary"]
    drawn = first[1 + names.index({"zh": "调整划片后", "en": "Catchments redrawn"}[lang])]
    assert drawn[1].replace(",", "") == f"{round(outcome['overload'])}"
    assert drawn[2].replace(",", "") == f"{round(outcome['overload_bound'])}"
    assert [row[2] for row in first[1:] if row[0] != drawn[0]] == ["", ""]


def test_the_atlas_has_a_page_of_redrawn_catchments(results, tmp_path, monkeypatch):
    pages = []
    save = PdfPages.savefig

    def keep(book, figure, **how):
        pages.append([one.get_text() for one in figure.findobj(Text) if one.get_text()])
        return save(book, figure, **how)

    monkeypatch.setattr(PdfPages, "savefig", keep)
    write_atlas(results.layers, tmp_path / "atlas.pdf", facts=results.facts, lang="zh")
    own = [page for page in pages if any("划片调整图" in one for one in page)]
    outcome = results.layers["zoning_outcome"]
    assert len(own) == len(outcome)
    assert "主要调整" in own[0]
    assert f"{round(outcome.iloc[0]['moved'])}" in [one.replace(",", "") for one in own[0]]
    assert not any("划片调整图" in one for page in pages if page not in own for one in page)
