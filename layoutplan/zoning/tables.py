"""Result tables of a redraw: ``zoning_outcome``, ``zoning_changes`` and ``zoning_moves``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.balance.zoned_stage import ZonedStage
from layoutplan.layouts.layout import Layout
from layoutplan.solve import Outcome
from layoutplan.study import Study
from layoutplan.texts import Said, other_language
from layoutplan.zoning.division import Division
from layoutplan.zoning.easing import Eased
from layoutplan.zoning.lacking import Lacking
from layoutplan.zoning.problem import entry_year
from layoutplan.zoning.reasons import Change, Flow, StageFacts, message, reason

_LEAST: Final = 1e-9
_HALF_A_PUPIL: Final = 0.5


@dataclass(frozen=True)
class Redrawn:
    """One stage before and after, in the year shown.

    Attributes
    ----------
    division
        The stage divided.
    layout
        The redrawn layout.
    before, after
        The stage as zoned, in both layouts.
    year
        The year shown: the target year if it is one of those divided for, else the last of them.
    eased
        Rules which, each eased alone, would let seats suffice.
    """

    division: Division
    layout: Layout
    old: Layout
    before: ZonedStage
    after: ZonedStage
    year: int
    eased: tuple[Eased, ...] = ()

    @property
    def lacking(self) -> Lacking | None:
        """Catchments that lack most seats together, if any."""
        return max(self.division.lacking, key=lambda one: one.lacks, default=None)

    @property
    def stage(self) -> str:
        """The stage."""
        return self.division.problem.zones.stage


def outcome_row(study: Study, one: Redrawn) -> dict[str, object]:
    """Return the row of a stage in table ``zoning_outcome``.

    Parameters
    ----------
    study
        Years, language, settings.
    one
        The stage.

    Returns
    -------
    dict
        By column.
    """
    division, answer = one.division, one.division.answer
    column = study.years.index(one.year)
    at = division.problem.zones.years.index(one.year)
    moving = division.problem.moving[:, at]
    total = float(one.after.demand[:, column].sum())
    moved = float(moving[division.moved].sum())
    lacking, served = one.before.parts.shortfall, one.before.parts.schools > 0
    before, nowhere = np.where(served, lacking, 0.0), np.where(served, 0.0, lacking)
    walks = [_mean(view, column) for view in (one.before, one.after)]
    near = [
        float(view.zoned.unit_near[:, column].sum()) / max(total, _LEAST) for view in (one.before, one.after)
    ]
    fullest = (_fullest(one.before, column), _fullest(one.after, column))
    settings = study.plan.zoning
    entry = settings.movers == "entry"
    load = division.overload
    columns = division.problem.zones.columns
    facts = StageFacts(
        years=division.problem.zones.years,
        proven=answer.outcome is Outcome.OPTIMAL,
        gap=answer.gap,
        before=float(before[:, columns].sum()),
        nowhere=float(nowhere[:, columns].sum()),
        over=float(load.sum()),
        least=division.overload_bound,
        moved=moved,
        moved_share=moved / max(total, _LEAST),
        moved_units=int(division.moved.sum()),
        walk_before_m=walks[0],
        walk_m=walks[1],
        price_m=division.price_m,
        asked_m=settings.price_moved_m,
        entry_from=entry_year(study) if entry else None,
        zones=_names(one),
        lacking=one.lacking,
        eased=one.eased,
        needed=_needed(one),
        fullest=(fullest[0][0], fullest[1][0], _catchment_name(one.layout, fullest[1][1])),
    )
    said = message(facts)
    return {
        "layout": one.layout.id,
        "stage": one.stage,
        "year": one.year,
        "outcome": str(answer.outcome),
        "overload_before": float(before[:, column].sum()),
        "without_school_before": float(nowhere[:, column].sum()),
        "overload": float(load[:, at].sum()),
        "overload_bound": division.overload_bound,
        "fullest_before": fullest[0][0],
        "fullest": fullest[1][0],
        "objective": answer.cost,
        "bound": answer.bound,
        "gap": answer.gap,
        "audited": _audited(division),
        "price_moved_m": division.price_m,
        "moved": moved,
        "moved_units": facts.moved_units,
        "mean_walk_before_m": walks[0],
        "mean_walk_m": walks[1],
        "share_within_radius_before": near[0],
        "share_within_radius": near[1],
        "split_before": int((one.before.zoned.parts > 1).sum()),
        "split": int((one.after.zoned.parts > 1).sum()),
        **_both("message", said, study),
    }


def _names(one: Redrawn) -> tuple[str, ...]:
    zones = one.division.problem.zones.zones
    return () if one.lacking is None else tuple(zones[place].name for place in one.lacking.zones)


def _needed(one: Redrawn) -> tuple[tuple[str, float], ...]:
    """Return the catchments that are above their seats, and by how many pupils at most, largest first."""
    over = one.division.overload.max(axis=1)
    order = np.argsort(-over, kind="stable")
    zones = one.division.problem.zones.zones
    return tuple((zones[place].name, float(over[place])) for place in order if over[place] > _HALF_A_PUPIL)


def _catchment_name(layout: Layout, key: str) -> str:
    return str(layout.zoning.catchments.loc[key, "name"]) if key else ""


def _fullest(view: ZonedStage, column: int) -> tuple[float, str]:
    """Return pupils as a share of seats, and the catchment, where they are highest; nan without seats."""
    seats, demand = view.parts.seats[:, column], view.parts.demand[:, column]
    count = len(view.parts.catchments)
    share = np.divide(demand, seats, out=np.full(len(seats), np.nan), where=seats > 0)[:count]
    if not count or np.isnan(share).all():
        return float("nan"), ""
    place = int(np.nanargmax(share))
    return float(share[place]), str(view.parts.catchments[place])


def _audited(division: Division) -> float:
    """Recompute the objective from walks and moves, without the search."""
    problem = division.problem
    moved = division.moved
    walked = problem.weight * (division.metres + division.price_m * moved)
    return float(walked.sum() + problem.compactness(division.zone))


def change_rows(study: Study, one: Redrawn) -> list[dict[str, object]]:
    """Return the rows of a stage in table ``zoning_changes``: one a catchment, before and after.

    Parameters
    ----------
    study, one
        As for :func:`outcome_row`.

    Returns
    -------
    list of dict
        Catchments of either layout, by id; those that close have no school after.
    """
    column = study.years.index(one.year)
    flows = _flows(study, one)
    before, after = (_by_catchment(view, column) for view in (one.before, one.after))
    zones = {zone.catchment_id: zone for zone in one.division.problem.zones.zones}
    nothing = dict.fromkeys(("seats", "demand", "overload", "mean_walk_m", "parts"), 0.0)
    rows: list[dict[str, object]] = []
    if study.plan.zoning.movers == "entry":
        after = _with_those_who_stay(one, after)
    for key in sorted({*before, *after}):
        left, right = before.get(key, nothing), after.get(key, nothing)
        frame = one.layout if key in after else one.old
        name = str(frame.zoning.catchments.loc[key, "name"])
        change = Change(
            catchment=name,
            year=one.year,
            seats=right["seats"] if key in after else left["seats"],
            pupils_before=left["demand"],
            pupils=right["demand"],
            is_new=key in zones and zones[key].is_new,
            is_closing=key not in after,
        )
        gives = [flow for origin, _, flow in flows if origin == key]
        takes = [flow for _, to, flow in flows if to == key]
        said = reason(change, gives, takes)
        rows.append(
            {
                "layout": one.layout.id,
                "stage": one.stage,
                "catchment_id": key,
                "name": name,
                "year": one.year,
                "seats": change.seats,
                "pupils_before": left["demand"],
                "pupils": right["demand"],
                "overload_before": left["overload"],
                "overload": right["overload"],
                "given": sum(flow.pupils for flow in gives),
                "taken": sum(flow.pupils for flow in takes),
                "mean_walk_before_m": left["mean_walk_m"] if key in before else np.nan,
                "mean_walk_m": right["mean_walk_m"] if key in after else np.nan,
                "parts_before": int(left["parts"]),
                "parts": int(right["parts"]),
                **_both("reason", said, study),
            }
        )
    return rows


def _with_those_who_stay(one: Redrawn, after: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Return the figures after with the pupils of the year shown, of whom some stay where they were."""
    zones, at = one.division.problem.zones, one.division.problem.zones.years.index(one.year)
    load, over = one.division.load[:, at], one.division.overload[:, at]
    own = {
        zone.catchment_id: {"demand": float(load[place]), "overload": float(over[place])}
        for place, zone in enumerate(zones.zones)
    }
    return {key: {**figures, **own.get(key, {})} for key, figures in after.items()}


