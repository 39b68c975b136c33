"""The page of a back-test: verdict, charts by year, errors, weights, worst schools; one offline file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

import pandas as pd

from layoutplan.enrolment import METHODS, Backtest
from layoutplan.errors import Fault
from layoutplan.outputs.pages.page import bilingual_html, both, offline_page
from layoutplan.outputs.pages.past_chart import CHART_STYLE, chart_key, past_chart, weight_bar
from layoutplan.texts import LANGUAGES, Language, Said, number, text

_STYLE: Final = """
body { max-width: 1080px; }
h2 { margin: 2.2rem 0 .4rem; font-size: 1.2rem; border-top: 2px solid #1f4e79; padding-top: .8rem; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1rem; }
p.verdict { font-size: 1.08rem; }
p.small, small { color: #57606a; }
th, td { padding: .2rem .6rem; }
td.word, th.word { text-align: left; }
tr.forecast td { font-weight: 600; }
li.warning { color: #7f2704; }
details { margin: .4rem 0; }
@media screen and (max-width: 760px) { .scroll table { min-width: 40rem; } }
@media print { details, tr, figure { break-inside: avoid; } body { font-size: 10px; } }
"""


def render_backtest(tested: Backtest, *, names: Mapping[str, str], title: str, lang: Language) -> str:
    """Return the page; it holds both languages and loads nothing.

    Parameters
    ----------
    tested
        The back-test.
    names
        Names of schools by id, where they are known; else the id is shown.
    title
        Name of the plan, shown as it is.
    lang
        Language shown first; the reader can switch.

    Returns
    -------
    str
        The HTML document.
    """
    stages = list(dict.fromkeys(tested.table["stage"]))
    body = (
        f"<h1>{both('backtest.title')}</h1><p>{escape(title)}</p>"
        f"<p><button type=button>{both('backtest.language')}</button></p>"
        f"<p class=small>{both('backtest.how')}</p>"
        f"{''.join(_stage(tested, stage) for stage in stages)}"
        f"{_worst(tested.worst(), names)}{_notes(tested.notes)}"
    )
    return offline_page("backtest.title", body, lang=lang, style=f"{_STYLE}{CHART_STYLE}")


def verdict_words(tested: Backtest, stage: str) -> Said:
    """Return the back-test of a stage in a sentence or two, in both languages.

    Parameters
    ----------
    tested
        The back-test.
    stage
        Id of the stage.

    Returns
    -------
    Said
        Text by language.
    """
    found = tested.verdict(stage)
    return {
        lang: text(
            "cli.backtest.verdict",
            lang,
            stage=text(f"stages.{stage}", lang),
            horizon=found.horizon,
            ours=share_text(found.ours, ".1%"),
            cohort=share_text(found.cohort, ".1%"),
            last=share_text(found.last, ".1%"),
            inside=found.inside,
            targets=found.targets,
            member=text(f"cli.member.{found.member}", lang),
            weight=share_text(found.weight, ".0%"),
        )
        for lang in LANGUAGES
    }


def share_text(value: float, sign: str) -> str:
    """Return a share as text in the given format; a dash where missing.

    Parameters
    ----------
    value
        The share.
    sign
        Format, as ``.1%``.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> share_text(0.0412, ".1%"), share_text(float("nan"), ".1%")
    ('4.1%', '–')
    """
    return "–" if math.isnan(value) else f"{value:{sign}}"


def _stage(tested: Backtest, stage: str) -> str:
    """Return the section of a stage."""
    rows, ahead = tested.chart(stage), tested.verdict(stage).horizon
    charts = "".join(
        f"<figure><figcaption>{both('backtest.ahead', years=horizon)}</figcaption>"
        f"{past_chart(part.to_dict('records'))}</figure>"
        for horizon, part in rows.groupby("horizon")
    )
    at = rows[rows["horizon"] == ahead]
    return (
        f"<section><h2>{both(f'stages.{stage}')}</h2>"
        f"<p class=verdict>{bilingual_html(verdict_words(tested, stage))}</p>"
        f"<h3>{both('backtest.by_year')}</h3>{chart_key()}<div class=charts>{charts}</div>"
        f"<details open><summary>{both('backtest.years_table', years=ahead)}</summary>"
        f"{_years(at, ahead)}</details>"
        f"<h3>{both('backtest.errors')}</h3>{_errors(tested.table, stage)}"
        f"<h3>{both('backtest.weights')}</h3>{_weights(tested.weights, stage, ahead)}</section>\n"
    )


def _table(heads: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], *, words: Sequence[int]) -> str:
    """Return a table; ``rows`` are a class and cells of HTML, ``words`` the columns that hold words."""

    def mark(column: int) -> str:
        return " class=word" if column in words else ""

    top = "".join(f"<th scope=col{mark(at)}>{head}</th>" for at, head in enumerate(heads))
    body = "".join(
        f"<tr class={kind or 'row'}>{''.join(f'<td{mark(at)}>{cell}</td>' for at, cell in enumerate(cells))}"
        "</tr>\n"
        for kind, cells in rows
    )
    return f"<div class=scroll><table><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table></div>"


def _years(rows: pd.DataFrame, ahead: int) -> str:
    """Return a row for each year forecast: what was forecast, and what came."""
    heads = [both(f"cli.backtest.{name}") for name in ("from", "forecast", "band", "actual", "off")]
    heads += [both(f"backtest.method.{method}") for method in METHODS[1:]]
    lines = []
    for row in rows.to_dict("records"):
        actual = row["actual"]
        lines.append(
            (
                "" if row["p10"] <= actual <= row["p90"] else "outside",
                [
                    f"{row['year'] - ahead} → {row['year']}",
                    _count(row["forecast"]),
                    f"{_count(row['p10'])}–{_count(row['p90'])}",
                    _count(actual),
                    *(share_text(row[method] / actual - 1.0, "+.1%") for method in METHODS),
                ],
            )
        )
    return _table(heads, lines, words=[0])


def _errors(table: pd.DataFrame, stage: str) -> str:
    """Return a row for each number of years ahead and each method."""
    heads = [both(f"backtest.{name}") for name in ("horizon", "method_head", "district", "bias", "inside")]
    heads += [both(f"backtest.{name}") for name in ("schools", "schools_inside")]
    own = table[table["stage"] == stage]
    by = {(row["level"], row["horizon"], row["method"]): row for row in own.to_dict("records")}
    lines = []
    for row in own[own["level"] == "district"].to_dict("records"):
        schools = by.get(("places", row["horizon"], row["method"]))
        lines.append(
            (
                str(row["method"]),
                [
                    str(row["horizon"]),
                    both(f"backtest.method.{row['method']}"),
                    share_text(row["mape"], ".1%"),
                    share_text(row["bias"], "+.1%"),
                    _inside(row),
                    "–" if schools is None else share_text(float(schools["weighted_mape"]), ".1%"),
                    "–" if schools is None else share_text(float(schools["coverage"]), ".0%"),
                ],
            )
        )
    return _table(heads, lines, words=[1])


def _inside(row: Mapping[Any, Any]) -> str:
    """Return how many outcomes of the district lay in the band."""
    if math.isnan(row["coverage"]):
        return "–"
    inside = round(row["coverage"] * row["targets"])
    return both("backtest.of", inside=inside, targets=int(row["targets"]))


def _weights(weights: pd.DataFrame, stage: str, ahead: int) -> str:
    """Return the mean weight of each method by years ahead, that of the verdict first in order."""
    shares = weights[weights["stage"] == stage].pivot_table(
        index="member", columns="horizon", values="weight", sort=False
    )
    shares = shares.loc[shares[ahead].sort_values(ascending=False, kind="stable").index]
    heads = [both("backtest.method_head"), *(both("backtest.ahead", years=years) for years in shares.columns)]
    lines = [
        (
            "",
            [
                both(f"cli.member.{member}"),
                *(f"{weight_bar(value)} {share_text(value, '.0%')}" for value in row),
            ],
        )
        for member, row in zip(shares.index, shares.to_numpy(), strict=True)
    ]
    return _table(heads, lines, words=[0])


def _worst(worst: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return the schools furthest off with the likely reason; nothing where no school was forecast."""
    if worst.empty:
        return ""
    heads = [both(f"cli.backtest.{name}") for name in ("school", "stage", "actual", "mean_off", "bias")]
    lines = [
        (
            "",
            [
                escape(names.get(row["place_id"], row["place_id"])),
                both(f"stages.{row['stage']}"),
                _count(row["actual"]),
                _count(row["off"]),
                share_text(row["bias"], "+.0%"),
                both(f"cli.backtest.reasons.{row['reason']}"),
            ],
        )
        for row in worst.to_dict("records")
    ]
    table = _table([*heads, both("cli.backtest.reason")], lines, words=[0, 1, 5])
    return f"<section><h2>{both('cli.backtest.worst')}</h2>{table}</section>\n"


def _notes(notes: Sequence[Fault]) -> str:
    """Return what was repaired or assumed, each once, with the remedy of warnings."""
    lines = []
    for note in notes:
        said = {
            lang: " ".join(
                part
                for part in (
                    f"{note.place(lang)}:" if note.place(lang) else "",
                    note.what(lang),
                    note.remedy(lang) if note.severity == "warning" else "",
                )
                if part
            )
            for lang in LANGUAGES
        }
        lines.append(f"<li class={note.severity}>{bilingual_html(said)}</li>\n")
    if not lines:
        return ""
    return f"<section><h2>{both('backtest.notes')}</h2><ul>{''.join(dict.fromkeys(lines))}</ul></section>\n"


def _count(value: float) -> str:
    return number(value, "en")
