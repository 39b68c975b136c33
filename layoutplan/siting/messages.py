"""Phrase the outcome of siting: each solve, or why nothing can be proposed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from layoutplan.siting.candidates import Refusal
from layoutplan.siting.decision import Decision, Step
from layoutplan.siting.problem import Problem, SitingInputs
from layoutplan.siting.results import OutcomeRow, step_row
from layoutplan.solve import Outcome
from layoutplan.texts import Language, Said, in_both, number, text

MOST_REASONS = 3
"""Maximum number of refusals quoted if no candidate has an allowed level."""


def step_rows(
    decision: Decision, task: SitingInputs, *, unserved: float, left: float, by_cost: bool
) -> list[OutcomeRow]:
    """Return the outcome rows of the solves of a decision with proposals.

    Parameters
    ----------
    decision
        The decision.
    task
        Input of siting.
    unserved, left
        Pupils unserved without the proposals, and with all of them.
    by_cost
        Whether prices are money; otherwise they are seats.

    Returns
    -------
    list of OutcomeRow
        One row per solve.
    """
    cost = in_both(lambda lang: text(f"siting.unit.{'currency' if by_cost else 'seats'}", lang))
    return [
        step_row(
            step,
            unit=worth_unit(task) if step.name.startswith("serve") else cost,
            message=in_both(partial(_message, step, unserved=unserved, left=left)),
        )
        for step in decision.steps
    ]


def worth_unit(task: SitingInputs) -> Said:
    """Return the unit of the first step in words.

    Parameters
    ----------
    task
        Input of siting.

    Returns
    -------
    Said
        Pupils, or pupils less the minimum per proposal.
    """
    least = task.settings.min_pupils
    if least == 0:
        return in_both(lambda lang: text("siting.unit.pupils", lang))
    return in_both(lambda lang: text("siting.unit.worth", lang, pupils=number(least, lang)))


def _message(step: Step, lang: Language, *, unserved: float, left: float) -> str:
    best = "best" if step.outcome is Outcome.OPTIMAL else "not_proven"
    if not step.outcome.has_plan:
        best = "no_plan"
    return text(
        f"siting.outcome.{step.name}.{best}",
        lang,
        served=number(step.pupils, lang),
        unserved=number(unserved, lang),
        left=number(left, lang),
        bound=number(max(step.bound, 0.0), lang),
        gap=f"{step.gap:.2%}",
    )


def nothing_possible(situation: Problem, decision: Decision, task: SitingInputs) -> OutcomeRow:
    """Return the outcome row that states why nothing is proposed although pupils lack a seat.

    Parameters
    ----------
    situation
        Candidates and unserved pupils.
    decision
        A decision without choices.
    task
        Input of siting.

    Returns
    -------
    OutcomeRow
        With the reason in both languages.
    """
    unit = worth_unit(task)
    step = decision.steps[-1] if decision.steps else None
    if step is not None and not step.outcome.has_plan:
        key = "no_plan_found" if step.outcome is Outcome.NO_PLAN_FOUND else "failed"
        limit = task.settings.time_limit_s
        return step_row(
            replace(step, name="serve"),
            unit=unit,
            message=in_both(lambda lang: text(f"siting.outcome.{key}", lang, seconds=number(limit, lang))),
        )
    message = in_both(
        lambda lang: text(
            "siting.outcome.nothing_possible",
            lang,
            unserved=number(situation.unserved_total, lang),
            why=_why(situation, task, lang, solved=step is not None),
        )
    )
    bound = 0.0 if step is None else step.bound
    return OutcomeRow("serve", "NOTHING_POSSIBLE", 0.0, bound, abs(bound), unit, 0.0, message)


def _why(situation: Problem, task: SitingInputs, lang: Language, *, solved: bool) -> str:
    """Return why nothing helps: no candidate, no allowed level, out of reach, or the limits."""
    count = len(situation.candidates)
    if count == 0:
        return text("siting.why.no_candidates", lang)
    if not any(candidate.options for candidate in situation.candidates):
        refusals = [refusal for candidate in situation.candidates for refusal in candidate.refusals]
        return text("siting.why.no_size", lang, count=count, refusals=_quoted(refusals, lang))
    if not solved:
        return text("siting.why.out_of_reach", lang, count=count)
    settings = task.settings
    if settings.budget is None and settings.max_new_schools is None:
        return text("siting.why.too_small", lang, pupils=number(max(settings.min_pupils, 1), lang))
    unlimited = text("siting.why.unlimited", lang)
    return text(
        "siting.why.limits",
        lang,
        budget=unlimited if settings.budget is None else number(settings.budget, lang),
        new_schools=unlimited if settings.max_new_schools is None else str(settings.max_new_schools),
    )


def _quoted(refusals: list[Refusal], lang: Language) -> str:
    """Return the first distinct refusals in words."""
    if not refusals:
        return text("siting.rejected.no_level", lang)
    said = [
        text(f"siting.refused.{one.why}", lang, needs=number(one.needs, lang), has=number(one.has, lang))
        for one in refusals
    ]
    return text("siting.list_separator", lang).join(list(dict.fromkeys(said))[:MOST_REASONS])