def move_rows(study: Study, one: Redrawn) -> list[dict[str, object]]:
    """Return the rows of a stage in table ``zoning_moves``: one a unit that changes catchment, by unit.

    Parameters
    ----------
    study, one
        As for :func:`outcome_row`.

    Returns
    -------
    list of dict
        Units that had a catchment, and those that get one for the first time.
    """
    at = one.division.problem.zones.years.index(one.year)
    pupils, walks = one.division.problem.moving[:, at], _unit_walks(study, one)
    names = study.city.units["name"].astype(str).to_numpy()
    old, new = (layout.zoning.held(one.stage).to_numpy(dtype=object) for layout in (one.old, one.layout))
    rows: list[dict[str, object]] = []
    for unit in _changed(one):
        origin = None if pd.isna(old[unit]) else str(old[unit])
        rows.append(
            {
                "layout": one.layout.id,
                "stage": one.stage,
                "unit_id": str(study.city.units.index[unit]),
                "name": names[unit],
                "from_id": origin,
                "from_name": None if origin is None else str(one.old.zoning.catchments.loc[origin, "name"]),
                "to_id": str(new[unit]),
                "to_name": str(one.layout.zoning.catchments.loc[str(new[unit]), "name"]),
                "year": one.year,
                "pupils": float(pupils[unit]),
                "walk_before_m": walks[0][unit],
                "walk_m": walks[1][unit],
            }
        )
    return rows


