"""Reasons for a proposal: the shortage it addresses, its size, and the comparison with nearby candidates.

Every statement is computed by changing one element of the plan and recomputing the pupils served; it is then
phrased in every language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.siting.candidates import Candidate, Option, Refusal
from layoutplan.siting.decision import PUPILS_TOLERANCE, chosen_seats
from layoutplan.siting.formulation import Choice, Limits
from layoutplan.siting.shortage import Shortage
from layoutplan.texts import Language, Said, in_both, number, text

MOST_ALTERNATIVES: Final = 3
"""Maximum number of other candidates compared with a proposal, nearest first."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the catalogue, not yet phrased; ``params`` may contain other sentences."""

    key: str
    params: Mapping[str, object]

    def said(self, lang: Language) -> str:
        """Return the sentence in a language.

        Parameters
        ----------
        lang
            The language; it determines how numbers are written.

        Returns
        -------
        str
            The sentence.
        """
        written = {name: _said(value, lang) for name, value in self.params.items()}
        return text(self.key, lang, **written)


def _said(value: object, lang: Language) -> object:
    if isinstance(value, Sentence):
        return value.said(lang)
    return number(value, lang) if isinstance(value, (int, float)) else value


def _sentence(key: str, **params: object) -> Sentence:
    return Sentence(f"siting.{key}", params)


def _joined(sentences: Sequence[Sentence], between: str) -> Said:
    """Return sentences joined, in every language, by a separator of the catalogue."""
    return in_both(
        lambda lang: text(f"siting.{between}", lang).join(sentence.said(lang) for sentence in sentences)
    )


@dataclass(frozen=True)
class HotspotServed:
    """The hotspot that a proposal addresses: its name, stage and unserved pupils."""

    hotspot_id: str
    name: str
    stage: str
    short: float


@dataclass(frozen=True)
class Case:
    """The data for explanations: candidates and their places, the plan chosen and its limits.

    ``places`` are positions of the candidates in the places of :class:`~layoutplan.siting.reach.StageReach`;
    ``reach_m`` is the longest placement distance by stage, metres.
    """

    candidates: Sequence[Candidate]
    places: Sequence[int]
    shortages: Mapping[str, Shortage]
    chosen: Sequence[Choice]
    limits: Limits
    reach_m: Mapping[str, float]

    @cached_property
    def _seats(self) -> Mapping[str, FloatArray]:
        """Seats of each node with all choices, by stage."""
        return {
            stage: shortage.seats_with(chosen_seats(self.chosen, stage))
            for stage, shortage in self.shortages.items()
        }

    @cached_property
    def points(self) -> FloatArray:
        """Locations of the candidates, metres in the city's CRS, shape (candidates, 2)."""
        return np.array([(one.x, one.y) for one in self.candidates], dtype=np.float64)

    def gain_instead(self, choice: Choice, option: Option, *, candidate: int | None = None) -> float:
        """Return the change in pupils served when a choice is replaced by an option.

        Parameters
        ----------
        choice
            The choice removed from the plan.
        option
            The option added.
        candidate
            Position of the candidate of ``option``; ``None``: that of ``choice``.

        Returns
        -------
        float
            Additional pupils served; negative if fewer are served.
        """
        place = self.places[choice.candidate if candidate is None else candidate]
        gain = 0.0
        for stage, shortage in self.shortages.items():
            changes = {choice.place: -choice.option.seats.get(stage, 0.0)}
            changes[place] = changes.get(place, 0.0) + option.seats.get(stage, 0.0)
            gain += shortage.gain(self._seats[stage], changes)
        return gain


@dataclass(frozen=True)
class Figures:
    """Figures of one proposal: marginal pupils, pupils assigned, their mean walk in metres, seats before."""

    pupils: float
    assigned: float
    mean_m: float
    seats_before: float


