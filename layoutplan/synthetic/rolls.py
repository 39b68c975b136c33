"""Seats, pupils and classes of each school by stage, given the children of its catchment."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.dictionary.rolls import stage_column
from layoutplan.synthetic.arrays import Flags, whole_parts
from layoutplan.synthetic.stages import STAGE_FACTS
from layoutplan.synthetic.town import Town, random_stream
from layoutplan.synthetic.zones import CORE

_PRIVATE_SIZE: Final = 0.75
_MOST_OVER: Final = 1.13
_CROWDED_SHARE: Final = 0.1
# Oversized and crowded schools by type and stage: capacity in classes, classes in use, pupils.
_FAULTY: Final = {
    ("oversized", "primary", "primary"): (42, 46, 2_176),
    ("oversized", "nine_year", "primary"): (30, 33, 1_567),
    ("oversized", "nine_year", "junior"): (21, 22, 1_118),
    ("crowded", "junior", "junior"): (18, 18, 1_087),
}


def fill_rolls(
    schools: pd.DataFrame, *, town: Town, load: pd.DataFrame, hot: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the schools with seats, enrolment and classes by stage, and the pupils of each grade.

    Parameters
    ----------
    schools
        Placed schools with type, ownership, role and block.
    town
        The town.
    load, hot
        Index as ``schools``, one column per stage: children of the school's catchment, and the share of them
        in estates built without schools; 0 where the school has no catchment.

    Returns
    -------
    schools
        With roles, ``seats_*``, ``enrolment_*`` and ``classes_*``.
    grades
        Columns ``row`` (of schools), ``stage``, ``grade``, ``pupils``, ``classes``.
    """
    rng = random_stream(town.seed, 24)
    filled = schools.assign(role=_roles(schools, load=load, hot=hot, town=town))
    zone = town.lattice.blocks.zone[schools["block"].to_numpy()]
    grades = []
    for stage, facts in STAGE_FACTS.items():
        teaches = schools["school_type"].isin(facts.types).to_numpy()
        first, last = facts.ages
        cohorts = town.settlement.ages[:, first : last + 1].sum(axis=0).astype(np.float64)
        pupils = float(cohorts.sum()) * facts.participation
        faulty = _faulty(filled, stage=stage)
        demand = _demand(
            filled, teaches=teaches, pupils=pupils, load=load[stage].to_numpy(), faulty=faulty, rng=rng
        )
        plenty = np.where(zone == CORE, 1.12, 1.02) - 0.36 * hot[stage].to_numpy()
        design = _design(filled, stage=stage, wanted=demand * plenty, pupils=pupils, faulty=faulty)
        free = faulty[:, 2] == 0
        seats = (design * facts.seats_per_class).astype(np.float64)
        enrolment = np.where(
            free, _enrolled(demand * free, seats=seats, largest=facts.largest_school, rng=rng), faulty[:, 2]
        )
        by_grade = _grades(enrolment, stage=stage, cohorts=cohorts, set_classes=faulty[:, 1], rng=rng)
        filled[stage_column("seats", stage)] = design * facts.seats_per_class
        filled[stage_column("enrolment", stage)] = enrolment
        filled[stage_column("classes", stage)] = (
            by_grade.groupby("row")["classes"].sum().reindex(range(len(schools)), fill_value=0)
        ).to_numpy()
        grades.append(by_grade)
    return filled, pd.concat(grades, ignore_index=True)


def _roles(schools: pd.DataFrame, *, load: pd.DataFrame, hot: pd.DataFrame, town: Town) -> pd.Series[str]:
    """Assign the roles oversized (most children) and crowded (next to the new estates)."""
    role = schools["role"].to_numpy(dtype=object).copy()
    if not (role == "small").any():  # a city too small for faults
        return pd.Series(role, index=schools.index)
    public, plain = schools["ownership"] == "public", schools["role"] == ""
    primary = schools.index[public & plain & (schools["school_type"] == "primary")]
    nine = schools.index[public & (schools["school_type"] == "nine_year")]
    junior = schools.index[public & (schools["school_type"] == "junior")]
    for group in (primary, nine):
        children = load.loc[group, ["primary", "junior"]].sum(axis=1).to_numpy()
        role[group[int(np.argmax(children))]] = "oversized"
    beside = pd.Series(town.hot[schools["block"].to_numpy()], index=schools.index)
    nearness = (hot["junior"] + beside)[junior].to_numpy()
    role[junior[int(np.argmax(nearness))]] = "crowded"
    return pd.Series(role, index=schools.index)


def _faulty(schools: pd.DataFrame, *, stage: str) -> IntArray:
    """Return the fixed figures of faulty schools in a stage, shape (schools, 3); 0 for others."""
    figures = np.zeros((len(schools), 3), dtype=np.int64)
    for (role, school_type, where), values in _FAULTY.items():
        if where == stage:
            rows = (schools["role"] == role) & (schools["school_type"] == school_type)
            figures[rows.to_numpy()] = values
    if stage == "primary":  # one class per grade, and many families use schools in town
        small = np.flatnonzero((schools["role"] == "small").to_numpy())
        fewest, spread = 57, 38
        figures[small] = np.array([6, 6, 0])
        figures[small, 2] = fewest + (17 * np.arange(len(small))) % spread
    return figures


