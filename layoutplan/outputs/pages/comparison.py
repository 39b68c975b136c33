"""The comparison page: scenarios side by side, one offline HTML file in both languages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from layoutplan.outputs.pages.page import bilingual_html, both, link_to, offline_page
from layoutplan.outputs.words import compared_stage
from layoutplan.texts import LANGUAGES, Language, Said, number

_STYLE = """
th, td { text-align: right; }
th:first-child, td:first-child, table.figures :is(th, td):nth-child(-n+3) { text-align: left; }
thead th { position: sticky; top: 0; }
.answer { border-left: 4px solid #1f4e79; background: #f2f6fb; padding: .5rem .8rem; }
tr.stage td { border-top: 2px solid #1f4e79; }
h2 { font-size: 1.1rem; margin-top: 1.6rem; }
summary { cursor: pointer; margin: .8rem 0; }
td small { color: #57606a; display: block; }
"""

_FIGURES = ' class="figures"'
"""Mark of a table whose first three columns are words."""


@dataclass(frozen=True)
class Contrast:
    """What several runs have in common and what not, beside their figures.

    Attributes
    ----------
    settings
        Column ``setting``, then one per scenario: settings that are not the same in all, as text.
    measures
        Projects proposed: ``name``, ``runs``, ``least_seats``, ``most_seats``, ``first_year``, ``last_year``,
        and in ``names`` the scenarios that propose it.
    districts
        ``stage``, ``layout``, ``district``, then one column per scenario: pupils without a seat in reach.
    """

    settings: pd.DataFrame
    measures: pd.DataFrame
    districts: pd.DataFrame


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
    contrast: Contrast | None = None,
) -> str:
    """Return the page: what each scenario says, what differs, and what is the same in all.

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
    contrast
        What differs beside the figures; ``None`` for one scenario alone.

    Returns
    -------
    str
        The HTML document.
    """
    scenarios = list(frame.columns[3:])
    heads = [_scenario(name, links.get(name, ""), years[name], (files or {}).get(name)) for name in scenarios]
    joint = f" {link_to(together, both('report.compare.together'))}" if together else ""
    figures = _Figures(frame, titles, heads)
    body = (
        f"<h1>{both('report.compare.title')}</h1>"
        f"<p><button type=button>{both('report.compare.language')}</button>{joint}</p>"
        f"{_answers(answers or {})}"
        + (figures.table(frame) if contrast is None else _contrasted(contrast, figures, titles))
    )
    return offline_page("report.compare.title", body, lang=lang, style=_STYLE)


def _contrasted(contrast: Contrast, figures: _Figures, titles: Mapping[str, Said]) -> str:
    """Return the sections of a page of several scenarios."""
    frame, scenarios = figures.frame, figures.scenarios
    equal = frame[scenarios].eq(frame[scenarios[0]], axis=0) | frame[scenarios].isna()
    same = equal.all(axis=1) & (frame[scenarios].notna().all(axis=1) | frame[scenarios].isna().all(axis=1))
    parts = [
        _section("settings", _settings(contrast.settings, scenarios)),
        _section("differing", figures.table(frame[~same]), name=scenarios[0]),
        _folded("equal", figures.table(frame[same]), count=int(same.sum())) if same.any() else "",
    ]
    if len(contrast.measures):
        parts.append(_section("measures", _measures(contrast.measures, scenarios)))
    if len(contrast.districts):
        parts.append(_folded("districts", _districts(contrast.districts, scenarios, titles)))
    return "".join(parts)


def _section(key: str, content: str, **params: object) -> str:
    return f"<section><h2>{both(f'report.compare.{key}', **params)}</h2>{content}</section>"


def _folded(key: str, content: str, **params: object) -> str:
    return f"<details><summary>{both(f'report.compare.{key}', **params)}</summary>{content}</details>"


def _table(heads: Sequence[str], rows: Sequence[str], kind: str = "") -> str:
    """Return a table that scrolls sideways; heads are HTML, rows are whole ``<tr>``."""
    said = "".join(f"<th scope=col>{head}</th>" for head in heads)
    body = "\n".join(rows)
    table = f"<table{kind}><thead><tr>{said}</tr></thead><tbody>\n{body}\n</tbody></table>"
    return f"<div class=scroll>{table}</div>"


def _row(cells: Sequence[str], mark: str = "") -> str:
    return f"<tr{mark}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _settings(settings: pd.DataFrame, scenarios: Sequence[str]) -> str:
    if settings.empty:
        return f"<p>{both('report.compare.no_settings')}</p>"
    rows = [
        _row([escape(row["setting"]), *(escape(row[name]) or "–" for name in scenarios)])
        for row in settings.to_dict("records")
    ]
    return _table([both("report.compare.setting"), *map(escape, scenarios)], rows)


def _measures(measures: pd.DataFrame, scenarios: Sequence[str]) -> str:
    labels = [both(f"report.compare.{name}") for name in ("measure", "opens", "measure_seats", "chosen")]
    rows = []
    for row in measures.to_dict("records"):
        chosen = both("report.compare.chosen_of", count=row["runs"], total=len(scenarios))
        marks = ["●" if name in row["names"] else "–" for name in scenarios]
        years = _span(row["first_year"], row["last_year"], "{:.0f}")
        seats = _span(row["least_seats"], row["most_seats"], "{:,.0f}")
        rows.append(_row([escape(row["name"]), years, seats, chosen, *marks]))
    return _table([*labels, *map(escape, scenarios)], rows)


def _span(least: float, most: float, form: str) -> str:
    """Return a range of numbers, or the one number; a dash where unknown."""
    if pd.isna(least):
        return "–"
    ends = dict.fromkeys(form.format(value) for value in (least, most))
    return "–".join(ends)


def _districts(districts: pd.DataFrame, scenarios: Sequence[str], titles: Mapping[str, Said]) -> str:
    labels = [both(f"report.compare.{name}") for name in ("stage", "layout", "district")]
    rows = [
        _row(
            [
                bilingual_html({lang: compared_stage(row["stage"], lang) for lang in LANGUAGES}),
                bilingual_html(titles[row["layout"]]),
                escape(row["district"]),
                *(cell_text(row[name], "unserved") for name in scenarios),
            ]
        )
        for row in districts.to_dict("records")
    ]
    return _table([*labels, *map(escape, scenarios)], rows, _FIGURES)


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


@dataclass(frozen=True)
class _Figures:
    """Tables of figures: stage, layout, figure, then the scenarios, with differences from the first."""

    frame: pd.DataFrame
    titles: Mapping[str, Said]
    heads: Sequence[str]

    @property
    def scenarios(self) -> list[str]:
        return list(self.frame.columns[3:])

    def table(self, rows: pd.DataFrame) -> str:
        labels = [both(f"report.compare.{name}") for name in self.frame.columns[:3]]
        return _table([*labels, *self.heads], self._rows(rows), _FIGURES)

    def _rows(self, frame: pd.DataFrame) -> list[str]:
        rows, before = [], None
        for stage, layout, figure, first, *others in frame.itertuples(index=False):
            names = [
                bilingual_html({lang: compared_stage(stage, lang) for lang in LANGUAGES}),
                bilingual_html(self.titles[layout]),
                both(f"report.compare.values.{figure}"),
            ]
            cells = [cell_text(value, figure) + _difference(value, first, figure) for value in others]
            mark = ' class="stage"' if stage != before else ""
            rows.append(_row([*names, cell_text(first, figure), *cells], mark))
            before = stage
        return rows


def _difference(value: float | None, first: float | None, figure: str) -> str:
    """Return the difference from the first scenario in small print, nothing where there is none to print."""
    if value is None or first is None or pd.isna(value) or pd.isna(first):
        return ""
    if cell_text(value, figure) == cell_text(first, figure):
        return ""
    shown = cell_text(abs(value - first), figure)
    sign = "+" if value > first else "−"
    return f"<small>{sign}{shown}</small>" if shown.strip("0.%") else ""


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