def proposal_reason(case: Case, choice: Choice, *, figures: Figures, hotspot: HotspotServed | None) -> Said:
    """Return the reasons for a proposal.

    Parameters
    ----------
    case
        The plan and its alternatives.
    choice
        The proposal.
    figures
        Its figures.
    hotspot
        The hotspot that it addresses, if any.

    Returns
    -------
    Said
        The text in every language.
    """
    candidate, option = case.candidates[choice.candidate], choice.option
    sentences = [_hotspot_sentence(hotspot)]
    if not candidate.is_new:
        after = figures.seats_before + option.total_seats
        sentences.append(_sentence("reason.enlarged", before=figures.seats_before, after=after))
    sentences.append(_sentence("reason.served", pupils=figures.pupils))
    if figures.assigned >= PUPILS_TOLERANCE:
        sentences.append(_sentence("reason.assigned", pupils=figures.assigned, metres=figures.mean_m))
    half = 0.5
    if figures.pupils < half * option.total_seats:
        share = f"{figures.pupils / option.total_seats:.0%}"
        sentences.append(_sentence("reason.little_used", share=share))
    if candidate.is_new:
        sentences += [_smaller(case, choice), _larger(case, choice)]
    else:
        sentences.append(_sentence("level.next_only", classes=option.level))
    if option.land_m2 is not None:
        area = candidate.site_area_m2
        if area is None:
            key = "reason.land_unknown"
        else:
            key = "reason.land_fits" if option.land_m2 <= area else "reason.land_tight"
        least = option.least_land_m2 or 0.0
        sentences.append(_sentence(key, needs=option.land_m2, has=area or 0.0, least=least))
    if candidate.origin == "generated":
        sentences.append(_sentence("reason.generated"))
    return _joined(sentences, "sentence_end")


def _hotspot_sentence(hotspot: HotspotServed | None) -> Sentence:
    if hotspot is None:
        return _sentence("reason.no_hotspot")
    stage = Sentence(f"stages.{hotspot.stage}", {})
    return _sentence("reason.hotspot", hotspot=hotspot.name, short=hotspot.short, stage=stage)


def _smaller(case: Case, choice: Choice) -> Sentence:
    """State the pupils that the next smaller level would leave unserved."""
    candidate, option = case.candidates[choice.candidate], choice.option
    below = [
        one for one in candidate.options if one.school_type == option.school_type and one.level < option.level
    ]
    if not below:
        return _sentence("level.smallest", classes=option.level)
    lost = -case.gain_instead(choice, below[-1])
    key = "level.smaller_leaves" if lost >= PUPILS_TOLERANCE else "level.smaller_enough"
    return _sentence(key, classes=below[-1].level, pupils=lost)


def _larger(case: Case, choice: Choice) -> Sentence:
    """State the additional pupils of the next larger level, or the rule that forbids it."""
    candidate, option = case.candidates[choice.candidate], choice.option
    same_type = option.school_type
    above = [one for one in candidate.options if one.school_type == same_type and one.level > option.level]
    if above:
        gain = case.gain_instead(choice, above[0])
        key = "level.larger_useless" if gain < PUPILS_TOLERANCE else "level.larger_limits"
        return _sentence(key, classes=above[0].level, pupils=gain)
    refused = [one for one in candidate.refusals if one.school_type == same_type and one.level > option.level]
    if refused:
        return _sentence("level.larger_refused", classes=refused[0].level, why=why_refused(refused[0]))
    return _sentence("level.largest")


def why_refused(refusal: Refusal) -> Sentence:
    """Return the sentence that states the rule that forbids a level, with the amounts.

    Parameters
    ----------
    refusal
        The refused level.

    Returns
    -------
    Sentence
        Not yet phrased.
    """
    return _sentence(f"refused.{refusal.why}", needs=refusal.needs, has=refusal.has)


