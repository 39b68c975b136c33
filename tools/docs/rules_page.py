"""Coverage table: function, test, table and page for each row of the founding documents."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from layoutplan.dictionary.schema import Words
from layoutplan.rules.book import rule_specs
from layoutplan.rules.rule_spec import RuleSpec
from layoutplan.standards import load_profile, profile_ids, rule_ranges
from layoutplan.texts import text

_EXAMPLES: Final = "tests/rules/test_examples.py"
"""Runs the worked example of every measure."""

_BY_GRADE: Final = "tests/rules/test_by_grade.py"

_HEAD: Final = (
    "| # | document 文件 | quote 原文 | answer 作答 | function 函数 | test 测试 | result 结果 | shown 展示 |"
)

_REPORTED: Final = "仅列示，标准未规定达标比例 reported: no standard asks for a share"

_CASES: Final = "`tests/rules/thresholds`"
"""A case on each side of every threshold; its test fails for a rule that has none."""


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """One implementation of a row.

    Attributes
    ----------
    title
        Title for planners.
    rule
        Id of the rule in the rule book; empty for an operator, a unit or a page.
    function
        ``package.module:function`` that a run calls.
    test
        The test file of the function.
    result, shows
        Table and column of the run folder (or one of its files), and where it is displayed.
    """

    title: Words
    rule: str
    function: str
    test: str
    result: str
    shows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A row of the founding documents' list with its implementations; only a row out of scope has none."""

    number: int
    section: str
    document: str
    scope: Literal["in", "partly", "out"]
    quote: str
    answers: tuple[RowAnswer, ...]


@cache
def document_rows() -> tuple[DocumentRow, ...]:
    """Return every row of the founding documents' list, in its order."""
    file = Path(__file__).with_name("rows.toml")
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["row"]
    return tuple(_row(entry) for entry in entries)


def _row(entry: dict[str, Any]) -> DocumentRow:
    by_rule = [_answer(spec) for spec in rule_specs() if entry["number"] in spec.rows]
    others = [
        RowAnswer(
            title=Words(**other["title"]),
            rule="",
            function=other["function"],
            test=other["test"],
            result=other["result"],
            shows=tuple(other["shows"]),
        )
        for other in entry.get("answer", [])
    ]
    return DocumentRow(
        number=entry["number"],
        section=entry["section"],
        document=entry["document"],
        scope=entry["scope"],
        quote=entry["quote"],
        answers=(*by_rule, *others),
    )


def _answer(spec: RuleSpec) -> RowAnswer:
    module, _, function = spec.measure.partition(":")
    return RowAnswer(
        title=spec.title,
        rule=spec.id,
        function=f"layoutplan.rules.measures.{module}:{function}",
        test=_EXAMPLES,
        result=spec.result,
        shows=spec.shows,
    )


def coverage_markdown() -> str:
    """Return the coverage table as one page in both languages; ``make docs`` writes it."""
    lines = [
        "# The rule book · 规则手册",
        "",
        "Every row of the founding documents' list, with what answers it. Tests hold it true.",
        "文件条目逐条对应的规则、函数、测试、结果表与展示位置，由 `make docs` 生成，并由测试保证属实。",
        "",
        _HEAD,
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in document_rows():
        head = f"| {row.number} | {row.document} | {row.quote} "
        for answer in row.answers:
            title = f"{answer.title.zh} {answer.title.en}" + (f" (`{answer.rule}`)" if answer.rule else "")
            shows = ", ".join(answer.shows)
            lines.append(
                f"{head}| {title} | `{answer.function}` | `{answer.test}` | `{answer.result}` | {shows} |"
            )
            head = "| | | "
        if not row.answers:
            lines.append(f"{head}| {'out of scope 不在范围' if row.scope == 'out' else ''} | | | | |")
    return "\n".join([*lines, *_standards_lines(), *_threshold_lines()]) + "\n"


def _standards_lines() -> list[str]:
    """Return the table of the rules that answer no row: those of the standards alone."""
    lines = [
        "",
        "## Rules of the standards alone · 仅出自标准的规则",
        "",
        "No founding document asks for them; their source stands in the profile.",
        "上述文件未提及，依据见各级标准所注来源。",
        "",
        "| answer 作答 | function 函数 | test 测试 | judged by 判定依据 |",
        "|---|---|---|---|",
    ]
    for spec in (one for one in rule_specs() if not one.rows):
        own = _answer(spec)
        judged = f"`{spec.threshold}`" if spec.threshold else _REPORTED
        cells = (
            f"{own.title.zh} {own.title.en} (`{own.rule}`)",
            f"`{own.function}`",
            f"`{_BY_GRADE}`",
            judged,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _threshold_lines() -> list[str]:
    """Return the table of the rules' thresholds and their allowed values."""
    units = {rule.key: rule.unit for name in profile_ids() for rule in load_profile(name).rules}
    lines = [
        "",
        "## What a threshold may be · 阈值的取值范围",
        "",
        "A value outside, of an override or of your own profile, is refused before anything is computed.",
        "覆盖值（`[[override]]`）或自备标准中的取值超出此范围时，不予采用并提示。",
        "",
        f"Every rule below has a case just inside and one just outside its threshold ({_CASES}).",
        f"下列规则均有达标与未达标各一的算例（{_CASES}）。",
        "",
        "| threshold 条目 | | unit 单位 | allowed 取值范围 | rules 所用规则 |",
        "|---|---|---|---|---|",
    ]
    for key in sorted({spec.threshold for spec in rule_specs() if spec.threshold}):
        name = f"{text(f'rules.{key}', 'zh')} {text(f'rules.{key}', 'en')}"
        rules = ", ".join(f"`{spec.id}`" for spec in rule_specs() if spec.threshold == key)
        limits = rule_ranges()[key].said("", "en")
        lines.append(f"| `{key}` | {name} | {units.get(key, '')} | {limits} | {rules} |")
    return lines
