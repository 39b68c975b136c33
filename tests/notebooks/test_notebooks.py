"""Every notebook runs from top to bottom, stores what a run gives today, and uses the public names only."""

import ast
import re
from itertools import chain
from pathlib import Path

import nbformat
import pytest

import layoutplan
from tools.notebooks import executed

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MOST_BYTES = 1_000_000
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def said(notebook):
    """Return the text of every output; pictures and pages differ with the versions of what draws them."""
    texts = [
        [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        for cell in code_cells(notebook)
    ]
    return [[re.sub(r" at 0x[0-9a-f]+", "", text) for text in cell] for cell in texts]


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_its_stored_outputs_are_those_of_today(path):
    stored, now = said(read(path)), said(executed(path))
    assert [len(cell) for cell in stored] == [len(cell) for cell in now]
    for one, other in zip(chain(*stored), chain(*now), strict=True):
        words, others = NUMBER.split(one), NUMBER.split(other)
        assert [word.split() for word in words] == [word.split() for word in others]
        # Another processor may round a last digit otherwise.
        assert [*map(value, NUMBER.findall(one))] == pytest.approx(
            [*map(value, NUMBER.findall(other))], rel=1e-3
        )


def value(number):
    return float(number.replace(",", ""))


BEFORE_A_STUDY = {
    *("load_city", "estimate_demand", "forecast_enrolment", "backtest"),
    *("build_network", "walk_matrix", "Study", "Layout", "Seats", "Zoning"),
}
"""What ``make_study`` puts together; composed in any other way, figures may be other than a run's."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_figures_are_those_of_a_run(path):
    """It takes whole runs, or composes the stages on one study, as ``tests/runs/test_composed.py`` does."""
    used = names_used(path)
    assert used & {"make_study", "run_plan", "batch"}
    assert not used & BEFORE_A_STUDY


def names_used(path):
    """Return the names a notebook uses of the package."""
    tree = ast.parse("\n".join(cell.source for cell in code_cells(read(path))))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lp"
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_keeps_its_outputs_asks_a_question_and_uses_public_names_only(path):
    notebook = read(path)
    cells = code_cells(notebook)
    assert notebook.cells[0].source.splitlines()[0].endswith("？")
    assert [cell.execution_count for cell in cells] == [*range(1, len(cells) + 1)]
    kinds = {output.output_type for cell in cells for output in cell.outputs}
    assert kinds <= {"stream", "display_data", "execute_result"}  # no error
    assert any(
        "image/png" in output.get("data", {}) or "iframe" in output.get("data", {}).get("text/html", "")
        for cell in cells
        for output in cell.outputs
    )
    assert path.stat().st_size < MOST_BYTES
    tree = ast.parse("\n".join(cell.source for cell in cells))
    assert names_used(path) <= set(layoutplan.__all__)
    inner = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "layoutplan." in (node.module or "")
    ]
    assert not inner


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_table_is_empty_and_no_name_stands_in_chinese_alone(path):
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            page = output.get("data", {}).get("text/html", "")
            if "<iframe" in page:
                continue
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            assert not re.search(r"<tbody>\s*</tbody>", page), cell.source
            assert "Empty DataFrame" not in text, cell.source
            heads = re.findall(r"<th>(name|name_local)</th>", page)
            assert heads.count("name_local") <= heads.count("name")
            names = re.findall(r"<th>([^<]*)</th>", page) if "name" in heads else []
            if names:
                column = names.index("name") - names.count("")
                for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL):
                    held = re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
                    assert not held or not re.search("[\u4e00-\u9fff]", held[column]), cell.source
