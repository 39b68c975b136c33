"""The comparison page: scenarios side by side, one offline HTML file in both languages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape

import pandas as pd

from layoutplan.outputs.pages.page import bilingual_html, both, link_to, offline_page
from layoutplan.outputs.words import compared_stage
from layoutplan.texts import LANGUAGES, Language, Said, number

_STYLE = """
th:nth-child(-n+3), td:nth-child(-n+3) { text-align: left; }
thead th { position: sticky; top: 0; }
.answer { border-left: 4px solid #1f4e79; background: #f2f6fb; padding: .5rem .8rem; }
tr.stage td { border-top: 2px solid #1f4e79; }
"""


def render_comparison(
    frame: pd.DataFrame,
    *,
    links: Mapping[str, str],
    years: Mapping[str, int],
    titles: Mapping[str, Said],
    lang: Language,
    answers: Mapping[str, Said] | None = None,
    together: str = "",
    files: Mapping[str, Collection[str]] | None = None,
) -> str:
    """Return the page.

    Parameters
    ----------
    frame
        Columns ``stage``, ``layout``, ``figure``, then one column a scenario.
    links
        For each scenario the address of its folder, relative to the page; empty for none.
    years
        For each scenario its target year.
    titles
        For each layout by its id what people call it.
    answers
        For each scenario the answer of its worst stage; none for a scenario that has none.
    together
        Address of the map that holds all scenarios; empty for none.
    lang
        Language shown first; the reader can switch.
    files
        For each scenario the names of the files in its folder; ``None`` where every run has all.

    Returns
    -------
    str
        The HTML document.
    """
    scenarios = list(frame.columns[3:])
    heads = "".join(
        f"<th scope=col>{_scenario(name, links.get(name, ''), years[name], (files or {}).get(name))}</th>"
        for name in scenarios
    )
    labels = "".join(f"<th scope=col>{both(f'report.compare.{name}')}</th>" for name in frame.columns[:3])
    rows = "\n".join(_rows(frame, titles))
    joint = f" {link_to(together, both('report.compare.together'))}" if together else ""
    body = (
        f"<h1>{both('report.compare.title')}</h1>"
        f"<p><button type=button>{both('report.compare.language')}</button>{joint}</p>"
        f"{_answers(answers or {})}"
        f"<div class=scroll><table><thead><tr>{labels}{heads}</tr></thead>"
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )
    return offline_page("report.compare.title", body, lang=lang, style=_STYLE)


def _answers(answers: Mapping[str, Said]) -> str:
    """Return a sentence for each scenario; of one alone without its name."""
    return "".join(
        f"<p class=answer>{f'<b>{_title(name)}</b> ' if len(answers) > 1 else ''}{bilingual_html(said)}</p>"
        for name, said in answers.items()
    )


def _title(name: str) -> str:
    return both("document.cover.base") if name == "base" else escape(name)


def _scenario(name: str, link: str, year: int, present: Collection[str] | None) -> str:
    head = f"{_title(name)}<br><small>{both('report.compare.target', year=year)}</small>"
    if not link:
        return head
    files = (
        ("map", "map.html"),
        ("summary", "summary.pdf"),
        ("report", "report.docx"),
        ("atlas", "atlas.pdf"),
        ("scorecard", "scorecard.html"),
        ("workbook", "workbook.xlsx"),
    )
    anchors = " · ".join(
        link_to(f"{link}/{file}", both(f"report.compare.{label}"))
        for label, file in files
        if present is None or file in present
    )
    return f"{head}<br><small>{anchors}</small>"


def _rows(frame: pd.DataFrame, titles: Mapping[str, Said]) -> list[str]:
    rows = []
    stage_before = None
    for row in frame.itertuples(index=False):
        stage, layout, figure, *values = row
        names = (
            bilingual_html({lang: compared_stage(stage, lang) for lang in LANGUAGES}),
            bilingual_html(titles[layout]),
            both(f"report.compare.values.{figure}"),
        )
        labels = "".join(f"<td>{name}</td>" for name in names)
        cells = "".join(f"<td>{cell_text(value, figure)}</td>" for value in values)
        mark = ' class="stage"' if stage != stage_before else ""
        rows.append(f"<tr{mark}>{labels}{cells}</tr>")
        stage_before = stage
    return rows


def cell_text(value: float | None, figure: str) -> str:
    """Return a figure of the comparison as text: shares in per cent, others with thousands separators.

    Parameters
    ----------
    value
        The figure.
    figure
        Its name.

    Returns
    -------
    str
        A dash where missing.
    """
    if value is None or pd.isna(value):
        return "–"
    if figure == "share_within_radius":
        return f"{value:.1%}"
    return number(float(value), "en")
