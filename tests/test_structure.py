"""The structure of the package: no import cycle, no public name in two modules."""

import ast

import pytest

from tools import structure


def written(folder, sources):
    for name, source in sources.items():
        path = folder / "layoutplan" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")


def test_the_package_has_no_cycle_and_no_duplicate_name(capsys):
    assert structure.main([]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("sources", "code"),
    [
        (("class Task: ...", "class Job: ..."), 0),
        (("class Task: ...", "Task = int"), 1),
        (("def task(x): ...", "task: int = 1"), 1),
        (("def _task(x): ...", "def _task(x): ..."), 0),
        (("from layoutplan.rooms.b import task", "def task(x): ..."), 0),
        (("from layoutplan.rooms import b", "from layoutplan.rooms import a"), 1),
    ],
)
def test_the_exit_code_tells_of_cycles_and_duplicate_names(tmp_path, monkeypatch, capsys, sources, code):
    one, other = sources
    written(tmp_path, {"__init__.py": "", "rooms/__init__.py": "", "rooms/a.py": one, "rooms/b.py": other})
    monkeypatch.chdir(tmp_path)
    assert structure.main([]) == code, capsys.readouterr().out


def test_functions_without_parameters_are_listed(tmp_path, monkeypatch, capsys):
    documented = '"""Do.\n\n    Parameters\n    ----------\n    x\n        It.\n    """'
    source = f"""
def bare(x): ...
def told(x):
    {documented}
def none(): ...
class Kept:
    def method(self, x): ...
    def plain(self): ...
"""
    written(tmp_path, {"__init__.py": "", "a.py": source})
    monkeypatch.chdir(tmp_path)
    assert structure.main(["--undocumented"]) == 0
    lines = capsys.readouterr().out.splitlines()
    first = lines.index("without Parameters:") + 1
    assert lines[first:-1] == ["layoutplan.a.Kept.method", "layoutplan.a.bare"]
    assert "3 public functions with arguments, 1 with a section Parameters" in lines[-1]


def test_a_name_is_defined_once_however_often_its_module_assigns_it():
    modules = {"a": ast.parse("x = 1\nx = 2"), "b": ast.parse("y = 1")}
    assert structure.duplicates(modules) == {}
