"""The comparison page: scenarios side by side, one offline HTML file in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd

from layoutplan.texts import Language, number, text

_STYLE = """
body { font: 15px/1.5 system-ui, "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif;
  margin: 2rem auto; max-width: 1200px; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.4rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid #d8dee4; text-align: right; }
th:nth-child(-n+3), td:nth-child(-n+3) { text-align: left; }
thead th { position: sticky; top: 0; background: #1f4e79; color: #fff; }
tr.stage td { border-top: 2px solid #1f4e79; }
a { color: #0b5cad; } thead a { color: #fff; }
button { font: inherit; padding: .3rem .8rem; }
html[lang=zh] [data-in=en], html[lang=en] [data-in=zh] { display: none; }
.scroll { overflow-x: auto; }
@media print { button { display: none; } }
"""
_SCRIPT = (
    "document.querySelector('button').onclick=()=>{const h=document.documentElement;"
    "h.lang=h.lang==='zh'?'en':'zh'}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def render_comparison(
    frame: pd.DataFrame,
    *,
    links: Mapping[str, str],
    years: Mapping[str, int],
    lang: Language,
    together: str = "",
) -> str:
    """Return the page.

    Parameters
    ----------
    frame
        Columns ``stage``, ``variant``, ``figure``, then one column a scenario.
    links
        For each scenario the address of its folder, relative to the page; empty for none.
    years
        For each scenario its target year.
    together
        Address of the map that holds all scenarios; empty for none.
    lang
        Language shown first; the reader can switch.
    """
    scenarios = list(frame.columns[3:])
    heads = "".join(
        f"<th scope=col>{_scenario(name, links.get(name, ''), years[name])}</th>" for name in scenarios
    )
    labels = "".join(f"<th scope=col>{_both(f'report.compare.{name}')}</th>" for name in frame.columns[:3])
    rows = "\n".join(_rows(frame))
    title = _both("report.compare.title")
    joint = (
        f' <a href="{escape(together, quote=True)}">{_both("report.compare.together")}</a>'
        if together
        else ""
    )
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(text('report.compare.title', lang))}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{title}</h1><p><button type=button>{_both('report.compare.language')}</button>{joint}</p>"
        f"<div class=scroll><table><thead><tr>{labels}{heads}</tr></thead>"
        f"<tbody>\n{rows}\n</tbody></table></div>"
        f"<script>{_SCRIPT}</script></body></html>\n"
    )


def _both(key: str, **params: object) -> str:
    """Return a text in both languages; the page shows one of them."""
    return "".join(
        f'<span data-in="{lang}" lang="{lang}">{escape(text(key, lang, **params))}</span>'
        for lang in ("zh", "en")
    )


def _scenario(name: str, link: str, year: int) -> str:
    head = f"{escape(name)}<br><small>{_both('report.compare.target', year=year)}</small>"
    if not link:
        return head
    files = (
        ("map", "map.html"),
        ("report", "report.docx"),
        ("atlas", "atlas.pdf"),
        ("workbook", "workbook.xlsx"),
    )
    anchors = " · ".join(
        f'<a href="{escape(f"{link}/{file}", quote=True)}">{_both(f"report.compare.{label}")}</a>'
        for label, file in files
    )
    return f"{head}<br><small>{anchors}</small>"


def _rows(frame: pd.DataFrame) -> list[str]:
    rows = []
    stage_before = None
    for row in frame.itertuples(index=False):
        stage, variant, figure, *values = row
        labels = "".join(
            f"<td>{_both(f'report.compare.values.{name}')}</td>" for name in (stage, variant, figure)
        )
        cells = "".join(f"<td>{figure_text(value, figure)}</td>" for value in values)
        mark = ' class="stage"' if stage != stage_before else ""
        rows.append(f"<tr{mark}>{labels}{cells}</tr>")
        stage_before = stage
    return rows


def figure_text(value: float | None, figure: str) -> str:
    """Write a figure of the comparison: shares in per cent, others with thousands separated, – for none."""
    if value is None or pd.isna(value):
        return "–"
    if figure == "share_within_radius":
        return f"{value:.1%}"
    return number(float(value), "en")
