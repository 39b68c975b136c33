"""A layout with its evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from layoutplan.access import Access
from layoutplan.balance import Balance
from layoutplan.cards import Card, Carded
from layoutplan.dictionary import result_table
from layoutplan.layouts import Layout
from layoutplan.texts import Language, number, text

_FIGURES: Final = ("demand", "seats", "shortfall", "unserved")


@dataclass(frozen=True, repr=False)
class Evaluation(Carded):
    """One layout of a run with its balance and access measures; the same code evaluates every layout."""

    layout: Layout
    balance: Balance
    access: Access

    def _card(self) -> Card:
        lang, years = self.layout.lang, self.layout.seats.years
        last = years[-1]
        return Card(
            "Evaluation",
            self.layout.title[lang],
            (
                text("cards.years", lang, first=years[0], last=last),
                said_unserved([self], year=last, lang=lang),
            ),
            figure_header(lang),
            tuple(row for year in dict.fromkeys((years[0], last)) for row in figure_rows(self, year, lang)),
        )


def figure_header(lang: Language) -> tuple[str, ...]:
    """Return the headers of :func:`figure_rows`.

    Parameters
    ----------
    lang
        Language.

    Returns
    -------
    tuple of str
        Headers of the data dictionary.
    """
    headers = {column.name: column.header.of(lang) for column in result_table("city_balance").columns}
    return tuple(headers[name] for name in ("stage", "year", *_FIGURES))


def figure_rows(evaluation: Evaluation, year: int, lang: Language) -> list[tuple[str, ...]]:
    """Return the city's figures of one layout and year as text, one row per stage.

    Parameters
    ----------
    evaluation
        The layout with its balance.
    year
        A year of the plan.
    lang
        Language.

    Returns
    -------
    list of tuple of str
        Stage, year, demand, seats, shortfall and pupils without a seat within reach.
    """
    rows = evaluation.balance.city
    return [
        (
            text(f"stages.{row['stage']}", lang),
            str(year),
            *(number(float(row[name]), lang) for name in _FIGURES),
        )
        for row in rows[rows["year"] == year].to_dict("records")
    ]


def said_unserved(evaluations: Iterable[Evaluation], *, year: int, lang: Language) -> str:
    """Return how many pupils of all stages have no seat within reach, by layout.

    Parameters
    ----------
    evaluations
        Layouts with their balances.
    year
        A year of the plan.
    lang
        Language.

    Returns
    -------
    str
        One phrase.
    """
    parts = []
    for one in evaluations:
        rows = one.balance.city
        count = float(rows.loc[rows["year"] == year, "unserved"].sum())
        words = {"number": number(count, lang), "year": year, "layout": one.layout.title[lang]}
        parts.append(text("cards.no_seat", lang, **words))
    return " · ".join(parts)
