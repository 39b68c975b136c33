"""Every word a reader sees comes from the catalogue, and every word asked of it is there."""

import ast
import re
from pathlib import Path

import pytest

import layoutplan
from layoutplan.texts import keys
from tests.every import every

PACKAGE = Path(layoutplan.__file__).parent
ASSETS = PACKAGE / "outputs" / "map" / "assets"
SCRIPTS = sorted(ASSETS.glob("*.js"))
MODULES = sorted(file for part in ("outputs", "cli") for file in (PACKAGE / part).rglob("*.py"))
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
PROSE = re.compile(r"[A-Za-z]{2,}[ ,] ?[a-z]{2,}")
UNITS = {"万", "亿", "元"}
"""How Chinese writes large numbers: part of a number's format, as thousands separators are."""
LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')


def page_keys():
    """Return the keys the page knows: the map's without their subject, the others whole."""
    return {key.removeprefix("map.") for key in keys()}


def literals(script):
    """Return the string literals of a script; of templates the parts outside ``${…}``."""
    code = re.sub(r"(?m)^\s*//.*$|\s//\s.*$", "", script.read_text(encoding="utf-8"))
    found = []
    for literal in LITERAL.findall(code):
        inner = literal[1:-1]
        while literal[0] == "`" and (shorter := re.sub(r"\$\{[^{}]*\}", " ", inner)) != inner:
            inner = shorter
        found.append(inner)
    return found


def test_there_is_something_to_look_at():
    assert {"panel.js", "tables.js"} <= {script.name for script in SCRIPTS}
    rooms = {module.relative_to(PACKAGE).parent.as_posix() for module in MODULES}
    assert {"outputs/map", "outputs/report", "outputs/atlas", "outputs/pages", "cli"} <= rooms


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_no_script_of_the_page_holds_words_of_its_own(script):
    told = [one for one in literals(script) if set(CJK.findall(one)) - UNITS]
    assert told == []
    shown = re.findall(
        r'(?:textContent = |placeholder = |title: |head\(|soft\(|say\(|"aria-label": )("[^"]+")',
        script.read_text(encoding="utf-8"),
    )
    assert shown == []
    sentences = [
        one for one in literals(script) if PROSE.search(one) and not re.search(r"[<>{}#;:@\[\]=]", one)
    ]
    assert [one for one in sentences if one not in CODES] == []


CODES = {"move zoom viewreset resize", "th button", "soft kind", "mark ahead"}
"""Literals of two words that no reader sees."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_every_word_a_script_asks_for_exists(script):
    code, known = script.read_text(encoding="utf-8"), page_keys()
    assert set(re.findall(r'\b(?:t|has)\("([\w.]+)"', code)) <= known
    for prefix in re.findall(r"\b(?:t|has)\(`([\w.]+)\$\{", code):
        assert any(key.startswith(prefix) for key in known), prefix
    heads = re.findall(r'\[\["\w+".*?\]\],', code) if script.name == "tables.js" else []
    assert {name for line in heads for name in re.findall(r'\["(\w+)"', line)} <= known


def test_every_word_the_page_names_exists():
    page = (ASSETS / "page.html").read_text(encoding="utf-8")
    named = set(re.findall(r'data-(?:text|label)="(\w+)"', page))
    assert named
    assert named <= page_keys()
    bare = re.sub(r"<[^>]*>", " ", page)
    assert set(re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", bare)) == set()


def told_by(module):
    """Return the string literals of a Python module that are no docstrings."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(node, documented)
        for statement in node.body
        if isinstance(statement, ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def test_no_module_that_writes_pages_holds_chinese():
    def check(module):
        told = [one for one in told_by(module) if re.search(r"[\u4e00-\u9fff]", one)]
        assert [one for one in told if one not in UNITS | FONTS] == []

    every(MODULES, check, name=lambda file: f"{file.parent.name}/{file.name}")


FONTS = {"宋体", "微软雅黑"}
"""Names of fonts."""