def _changed(one: Redrawn) -> list[int]:
    old, new = (layout.zoning.held(one.stage).fillna("") for layout in (one.old, one.layout))
    found: list[int] = np.flatnonzero((old != new).to_numpy(dtype=bool)).tolist()
    return found


def _flows(study: Study, one: Redrawn) -> list[tuple[str | None, str, Flow]]:
    """Return the units moved between each two catchments, most pupils first."""
    rows = pd.DataFrame(move_rows(study, one))
    found: list[tuple[str | None, str, Flow]] = []
    if rows.empty:
        return found
    for (origin, to), group in rows.groupby([rows["from_id"].fillna(""), "to_id"], sort=True):
        ranked = group.sort_values(["pupils", "unit_id"], ascending=[False, True])
        pupils = ranked["pupils"].to_numpy(dtype=float)
        means = [
            _weighted(ranked[name].to_numpy(dtype=float), pupils) for name in ("walk_before_m", "walk_m")
        ]
        flow = Flow(
            origin=ranked["from_name"].iloc[0] if origin else None,
            to=str(ranked["to_name"].iloc[0]),
            units=tuple(ranked["name"]),
            pupils=float(pupils.sum()),
            before_m=means[0],
            after_m=means[1],
        )
        found.append((str(origin) or None, str(to), flow))
    return sorted(found, key=lambda one_flow: -one_flow[2].pupils)


def _weighted(values: FloatArray, weight: FloatArray) -> float:
    known = ~np.isnan(values)
    if not known.any():
        return float("nan")
    whole = weight[known].sum()
    return float((values[known] * weight[known]).sum() / whole) if whole > 0 else float(values[known].mean())


def _unit_walks(study: Study, one: Redrawn) -> tuple[FloatArray, FloatArray]:
    """Return the mean walk of each unit's pupils before and after; nan where they have no school."""
    column = study.years.index(one.year)
    found = []
    for view in (one.before, one.after):
        demand = view.demand[:, column]
        whole = np.where(view.zoned.has_school[:, column], demand, 0.0)
        found.append(
            np.divide(
                view.zoned.unit_metres[:, column], whole, out=np.full_like(whole, np.nan), where=whole > 0
            )
        )
    return found[0], found[1]


def _by_catchment(view: ZonedStage, column: int) -> dict[str, dict[str, float]]:
    """Return seats, demand, overload, mean walk and parts of each catchment in one year."""
    parts, zoned = view.parts, view.zoned
    count = len(parts.catchments)
    inside = parts.unit_catchment >= 0
    group = parts.unit_catchment[inside]
    attending = np.where(zoned.has_school[inside, column], view.demand[inside, column], 0.0)
    whole = np.bincount(group, weights=attending, minlength=count)
    walked = np.bincount(group, weights=zoned.unit_metres[inside, column], minlength=count)
    mean = np.divide(walked, whole, out=np.full(count, np.nan), where=whole > 0)
    return {
        str(key): {
            "seats": float(parts.seats[place, column]),
            "demand": float(parts.demand[place, column]),
            "overload": float(parts.shortfall[place, column]),
            "mean_walk_m": float(mean[place]),
            "parts": float(zoned.parts[place]),
        }
        for place, key in enumerate(parts.catchments)
    }


def _mean(view: ZonedStage, column: int) -> float:
    whole = np.where(view.zoned.has_school[:, column], view.demand[:, column], 0.0).sum()
    return float(view.zoned.unit_metres[:, column].sum() / whole) if whole > 0 else float("nan")


def _both(column: str, said: Said, study: Study) -> dict[str, str]:
    return {column: said[study.lang], f"{column}_translated": said[other_language(study.lang)]}
