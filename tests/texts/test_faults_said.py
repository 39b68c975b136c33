"""Every fault can be said: with the parameters of its call sites, of one thing and of two, losing no data."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path

import layoutplan
from layoutplan.errors import Fault
from layoutplan.texts import LANGUAGES, filled, keys, text
from tests.every import every

PACKAGE = Path(layoutplan.__file__).parent
CODES = sorted({key.split(".")[1] for key in keys("faults.")})
OF_A_FAULT = {"severity", "file", "table", "rows", "column"}
IMPLIED = {"plan/": {"key"}, "standards/parse.py": {"rule"}}
"""What the collection of a module adds to every fault: ``Complaints`` the key, ``_Entry`` the rule."""


def names_in(template):
    """Return every placeholder of a text, those inside words for one and several too."""
    found = set()
    for _, name, spec, _ in string.Formatter().parse(template):
        found |= ({name} if name else set()) | names_in(spec or "")
    return found


def asked(code):
    return {
        name
        for part in ("what", "remedy")
        for lang in LANGUAGES
        for name in names_in(text(f"faults.{code}.{part}", lang))
    }


@cache
def call_sites():
    """Return module, line, code and parameter names of every fault made with a literal code.

    Left out are calls that pass on a mapping: what they emit is rendered by every test (``conftest.py``).
    """
    found = []
    for module in sorted(PACKAGE.rglob("*.py")):
        where = module.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            if node.func.attr not in {"add", "fault"} or not isinstance(node.args[0], ast.Constant):
                continue
            code, given = node.args[0].value, {word.arg for word in node.keywords}
            if code in CODES and None not in given:
                for part, names in IMPLIED.items():
                    given = given | names if where.startswith(part) else given
                taken = set() if where.startswith("plan/") else OF_A_FAULT  # there they are parameters
                found.append((where, node.lineno, code, sorted(given - taken)))
    return found


def test_call_sites_are_found():
    assert len(call_sites()) > 150


def test_every_call_site_gives_every_placeholder_of_its_text():
    # "project_unknown" is collected with its stage and told by ``Problems.report``.
    lacking = {
        f"{module}:{line} {code}": sorted(asked(code) - set(given))
        for module, line, code, given in call_sites()
        if code != "project_unknown" and not asked(code) <= set(given)
    }
    assert lacking == {}


def test_a_fault_is_said_without_a_brace_of_its_own():
    def check(code):
        fault = Fault(code=code, params=dict.fromkeys(asked(code), 2))
        for lang in LANGUAGES:
            said = fault.what(lang) + fault.remedy(lang)
            # What is left in braces is meant: TOML, and the places of a tile's address.
            left = re.findall(r"\{[^{}]*\}", said)
            meant = re.compile(r"\{( .*|-?[xyzs])\}")
            assert [one for one in left if not meant.fullmatch(one)] == [], said

    every(CODES, check)


def test_rows_are_one_or_several():
    one = Fault(code="empty_table", rows=("7",), row_count=1)
    two = Fault(code="empty_table", rows=("7", "9"), row_count=2)
    assert (one.place("en"), two.place("en")) == ("row 7", "rows 7, 9")


COUNTS = {
    *("count", "n", "residents", "pupils", "seats", "classes", "births", "dwellings", "cells", "unserved"),
    *("served", "left", "crossing", "doubled", "nodes", "edges", "dead_ends", "components", "islands"),
    *("crossings", "ends", "cuts", "children", "taken", "kept", "lasting", "passing", "late", "demand"),
    *("needs", "after", "short", "residence", "missed", "enrolled", "points", "levels", "duplicates"),
    *("by_residents", "by_enrolment", "of", "years", "value", "limit"),
}
"""Placeholders that hold a count, in most texts."""
NO_COUNT = {
    *("faults.births_gaps_filled.what", "faults.history_ratio_beyond.what"),
    *("faults.roads_not_walkable.what", "cli.error.plan"),
}
"""Texts in which such a name holds a list of words."""
SINGULAR = {"is", "has", "was", "misses", "remains", "lies", "stands", "walks", "passes", "class"}
PLURAL = re.compile(r"(?<![\w.,–-])1 (?:(?:more|of 1|unserved|missing|separate|inhabited) )?([a-z]+s)\b")
NOT_PLURAL = re.compile(
    r"(?<![\w.,–-])2 (?:row|unit|place|school|pupil|seat|class|year|count|point)\b(?!-years)"
)


def said_of(key, count):
    """Return an English text with every count the same, and everything else a word."""
    template = text(key, "en")
    parsed = string.Formatter().parse(template)
    numbers = {name for _, name, spec, _ in parsed if name and spec and not spec.startswith("|")}
    return filled(template, {name: count if name in COUNTS | numbers else "X" for name in names_in(template)})


COUNTING = [
    key
    for key in keys()
    if names_in(text(key, "en")) & COUNTS
    and key not in NO_COUNT
    and not key.startswith(("settings.", "scorecard.units.", "scorecard.one."))
    and not re.search(r"_(other|one)$", key)
]


def test_one_is_singular():
    def check(key):
        said = said_of(key, 1)
        wrong = [word for word in PLURAL.findall(said) if word not in SINGULAR]
        assert wrong == [], said

    every(COUNTING, check)


def test_two_are_plural():
    def check(key):
        said = said_of(key, 2)
        assert not NOT_PLURAL.search(said), said

    every((key for key in COUNTING if ":|" in text(key, "en")), check)


DESTROYS = re.compile(
    r"(?i)\b(delete|remove|drop|discard|empty the cell)\b"
    r"|\bleave (it|them|one|the rows?|the band|a row)\b.* out\b"
)
DESTROYS_ZH = re.compile("删除|删去|清空|去掉其中")
OF_THE_PLAN = {
    *("crs_conflict", "encoding_wrong", "working_crs_stretches", "value_mapping_unused", "profile_cycle"),
    *("plan_scenario_base_unknown", "plan_scenario_cycle", "plan_target_outside", "plan_crs_not_metres"),
    *("plan_encoding_unknown", "plan_not_finite", "plan_out_of_range", "plan_stage_not_planned"),
    "ledger_columns",
}
"""Remedies that take a key out of plan.toml, which is no data; and one that forbids to remove."""


def test_no_remedy_destroys_data():
    def check(code):
        assert not DESTROYS.search(text(f"faults.{code}.remedy", "en"))
        assert not DESTROYS_ZH.search(text(f"faults.{code}.remedy", "zh"))

    every(sorted(set(CODES) - OF_THE_PLAN), check)
