"""Run the notebooks and store their outputs (``make notebooks``): ``python -m tools.notebooks [NAME …]``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"


def executed(path: Path) -> Any:  # noqa: ANN401  nbformat has no types
    """Return a notebook after it was run from top to bottom, without what differs between two runs.

    Parameters
    ----------
    path
        The notebook.

    Returns
    -------
    NotebookNode
        Outputs without times.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": path.parent}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def main(names: list[str]) -> None:
    """Run notebooks and write them back.

    Parameters
    ----------
    names
        Stems of the notebooks; all of them if empty.
    """
    for path in sorted(FOLDER.glob("*.ipynb")):
        if not names or path.stem in names:
            nbformat.write(executed(path), path)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(sys.argv[1:])
