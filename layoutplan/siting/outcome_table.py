"""Result table ``siting_outcome``: how sure the plan is, step by step."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.dictionary import result_table
from layoutplan.siting.measures import BuildingPlan
from layoutplan.solve import Outcome
from layoutplan.solve.expansion import ExpansionStep
from layoutplan.texts import Language, Said, has_text, in_both, money, number, other_language, text

_PROVEN_GAP: Final = 1e-4
"""Greatest gap at which a step is called optimal: what the solver's own tolerances leave."""


def outcome_table(plan: BuildingPlan) -> pd.DataFrame:
    """Return result table ``siting_outcome``; an infinite bound is null.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    DataFrame
        One row per step; where nothing is done, one row that says so.
    """
    rows = [_row(plan, step) for step in plan.found.steps] if plan.measures else [_nothing(plan)]
    for row in rows:
        row["candidates"] = len(plan.model.sites)
    frame = pd.DataFrame(rows, columns=[*result_table("siting_outcome").column_names])
    for column in ("objective", "bound", "gap", "audited"):
        frame[column] = frame[column].astype("float64").replace([np.inf, -np.inf], np.nan).round(6)
    frame["candidates"] = frame["candidates"].astype("Int64")
    return frame


def _nothing(plan: BuildingPlan) -> dict[str, object]:
    """Return the row of a plan that does nothing: every pupil has a seat, or nothing can help."""
    left = float(plan.found.figures.unserved.sum())
    outcome = "NOTHING_NEEDED" if left < 1.0 else "NOTHING_POSSIBLE"
    step = plan.found.steps[0]
    return {
        "step": "serve",
        "outcome": outcome,
        "objective": left,
        "bound": step.bound,
        "gap": step.gap,
        "audited": left,
        **_columns(plan, "unit", in_both(lambda lang: text("siting.unit.pupil_years", lang))),
        **_columns(
            plan,
            "message",
            in_both(
                lambda lang: text(f"siting.outcome.{outcome.lower()}", lang, unserved=number(left, lang))
            ),
        ),
    }


def _columns(plan: BuildingPlan, name: str, said: Said) -> dict[str, object]:
    """Return a text and its translation as columns."""
    lang = plan.model.places.study.lang
    return {name: said[lang], f"{name}_translated": said[other_language(lang)]}


def _row(plan: BuildingPlan, step: ExpansionStep) -> dict[str, object]:
    return {
        "step": step.name,
        "outcome": str(Outcome.OPTIMAL if _is_proven(step) else Outcome.FEASIBLE),
        "objective": step.value,
        "bound": step.bound,
        "gap": step.gap,
        "audited": step.audited,
        **_columns(plan, "unit", _unit(plan, step.name)),
        **_columns(plan, "message", in_both(lambda lang: _message(plan, step, lang))),
    }


def _is_proven(step: ExpansionStep) -> bool:
    """Return whether nothing better exists.

    The solver calls a step ``OPTIMAL`` within the gap that the plan asks for, which is why it stops; a reader
    takes the word to mean that nothing is better, so the table uses it for what is proven to 0.01 % alone.
    """
    return step.outcome is Outcome.OPTIMAL and step.gap <= _PROVEN_GAP


def _unit(plan: BuildingPlan, step: str) -> Said:
    if step == "serve":
        return in_both(lambda lang: text("siting.unit.pupil_years", lang))
    if not plan.model.by_cost:
        return in_both(lambda lang: text("siting.unit.seats", lang))
    code = plan.model.places.study.profile.currency
    named = f"document.currency.{code}"
    return in_both(
        lambda lang: text(
            "siting.unit.currency", lang, currency=text(named, lang) if has_text(named) else code
        )
    )


def _message(plan: BuildingPlan, step: ExpansionStep, lang: Language) -> str:
    proven = "best" if _is_proven(step) else "not_proven"
    bound = max(step.bound, 0.0) if np.isfinite(step.bound) else 0.0
    return text(
        f"siting.outcome.{step.name}.{proven}",
        lang,
        left=number(float(plan.found.figures.unserved.sum()), lang),
        bound=_amount(plan, bound, lang),
        within=number(math.ceil(max(step.value - bound, 0.0)), lang),
        gap=f"{step.gap:.2%}" if np.isfinite(step.gap) else "100 %",
        pupils=number(plan.model.places.study.plan.siting.min_pupils, lang),
    )


def _amount(plan: BuildingPlan, value: float, lang: Language) -> str:
    """Return an amount of the cost step: money, or seats where the profile prices none."""
    if plan.model.by_cost:
        return money(value, plan.model.places.study.profile.currency, lang)
    return number(value, lang)