def _demand(
    schools: pd.DataFrame,
    *,
    teaches: Flags,
    pupils: float,
    load: FloatArray,
    faulty: IntArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Return the pupils of each school: fixed, private, of its catchment, or a share of the rest."""
    private = teaches & (schools["ownership"] == "private").to_numpy() & bool((load > 0).any())
    lots = np.exp(rng.normal(0.0, 0.25, len(schools)))
    usual = pupils / max(int(teaches.sum()), 1)
    demand = np.where(private, _PRIVATE_SIZE * usual * lots, faulty[:, 2].astype(np.float64))
    others = teaches & (demand == 0)
    weight = np.where(others, np.where(load > 0, load, lots * (0.0 if (load > 0).any() else 1.0)), 0.0)
    left = max(pupils - demand.sum(), 0.0)
    total: FloatArray = demand + weight / max(float(weight.sum()), 1e-9) * left
    return total


def _design(
    schools: pd.DataFrame, *, stage: str, wanted: FloatArray, pupils: float, faulty: IntArray
) -> IntArray:
    """Round each school to a standard size so that the total approaches the city's number of seats."""
    facts = STAGE_FACTS[stage]
    sizes = np.array(facts.sizes)
    small = (schools["role"] == "small").to_numpy()
    target = pupils * facts.seats_per_pupil / facts.seats_per_class
    best, best_error = np.zeros(len(wanted), dtype=np.int64), np.inf
    for factor in np.linspace(0.7, 1.4, 71):
        classes = wanted * factor / facts.seats_per_class
        chosen = sizes[np.abs(classes[:, None] - sizes).argmin(axis=1)]
        chosen = np.where(wanted > 0, np.where(small, facts.grades, chosen), 0)
        chosen = np.where(faulty[:, 0] > 0, faulty[:, 0], chosen)
        error = abs(float(chosen.sum()) - target)
        if error < best_error:
            best, best_error = chosen.astype(np.int64), error
    return best


def _enrolled(demand: FloatArray, *, seats: FloatArray, largest: float, rng: np.random.Generator) -> IntArray:
    """Assign pupils to seats: a school takes 13 % more than its seats at most, or more if the city is full.

    No school exceeds ``largest``.
    """
    if demand.sum() <= 0:
        return np.zeros(len(demand), dtype=np.int64)
    wanted = demand * np.exp(rng.normal(0.0, 0.04, len(demand)))
    wanted *= demand.sum() / wanted.sum()
    placed, room, left = wanted, np.zeros_like(wanted), 0.0
    for most in (_MOST_OVER, 1.2, 1.3, 1.6, 3.0):  # small towns may need larger excesses
        limit = np.minimum(seats * most, largest)
        placed = np.minimum(wanted, limit)
        room = np.maximum(0.97 * limit - placed, 0.0) * (demand > 0)
        left = float(wanted.sum() - placed.sum())
        if room.sum() >= left:
            break
    if room.sum() > 0:
        placed = placed + room * min(1.0, left / room.sum())
    return whole_parts(placed, total=round(float(placed.sum())))


def _grades(
    enrolment: IntArray, *, stage: str, cohorts: FloatArray, set_classes: IntArray, rng: np.random.Generator
) -> pd.DataFrame:
    """Divide each school's pupils among grades by the city's age structure, with noise, and form classes.

    Classes are of about the usual size and seldom above ``most``.
    """
    facts = STAGE_FACTS[stage]
    rows = np.flatnonzero(enrolment > 0)
    noisy = cohorts * np.exp(rng.normal(0.0, 0.045, (len(rows), facts.grades)))
    pupils = _rows_in_parts(noisy, enrolment[rows])
    most = facts.largest_class + 3.0 * (rng.random((len(rows), 1)) < _CROWDED_SHARE)
    classes = np.maximum(np.rint(pupils / facts.usual_class), np.ceil(pupils / most)).astype(np.int64)
    given = set_classes[rows] > 0
    classes[given] = _fullest_first(pupils[given], set_classes[rows][given])
    return pd.DataFrame(
        {
            "row": np.repeat(rows, facts.grades),
            "stage": stage,
            "grade": np.tile(facts.first_grade + np.arange(facts.grades), len(rows)),
            "pupils": pupils.ravel(),
            "classes": classes.ravel(),
        }
    )


def _rows_in_parts(weights: FloatArray, totals: IntArray) -> IntArray:
    """Split each row's total into integers by its weights, by largest remainder."""
    exact = weights / weights.sum(axis=1, keepdims=True) * totals[:, None]
    parts = np.floor(exact).astype(np.int64)
    missing = totals - parts.sum(axis=1)
    rank = np.argsort(np.argsort(-(exact - parts), axis=1, kind="stable"), axis=1, kind="stable")
    made: IntArray = parts + (rank < missing[:, None])
    return made


def _fullest_first(pupils: IntArray, totals: IntArray) -> IntArray:
    """Allocate each school's classes to its grades one by one, each to the grade with the largest classes."""
    classes = np.zeros_like(pupils)
    for used in range(int(totals.max(initial=0))):
        fullest = np.where(classes == 0, np.inf, pupils / np.maximum(classes, 1)) * (pupils > 0)
        classes[np.arange(len(pupils)), fullest.argmax(axis=1)] += totals > used
    return classes
