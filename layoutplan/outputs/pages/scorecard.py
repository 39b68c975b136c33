"""The scorecard page: every rule in one line, worst first, by document area; one offline HTML file."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import pandas as pd

from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.names import OtherNames
from layoutplan.outputs.pages.page import bilingual_html, both, offline_page
from layoutplan.outputs.rule_amounts import amount_text, rule_amount, rule_need, rule_threshold
from layoutplan.outputs.words import input_columns
from layoutplan.rules import RuleSpec, rule_specs, sections
from layoutplan.rules.rule_spec import RULE_STATUSES
from layoutplan.standards import Schooling, load_profile, profile_ids
from layoutplan.texts import LANGUAGES, Language, number, text

_STYLE = """
body { max-width: 1320px; }
th, td { padding: .2rem .5rem; vertical-align: top; }
td:nth-child(-n+2), th:nth-child(-n+2), td:last-child, th:last-child { text-align: left; }
p.small, td small { color: #57606a; }
tr.section th { background: #eef2f6; color: #1b1f24; text-align: left; }
.count { display: inline-block; min-width: 2.2em; padding: 0 .4em; border-radius: .6em; text-align: center; }
.missed { background: #f9d6c4; color: #7f2704; } .met { background: #cfe3f3; color: #08306b; }
.reported { background: #e6e6e6; color: #333; }
.elsewhere { background: #f3f0e8; color: #57606a; }
.no_data { background: #fff; color: #57606a; border: 1px dashed #8c959f; }
.strip { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .6rem 0 1rem; }
.strip span.name { margin-right: .4em; }
@media screen and (max-width: 760px) { .scroll table { min-width: 46rem; } }
@page { size: A3 landscape; margin: 10mm; }
@media print { body { font-size: 8.5px; margin: 0; max-width: none; } h1 { font-size: 14px; }
  th, td { padding: 1px 4px; } thead { display: table-header-group; } tr { break-inside: avoid; } }
"""


def render_scorecard(
    scorecard: pd.DataFrame,
    *,
    facts: ReportFacts,
    lang: Language,
    names: OtherNames | None = None,
    schooling: Schooling | None = None,
) -> str:
    """Return the page: every line of the scorecard but those of rules that do not apply.

    Parameters
    ----------
    scorecard
        Result table of that name.
    facts
        What the heading says of the run.
    lang
        Language shown first; the reader can switch.
    names
        The names of the run in its other language; without them both languages have the same.
    schooling
        Stages of the input columns that are named; those of the national profile if none is given.

    Returns
    -------
    str
        The HTML document.
    """
    scorecard = scorecard[scorecard["status"] != "does_not_apply"]
    for one in LANGUAGES:
        areas = scorecard["area"]
        if names is not None and one == names.lang:
            areas = areas.map(names.of, na_action="ignore")
        named = partial(input_columns, lang=one, schooling=schooling, stages=facts.stages)
        missing = scorecard["missing"].map(named, na_action="ignore")
        scorecard = scorecard.assign(**{f"area_{one}": areas, f"missing_{one}": missing})
    specs = {spec.id: spec for spec in rule_specs()}
    heads = "".join(
        f"<th scope=col>{both(f'scorecard.{name}')}</th>"
        for name in ("rule", "stage", "year", "status", "value", "threshold", "need")
    )
    body = (
        f"<h1>{both('scorecard.title')}</h1><p>{bilingual_html(_where(facts))}</p>"
        f"<p><button type=button>{both('scorecard.language')}</button></p>"
        f"<div class=strip>{''.join(_strip(scorecard))}</div>"
        f"<p class=small>{both('scorecard.how')}</p>"
        f"<div class=scroll><table><thead><tr>{heads}</tr></thead>\n"
        f"{''.join(_sections(scorecard, specs, facts))}</table></div>"
    )
    return offline_page("scorecard.title", body, lang=lang, style=_STYLE)


def _where(facts: ReportFacts) -> dict[Language, str]:
    return {
        lang: text(
            "scorecard.where",
            lang,
            city=facts.names[lang],
            scenario=facts.scenario_title or _scenario(facts.scenario, lang),
            base=facts.base_year,
            target=facts.target_year,
            profile=facts.profiles[lang],
            run=facts.run_id,
        )
        for lang in LANGUAGES
    }


def _scenario(name: str, lang: Language) -> str:
    return text("document.cover.base", lang) if name == "base" else name


def _section_name(letter: str) -> str:
    words = sections()[letter]
    return f"{letter} {bilingual_html({lang: words.of(lang) for lang in LANGUAGES})}"


def _strip(scorecard: pd.DataFrame) -> list[str]:
    """Return for each section how many lines are missed, met, reported, without data."""
    parts = []
    for letter in _worst_sections(scorecard):
        counts = scorecard.loc[scorecard["section"] == letter, "status"].value_counts()
        marks = "".join(
            f'<span class="count {status}">{int(counts[status])}</span>'
            for status in RULE_STATUSES
            if counts.get(status, 0)
        )
        parts.append(f"<div><span class=name>{_section_name(letter)}</span>{marks}</div>")
    legend = "".join(
        f'<span class="count {status}">{both(f"scorecard.statuses.{status}")}</span>'
        for status in RULE_STATUSES
        if status != "does_not_apply"
    )
    return [f"<div>{legend}</div>", *parts]


def _worst_sections(scorecard: pd.DataFrame) -> list[str]:
    """Return the sections' letters, most missed lines first, ties by letter."""
    missed = (scorecard["status"] == "missed").groupby(scorecard["section"]).sum()
    return sorted((str(letter) for letter in missed.index), key=lambda letter: (-int(missed[letter]), letter))


def _sections(scorecard: pd.DataFrame, specs: dict[str, RuleSpec], facts: ReportFacts) -> list[str]:
    parts = []
    for letter in _worst_sections(scorecard):
        lines = scorecard[scorecard["section"] == letter].to_dict("records")
        rows = "".join(_row(line, specs[str(line["rule"])], facts) for line in lines)
        head = f"<tr class=section><th colspan=7 scope=rowgroup>{_section_name(letter)}</th></tr>"
        parts.append(f"<tbody>{head}\n{rows}</tbody>\n")
    return parts


def _row(line: dict[Any, Any], spec: RuleSpec, facts: ReportFacts) -> str:
    currency = facts.currency
    title = bilingual_html({lang: spec.title.of(lang) for lang in LANGUAGES})
    status, stage = str(line["status"]), line["stage"]
    cells = (
        f"<td{_quote(line, spec)}>{title}{_detail(line)}</td>",
        f"<td>{both(f'stages.{stage}') if isinstance(stage, str) else ''}</td>",
        f"<td>{int(line['year'])}</td>",
        f'<td><span class="count {status}">{both(f"scorecard.statuses.{status}")}</span></td>',
        f"<td>{_value(line, currency)}</td>",
        f"<td>{_threshold(line, currency)}</td>",
        f"<td>{_need(line, facts)}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>\n"


def _quote(line: dict[Any, Any], spec: RuleSpec) -> str:
    """Return the words of the founding document as an attribute; none for a city they do not bind."""
    if not isinstance(line["document"], str):
        return ""
    return f' title="{escape(f"{spec.document}: {spec.quote}", quote=True)}"'


def _detail(line: dict[Any, Any]) -> str:
    """Return the small print under a rule's name: who is worst, how many miss it."""
    parts = []
    if line["area_kind"] != "city":
        words = {lang: text("scorecard.worst", lang, area=line[f"area_{lang}"]) for lang in LANGUAGES}
        parts.append(bilingual_html(words))
    if line["missed"]:
        parts.append(
            both(
                "scorecard.missed_of",
                missed=number(line["missed"], "en"),
                judged=number(line["judged"], "en"),
            )
        )
    return f"<br><small>{' · '.join(parts)}</small>" if parts else ""


def _value(line: dict[Any, Any], currency: str) -> str:
    """Return the value, and under a share its numerator and denominator."""
    shown = bilingual_html(
        {lang: rule_amount(line["value"], line["unit"], lang, currency=currency) for lang in LANGUAGES}
    )
    if not str(line["unit"]).startswith("share") or pd.isna(line["denominator"]):
        return shown
    parts = f"{amount_text(line['numerator'])} / {amount_text(line['denominator'])}"
    return f"{shown}<br><small>{parts}</small>"


def _threshold(line: dict[Any, Any], currency: str) -> str:
    if pd.isna(line["threshold"]) or not isinstance(line["direction"], str):
        return "–"
    words = {lang: rule_threshold(line, lang, currency=currency) for lang in LANGUAGES}
    due = (
        ""
        if pd.isna(line["due_year"])
        else f"<br><small>{both('scorecard.due', year=int(line['due_year']))}</small>"
    )
    return bilingual_html(words) + due + _place(line)


def _place(line: dict[Any, Any]) -> str:
    """Return whose threshold it is, under one that does not bind this city."""
    if line["status"] != "elsewhere" or line["threshold_place"] not in profile_ids():
        return ""
    of = load_profile(line["threshold_place"])
    said = {
        lang: text("scorecard.place", lang, place=of.name_zh if lang == "zh" else of.name_en)
        for lang in LANGUAGES
    }
    return f"<br><small>{bilingual_html(said)}</small>"


def _need(line: dict[Any, Any], facts: ReportFacts) -> str:
    """Return what it takes; for a rule without data, which columns to fill."""
    lacking = isinstance(line["missing"], str)
    columns = {lang: line[f"missing_{lang}"] if lacking else "" for lang in LANGUAGES}
    if line["status"] == "no_data":
        said = {lang: text("scorecard.missing", lang, columns=columns[lang]) for lang in LANGUAGES}
        return bilingual_html(said) if lacking else both("scorecard.no_rows")
    needed = bilingual_html({lang: rule_need(line, lang, currency=facts.currency) for lang in LANGUAGES})
    if not lacking:
        return needed
    blanks = {lang: text("scorecard.blanks", lang, columns=columns[lang]) for lang in LANGUAGES}
    return f"{needed}<br><small>{bilingual_html(blanks)}</small>"
