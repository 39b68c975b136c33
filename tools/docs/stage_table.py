"""The table of stages in ``docs/architecture.md``, from the stages that a run declares."""

from __future__ import annotations

import re

from layoutplan.runs.stages import RUN_STAGES

_TABLE = re.compile(r"(?<=<!-- stages -->\n).*?(?=<!-- /stages -->)", re.DOTALL)


def stages_markdown() -> str:
    """Return the table of stages in order: what each reads and what it gives."""
    lines = ["| stage | reads | gives |", "| --- | --- | --- |"]
    lines += [f"| {stage.name} | {_names(stage.reads)} | {_names(stage.gives)} |" for stage in RUN_STAGES]
    return "\n" + "\n".join(lines) + "\n\n"


def with_stages(page: str) -> str:
    """Return a page with the table of stages between its two marks.

    Parameters
    ----------
    page
        Markdown with ``<!-- stages -->`` and ``<!-- /stages -->``, each on a line of its own.

    Returns
    -------
    str
        The page; unchanged where its table is current.
    """
    return _TABLE.sub(lambda _found: stages_markdown(), page)


def _names(values: tuple[str, ...]) -> str:
    return ", ".join(f"`{value}`" for value in values)
