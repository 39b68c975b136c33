"""Write the generated pages of ``docs/`` (``make docs``); tests compare them with the code."""

from __future__ import annotations

import re
from pathlib import Path

from layoutplan.city.limits import limits_markdown
from layoutplan.texts import keys, text
from tools.docs.dictionary_pages import write_pages
from tools.docs.plan_page import settings_markdown
from tools.docs.rules_page import coverage_markdown
from tools.docs.stage_table import with_stages
from tools.docs.standards_page import standards_markdown

FOLDER = Path(__file__).parents[2] / "docs"
_CHOICE = re.compile(r"\{\w+:\|[^|]*\|([^{}|]*)\}")
"""A singular and a plural form; the page shows the plural."""


def faults_markdown() -> str:
    """Return the table of all faults in both languages as Markdown: code, problem, remedy."""
    codes = sorted({key.split(".")[1] for key in keys("faults.")})
    lines = [
        "# Faults and notes · 错误与提示",
        "",
        f"All {len(codes)} things layoutplan can say about an input, a plan or a run. Words in braces are",
        "filled in; the file, table, rows and column are printed before them. All faults of all tables come",
        "in one report, exit code 2.",
        "",
        "| code | what 问题 | remedy 处理 |",
        "| --- | --- | --- |",
    ]
    for code in codes:
        cells = [
            "<br>".join(_CHOICE.sub(r"\1", text(f"faults.{code}.{part}", lang)) for lang in ("en", "zh"))
            for part in ("what", "remedy")
        ]
        lines.append(f"| `{code}` | {_cell(cells[0])} | {_cell(cells[1])} |")
    return "\n".join(lines) + "\n"


def _cell(content: str) -> str:
    return content.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    write_pages(FOLDER)
    (FOLDER / "plan.md").write_text(settings_markdown(), encoding="utf-8", newline="\n")
    (FOLDER / "faults.md").write_text(faults_markdown(), encoding="utf-8", newline="\n")
    (FOLDER / "rules.md").write_text(coverage_markdown(), encoding="utf-8", newline="\n")
    (FOLDER / "limits.md").write_text(limits_markdown(), encoding="utf-8", newline="\n")
    (FOLDER / "standards.md").write_text(standards_markdown(), encoding="utf-8", newline="\n")
    architecture = FOLDER / "architecture.md"
    page = with_stages(architecture.read_text(encoding="utf-8"))
    architecture.write_text(page, encoding="utf-8", newline="\n")
