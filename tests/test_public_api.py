"""The public names, and the README's promise of a few lines."""

import ast
import inspect
import pydoc
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import layoutplan


def test_every_public_name_exists_and_is_documented():
    for name in set(layoutplan.__all__) - {"Decay", "Language"}:  # aliases of types, which have no docstring
        assert inspect.getdoc(getattr(layoutplan, name)), name


def test_the_names_are_sorted():
    assert list(layoutplan.__all__) == sorted(set(layoutplan.__all__))


INNER = {"SearchTask", "Triples", "Unit", "RunRecord", "Division", "WrittenFiles"}
"""How a ``WalkMatrixStore`` keeps walks, the mark of a unit in an annotation, the fields of a ``Run``, the
solver's answer of a ``Redraw``."""


def test_every_type_of_a_public_signature_is_public():
    """Parameters, results, fields and properties: whoever types a call can import what it names."""
    lacking = {}
    for name in layoutplan.__all__:
        public = getattr(layoutplan, name)
        if inspect.isclass(public) or inspect.isfunction(public):
            used = {one for words, module in annotations_of(public) for one in classes_in(words, module)}
            if left := used - set(layoutplan.__all__) - INNER:
                lacking[name] = left
    assert lacking == {}


def annotations_of(public):
    """Give the annotations as written, of a function or of the fields and public methods of a class."""
    if inspect.isfunction(public):
        yield from ((str(words), public.__module__) for words in public.__annotations__.values())
        return
    for owner in public.__mro__:
        if not owner.__module__.startswith("layoutplan."):
            continue
        for name, member in vars(owner).items():
            of = member.fget if isinstance(member, property) else member
            if not name.startswith("_") and inspect.isfunction(of):
                yield from ((str(words), owner.__module__) for words in of.__annotations__.values())
        fields = vars(owner).get("__annotations__", {})
        yield from ((str(words), owner.__module__) for name, words in fields.items() if name[0] != "_")


def classes_in(words, module):
    """Give the classes of the package that an annotation names."""
    tree = ast.parse(Path(inspect.getfile(import_module(module))).read_text(encoding="utf-8"))
    homes = {node.name: module for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("layoutplan."):
            homes |= {alias.name: node.module for alias in node.names}
    for word in re.findall(r"[A-Za-z_]\w*", words):
        if word in homes and inspect.isclass(getattr(import_module(homes[word]), word)):
            yield word


def test_a_name_loads_its_own_stage_only():
    """Seconds of imports are what a notebook's first cell waits for; each name comes after the others."""
    heavy = (
        "matplotlib",
        "folium",
        "docx",
        "sklearn",
        "ortools",
        "rasterio",
        "openpyxl",
        "pypinyin",
        "numba",
    )
    script = (
        "import sys, layoutplan as lp\n"
        f"loaded = lambda: [name for name in {heavy} if name in sys.modules]\n"
        "for name in ('demo', 'gini', 'load_city', 'make_study', 'flag_schools'):\n"
        "    getattr(lp, name)\n"
        "    assert not loaded(), (name, loaded())\n"
        "for name in ('estimate_outlook', 'evaluate', 'find_hotspots', 'propose', 'run_plan', 'Run'):\n"
        "    getattr(lp, name)\n"
        "    assert loaded() == ['ortools'], (name, loaded())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_public_name_is_never_the_module_of_that_name():
    script = (
        "import layoutplan.balance.evaluate, layoutplan.access.service_areas, layoutplan.siting.propose\n"
        "from layoutplan.balance import evaluate\n"
        "from layoutplan.access import service_areas\n"
        "import layoutplan as lp\n"
        "assert callable(evaluate) and callable(service_areas) and callable(lp.propose)\n"
        "assert lp.evaluate is evaluate and 'evaluate' in dir(layoutplan.balance)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    with pytest.raises(AttributeError, match="no attribute 'evaluat'"):
        _ = layoutplan.evaluat


def test_help_shows_the_keys_of_a_section():
    shown = pydoc.plain(pydoc.render_doc(layoutplan.DemandSettings))
    assert "births_factor=1.0" in shown
    assert "Multiplies the births" in shown


def test_each_name_is_found_where_the_type_checker_finds_it():
    source = Path(layoutplan.__file__).read_text(encoding="utf-8")
    block = next(node for node in ast.parse(source).body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(seen) == set(layoutplan.__all__)
    for name, module in seen.items():
        assert getattr(layoutplan, name) is getattr(import_module(module), name)


def test_importing_the_package_loads_nothing_heavy():
    script = "import sys, layoutplan; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
