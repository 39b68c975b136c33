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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs_and_uses_public_names_only(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not [cell for cell in cells if cell.outputs or cell.execution_count]
    tree = ast.parse("\n".join(cell.source for cell in cells))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lp"
    }
    assert used <= set(layoutplan.__all__)
    inner = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "layoutplan." in (node.module or "")
    ]
    assert not inner
