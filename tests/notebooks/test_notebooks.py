"""Every notebook runs from top to bottom, and uses the public names only."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import layoutplan

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}).execute()


BEFORE_A_STUDY = {
    *("load_city", "estimate_demand", "forecast_enrolment", "backtest"),
    *("build_network", "walk_matrix", "Study", "Layout", "Seats", "Zoning"),
}
"""What ``make_study`` puts together; composed in any other way, figures may be other than a run's."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_figures_are_those_of_a_run(path):
    """It takes a whole run, or composes the stages as ``tests/runs/test_composed.py`` does: on one study."""
    used = names_used(path)
    assert used & {"make_study", "run_plan"}
    assert not used & BEFORE_A_STUDY


def names_used(path):
    """Return the names a notebook uses of the package."""
    notebook = nbformat.read(path, as_version=4)
    tree = ast.parse("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lp"
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs_and_uses_public_names_only(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not [cell for cell in cells if cell.outputs or cell.execution_count]
    tree = ast.parse("\n".join(cell.source for cell in cells))
    assert names_used(path) <= set(layoutplan.__all__)
    inner = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "layoutplan." in (node.module or "")
    ]
    assert not inner
