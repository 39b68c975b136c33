"""Result tables of siting: ``proposals`` and ``siting_outcome``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from layoutplan.city.city import City
from layoutplan.dictionary import result_table
from layoutplan.siting.candidates import Candidate, Option
from layoutplan.siting.decision import Step
from layoutplan.texts import Language, Said, in_both, other_language, text


@dataclass(frozen=True)
class Finding:
    """One proposal with its figures and texts, before ranking."""

    candidate: Candidate
    option: Option
    target_year: int
    pupils_served: float
    assigned: float
    hotspot_id: str | None
    reason: Said
    rejected: Said


def proposals_table(findings: Sequence[Finding], *, city: City, lang: Language) -> gpd.GeoDataFrame:
    """Return result table ``proposals``, ranked by pupils served, then cost per pupil, then id.

    Parameters
    ----------
    findings
        The proposals.
    city
        Gives the stages, and the CRS of the coordinates.
    lang
        Language of the texts; translations are in further columns.

    Returns
    -------
    GeoDataFrame
        Points in the CRS of the city.
    """
    ranked = sorted(findings, key=_rank)
    columns = result_table("proposals", city.schooling).column_names
    stages = city.schooling.ids
    rows = [_row(finding, rank, stages, lang) for rank, finding in enumerate(ranked, start=1)]
    frame = pd.DataFrame(rows, columns=[*columns])
    for column in ("rank", "target_year", "classes"):
        frame[column] = frame[column].astype("Int64")
    for column in ("seats", *(f"seats_{stage}" for stage in stages)):
        frame[column] = frame[column].astype("float64")
    for column in ("pupils_served", "assigned", "cost", "land_m2", "site_area_m2", "needed_at_horizon"):
        frame[column] = frame[column].astype("float64")
    points = [Point(finding.candidate.x, finding.candidate.y) for finding in ranked]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, crs=city.crs), crs=city.crs)


def _rank(finding: Finding) -> tuple[float, float, str]:
    pupils = round(finding.pupils_served, 6)
    cost = finding.option.total_seats if finding.option.cost is None else finding.option.cost
    return -pupils, cost / max(pupils, 1.0), finding.candidate.school_id


def _row(finding: Finding, rank: int, stages: Sequence[str], lang: Language) -> dict[str, object]:
    candidate, option, other = finding.candidate, finding.option, other_language(lang)
    return {
        "proposal_id": f"P{rank}",
        "rank": rank,
        "action": "new" if candidate.is_new else "enlarge",
        "site_id": candidate.site_id,
        "school_id": candidate.school_id,
        "name": candidate.name,
        "school_type": option.school_type,
        "target_year": finding.target_year,
        "classes": option.classes,
        "seats": option.total_seats,
        **{f"seats_{stage}": option.seats.get(stage, 0.0) for stage in stages},
        "pupils_served": round(finding.pupils_served, 6),
        "assigned": round(finding.assigned, 6),
        "cost": option.cost,
        "land_cost": option.land_cost or None,
        "land_m2": option.land_m2 if candidate.is_new else None,
        "site_area_m2": candidate.site_area_m2,
        "hotspot_id": finding.hotspot_id,
        "reason": finding.reason[lang],
        "reason_translated": finding.reason[other],
        "rejected": finding.rejected[lang],
        "rejected_translated": finding.rejected[other],
    }


@dataclass(frozen=True)
class OutcomeRow:
    """One row of ``siting_outcome``; ``unit`` and ``message`` by language."""

    step: str
    outcome: str
    objective: float
    bound: float
    gap: float
    unit: Said
    audited: float
    message: Said


def outcome_table(rows: Sequence[OutcomeRow], *, candidates: int, lang: Language) -> pd.DataFrame:
    """Return result table ``siting_outcome``; an infinite bound is null.

    Parameters
    ----------
    rows
        Its rows.
    candidates
        Number of candidates considered.
    lang
        Language of the texts; translations are in further columns.

    Returns
    -------
    DataFrame
        One row per step.
    """
    other = other_language(lang)
    columns = result_table("siting_outcome").column_names
    frame = pd.DataFrame(
        [
            {
                "step": row.step,
                "outcome": row.outcome,
                "objective": row.objective,
                "bound": row.bound,
                "gap": row.gap,
                "unit": row.unit[lang],
                "unit_translated": row.unit[other],
                "audited": row.audited,
                "candidates": candidates,
                "message": row.message[lang],
                "message_translated": row.message[other],
            }
            for row in rows
        ],
        columns=[*columns],
    )
    for column in ("objective", "bound", "gap", "audited"):
        frame[column] = frame[column].astype("float64").replace([np.inf, -np.inf], np.nan).round(6)
    frame["candidates"] = frame["candidates"].astype("Int64")
    return frame


def answer_row(outcome: str, *, message: Said) -> OutcomeRow:
    """Return the row of an outcome that needed no solver: nothing is proposed.

    Parameters
    ----------
    outcome
        Outcome code.
    message
        The message by language.

    Returns
    -------
    OutcomeRow
        With zero figures.
    """
    unit = in_both(lambda lang: text("siting.unit.pupils", lang))
    return OutcomeRow("serve", outcome, 0.0, 0.0, 0.0, unit, 0.0, message)


def step_row(step: Step, *, unit: Said, message: Said) -> OutcomeRow:
    """Return the row of a solve.

    Parameters
    ----------
    step
        The solve.
    unit, message
        Unit of the objective and message, by language.

    Returns
    -------
    OutcomeRow
        The row.
    """
    return OutcomeRow(
        step=step.name,
        outcome=str(step.outcome),
        objective=step.objective,
        bound=step.bound,
        gap=step.gap,
        unit=unit,
        audited=step.audited,
        message=message,
    )


def walk_row(metres: float) -> OutcomeRow:
    """Return the row of the placement of all pupils, which the flow algorithm solves to optimality.

    Parameters
    ----------
    metres
        Total walking, pupil-metres.

    Returns
    -------
    OutcomeRow
        With bound equal to the objective.
    """
    unit = in_both(lambda lang: text("siting.unit.metres", lang))
    message = in_both(lambda lang: text("siting.outcome.walk", lang))
    return OutcomeRow("walk", "OPTIMAL", metres, metres, 0.0, unit, metres, message)
