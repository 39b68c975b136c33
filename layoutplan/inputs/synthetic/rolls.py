"""Seats, pupils and classes of each school, by stage, given the children of its catchment."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layoutplan.inputs.synthetic.arrays import Flags, Floats, Ints, whole_parts
from layoutplan.inputs.synthetic.stages import STAGE_FACTS
from layoutplan.inputs.synthetic.town import Town, random_stream
from layoutplan.inputs.synthetic.zones import CORE

_PRIVATE_SIZE: Final = 0.75
_MOST_OVER: Final = 1.13
# What the oversized and the crowded schools have, by school type and stage: seats in classes, classes in use, pupils.
_FAULTY: Final = {
    ("oversized", "primary", "primary"): (42, 46, 2_176),
    ("oversized", "nine_year", "primary"): (30, 33, 1_567),
    ("oversized", "nine_year", "junior"): (21, 22, 1_118),
    ("crowded", "junior", "junior"): (18, 18, 1_087),
}


def fill_rolls(schools: pd.DataFrame, *, town: Town, load: pd.DataFrame, hot: pd.DataFrame) -> pd.DataFrame:
    """Return ``schools`` with seats, enrolment and classes by stage and the roles of faulty schools.

    Parameters
    ----------
    load, hot
        Index as ``schools``, a column a stage: children of the school's catchment, and the share of them in
        estates built without schools. 0 where the school has no catchment.
    """
    rng = random_stream(town.seed, 24)
    filled = schools.assign(role=_roles(schools, load=load, hot=hot, town=town))
    zone = town.lattice.blocks.zone[schools["block"].to_numpy()]
    for stage, facts in STAGE_FACTS.items():
        teaches = schools["school_type"].isin(facts.types).to_numpy()
        first, last = facts.ages
        pupils = float(town.settlement.ages[:, first : last + 1].sum()) * facts.participation
        faulty = _faulty(filled, stage=stage)
        demand = _demand(
            filled, teaches=teaches, pupils=pupils, load=load[stage].to_numpy(), faulty=faulty, rng=rng
        )
        plenty = np.where(zone == CORE, 1.12, 1.02) - 0.36 * hot[stage].to_numpy()
        design = _design(filled, stage=stage, wanted=demand * plenty, pupils=pupils, faulty=faulty)
        free = faulty[:, 2] == 0
        enrolment = _enrolled(demand * free, seats=design * float(facts.seats_per_class), rng=rng)
        use = _classes(enrolment, design=design, stage=stage, rng=rng)
        filled[f"seats_{stage}"] = design * facts.seats_per_class
        filled[f"enrolment_{stage}"] = np.where(free, enrolment, faulty[:, 2])
        filled[f"classes_{stage}"] = np.where(free, use, faulty[:, 1])
    return filled


def _roles(schools: pd.DataFrame, *, load: pd.DataFrame, hot: pd.DataFrame, town: Town) -> pd.Series[str]:
    """Name the oversized schools, those with the largest loads, and the crowded one, nearest the new estates."""
    role = schools["role"].copy()
    if not (role == "small").any():  # a city too small for faults
        return role
    public, plain = schools["ownership"] == "public", role == ""
    primary = schools.index[public & plain & (schools["school_type"] == "primary")]
    nine = schools.index[public & (schools["school_type"] == "nine_year")]
    junior = schools.index[public & (schools["school_type"] == "junior")]
    for group in (primary, nine):
        role[load.loc[group, ["primary", "junior"]].sum(axis=1).idxmax()] = "oversized"
    beside = pd.Series(town.hot[schools["block"].to_numpy()], index=schools.index)
    role[(hot["junior"] + beside)[junior].idxmax()] = "crowded"
    return role


def _faulty(schools: pd.DataFrame, *, stage: str) -> Ints:
    """Return the set figures of faulty schools in a stage, shape (schools, 3); zeros for the others."""
    figures = np.zeros((len(schools), 3), dtype=np.int64)
    for (role, school_type, where), values in _FAULTY.items():
        if where == stage:
            rows = (schools["role"] == role) & (schools["school_type"] == school_type)
            figures[rows.to_numpy()] = values
    return figures


def _demand(
    schools: pd.DataFrame,
    *,
    teaches: Flags,
    pupils: float,
    load: Floats,
    faulty: Ints,
    rng: np.random.Generator,
) -> Floats:
    """Return the pupils who come to each school: set ones, private ones, and of its catchment or its share."""
    private = teaches & (schools["ownership"] == "private").to_numpy() & bool((load > 0).any())
    lots = np.exp(rng.normal(0.0, 0.25, len(schools)))
    usual = pupils / max(int(teaches.sum()), 1)
    demand = np.where(private, _PRIVATE_SIZE * usual * lots, faulty[:, 2].astype(np.float64))
    others = teaches & (demand == 0)
    weight = np.where(others, np.where(load > 0, load, lots * (0.0 if (load > 0).any() else 1.0)), 0.0)
    left = max(pupils - demand.sum(), 0.0)
    return demand + weight / max(weight.sum(), 1e-9) * left


def _design(schools: pd.DataFrame, *, stage: str, wanted: Floats, pupils: float, faulty: Ints) -> Ints:
    """Round each school to a size of the list so that all seats come nearest to what the city has."""
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


def _enrolled(demand: Floats, *, seats: Floats, rng: np.random.Generator) -> Ints:
    """Seat the pupils: a school takes at most 13 % above its seats, the rest go where there is room."""
    if demand.sum() <= 0:
        return np.zeros(len(demand), dtype=np.int64)
    wanted = demand * np.exp(rng.normal(0.0, 0.04, len(demand)))
    wanted *= demand.sum() / wanted.sum()
    placed, room, left = wanted, np.zeros_like(wanted), 0.0
    for most in (_MOST_OVER, 1.2, 1.3, 1.6, 3.0):  # in a tiny town everyone must fit somewhere
        placed = np.minimum(wanted, seats * most)
        room = np.maximum(seats * (most - 0.04) - placed, 0.0) * (demand > 0)
        left = float(wanted.sum() - placed.sum())
        if room.sum() >= left:
            break
    if room.sum() > 0:
        placed = placed + room * min(1.0, left / room.sum())
    return whole_parts(placed, total=round(float(placed.sum())))


def _classes(enrolment: Ints, *, design: Ints, stage: str, rng: np.random.Generator) -> Ints:
    """Return classes in use: about the usual class size, a few rooms more than designed at most."""
    facts = STAGE_FACTS[stage]
    size = facts.usual_class * np.exp(rng.normal(0.0, 0.035, len(enrolment)))
    use = np.rint(enrolment / size).astype(np.int64)
    most = np.maximum(np.ceil(design * 1.09).astype(np.int64), facts.grades)
    return np.where(enrolment > 0, np.clip(use, np.minimum(facts.grades, enrolment), most), 0)