def rejected(case: Case, choice: Choice) -> Said:
    """Return why the nearest other candidates within reach were not chosen instead, with figures.

    Parameters
    ----------
    case
        The plan and its alternatives.
    choice
        The proposal.

    Returns
    -------
    Said
        The text in every language, at most :data:`MOST_ALTERNATIVES` candidates.
    """
    here = case.candidates[choice.candidate]
    reach = max(case.reach_m.get(stage, 0.0) for stage in choice.option.seats)
    away = np.hypot(*(case.points - (here.x, here.y)).T)
    proposed = {one.candidate for one in case.chosen}
    near = sorted(
        (float(away[position]), position)
        for position in np.flatnonzero(away <= reach).tolist()
        if position not in proposed and _teaches(case.candidates[position], choice)
    )
    if not near:
        return _joined([_sentence("rejected.none_near")], "list_separator")
    sentences = [
        _compare(case, choice, position=position, metres=metres)
        for metres, position in near[:MOST_ALTERNATIVES]
    ]
    return _joined(sentences, "list_separator")


def _alike(candidate: Candidate, choice: Choice) -> list[Option]:
    """Return the options of a candidate that serve a stage of the choice."""
    return [option for option in candidate.options if set(option.seats) & set(choice.option.seats)]


def _teaches(candidate: Candidate, choice: Choice) -> bool:
    """Return whether a candidate has an option, or a refused level, for a stage of the choice."""
    stages = {stage for option in candidate.options for stage in option.seats}
    types = {refusal.school_type for refusal in candidate.refusals}
    return bool(stages & set(choice.option.seats)) or choice.option.school_type in types


def _compare(case: Case, choice: Choice, *, position: int, metres: float) -> Sentence:
    """Compare another candidate in place of a choice."""
    other = case.candidates[position]
    if not _alike(other, choice):
        refused = [one for one in other.refusals if one.school_type == choice.option.school_type]
        last = next(iter(refused or other.refusals), None)
        why = _sentence("rejected.no_level") if last is None else why_refused(last)
        return _sentence("rejected.no_option", name=other.name, metres=metres, why=why)
    return _compare_options(case, choice, position=position, metres=metres)


def _compare_options(case: Case, choice: Choice, *, position: int, metres: float) -> Sentence:
    """Compare the best affordable option of another candidate: most pupils served, then cheapest."""
    other = case.candidates[position]
    spent = sum(one.price for one in case.chosen) - choice.price
    offers = sorted(
        ((_price(option, choice), option) for option in other.options), key=lambda offer: offer[0]
    )
    budget = case.limits.budget
    fitting = [offer for offer in offers if budget is None or spent + offer[0] <= budget]
    if not fitting:
        smallest = offers[0][1]
        return _sentence("rejected.over_budget", name=other.name, metres=metres, classes=smallest.level)
    gain, cost, option = _best(case, choice, fitting, position=position)
    facts = {"name": other.name, "metres": metres, "classes": option.level}
    if -gain >= PUPILS_TOLERANCE:
        return _sentence("rejected.fewer", **facts, pupils=-gain)
    if cost > choice.price:
        return _sentence("rejected.dearer", **facts, cost=cost - choice.price)
    return _sentence("rejected.equal", **facts)


def _best(
    case: Case, choice: Choice, offers: Sequence[tuple[float, Option]], *, position: int
) -> tuple[float, float, Option]:
    """Return the gain, price and option of the offer with the most pupils served, then the lowest price.

    Offers are sorted by price. More seats in every stage never serve fewer pupils; so within a school type
    the largest option gives the maximum, and bisection finds the cheapest that serves as many.
    """
    found = []
    for school_type in dict.fromkeys(option.school_type for _, option in offers):
        own = [offer for offer in offers if offer[1].school_type == school_type]
        gain = {len(own) - 1: case.gain_instead(choice, own[-1][1], candidate=position)}
        low, high = 0, len(own) - 1
        while low < high:
            half = (low + high) // 2
            gain[half] = case.gain_instead(choice, own[half][1], candidate=position)
            low, high = (low, half) if round(gain[half]) >= round(gain[len(own) - 1]) else (half + 1, high)
        found.append((gain[high], *own[high]))
    return min(found, key=lambda offer: (-round(offer[0]), offer[1]))


def _price(option: Option, choice: Choice) -> float:
    """Return an option's price in the unit of the plan: money, or seats if there are no prices."""
    in_money = choice.option.cost is not None and choice.price == choice.option.cost
    return option.cost if in_money and option.cost is not None else option.total_seats
