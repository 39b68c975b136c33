"""The public names, and the README's promise of a few lines."""

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import layoutplan


def test_every_public_name_exists_and_is_documented():
    for name in layoutplan.__all__:
        assert inspect.getdoc(getattr(layoutplan, name)), name


def test_the_names_are_sorted_and_few():
    assert list(layoutplan.__all__) == sorted(layoutplan.__all__)
    assert len(layoutplan.__all__) <= 49  # one function and one value a stage, and what a notebook needs


def test_each_name_is_found_where_the_type_checker_finds_it():
    source = Path(layoutplan.__file__).read_text(encoding="utf-8")
    seen = {
        alias.name: node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("layoutplan.")
        for alias in node.names
    }
    assert set(seen) == set(layoutplan.__all__)
    for name, module in seen.items():
        assert getattr(layoutplan, name) is getattr(import_module(module), name)


def test_importing_the_package_loads_nothing_heavy():
    script = "import sys, layoutplan; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
