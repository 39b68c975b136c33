"""Consistency checks between settings: order of years, known tables, age keys, rules in force."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

import pyproj

from layoutplan.plan.plan_faults import PlanFaults
from layoutplan.plan.settings import (
    MAX_YEARS,
    PlanSettings,
    PopulationSettings,
    SitingSettings,
    SpaceSettings,
    StageId,
    ZoningSettings,
)
from layoutplan.plan.table_checks import known_crs
from layoutplan.plan.tile_address import has_tile_places, tile_host
from layoutplan.standards import Profile

_BAND: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
_YEAR_OF_AGE: Final = re.compile(r"\d{1,3}")
_OLDEST: Final = 120
_ROUNDING: Final = 1e-6  # rounded shares may sum to slightly more than one
_EVERY_YEAR: Final = (
    "stage.ages",
    "class_size.standard",
    "class_size.cap",
    "class_size.oversized",
    "walking.service_radius",
    "walking.reach",
    "demand.participation",
)
_FOR_ALL: Final = ("stage.last_birth_month", "walking.detour_factor", "walking.speed")
_MEASURED: Final = ("stage.ages", "class_size.standard", "walking.service_radius")
"""Rules that evaluation under a compared profile needs."""
_TARGET_YEAR: Final = ("land.per_seat", "floor.per_seat", "cost.per_seat")


def check_years(plan: PlanSettings, complaints: PlanFaults) -> bool:
    """Check that the horizon is not before the base year nor too far, and that the target lies between them.

    Parameters
    ----------
    plan
        The section ``[plan]``.
    complaints
        Receives at most one fault.

    Returns
    -------
    bool
        Whether the years are consistent.
    """
    if plan.horizon_year < plan.base_year:
        where = ("plan", "horizon_year")
        complaints.add("plan_horizon_before_base", where, horizon=plan.horizon_year, base=plan.base_year)
        return False
    if len(plan.years) > MAX_YEARS:
        where = ("plan", "horizon_year")
        words = {"horizon": plan.horizon_year, "base": plan.base_year, "years": len(plan.years)}
        complaints.add("plan_too_many_years", where, most=MAX_YEARS, **words)
        return False
    if plan.target not in plan.years:
        where = ("plan", "target_year")
        complaints.add(
            "plan_target_outside",
            where,
            target=plan.target,
            base=plan.base_year,
            horizon=plan.horizon_year,
        )
        return False
    return True


def check_tiles(plan: PlanSettings, complaints: PlanFaults) -> None:
    """Check that basemap tiles come from one named host, with an attribution and a supported datum.

    Parameters
    ----------
    plan
        The section ``[plan]``; without tiles nothing is checked.
    complaints
        Receives the faults.
    """
    if not plan.tiles:
        return
    path = ("plan", "tiles")
    if tile_host(plan.tiles) is None:
        complaints.add("plan_tiles_host", path, address=plan.tiles)
    elif not has_tile_places(plan.tiles):
        complaints.add("plan_tiles_places", path, address=plan.tiles)
    if not plan.tiles_attribution.strip():
        complaints.add("plan_tiles_attribution", path)
    if plan.tiles_datum == "bd09":
        complaints.add("plan_tiles_bd09", ("plan", "tiles_datum"))


def check_stages(
    plan: PlanSettings, siting: SitingSettings, *, profile: Profile, complaints: PlanFaults
) -> tuple[str, ...]:
    """Return the planned stages, and record stages that the profile or the plan does not have.

    Parameters
    ----------
    plan, siting
        The sections ``[plan]`` and ``[siting]``.
    profile
        Profile with the plan's overrides.
    complaints
        Receives the faults.

    Returns
    -------
    tuple of str
        Youngest first; all stages of the profile in the base year if the plan names none.
    """
    known = profile.at(plan.base_year).stages
    if not known:
        words = {"profile": profile.id, "rule": "stage.ages", "stage": "-", "year": str(plan.base_year)}
        complaints.add("plan_rule_not_in_force", ("plan", "profile"), **words)
        return ()
    planned = tuple(stage for stage in known if stage in (plan.stages or known))
    for stage in planned:
        first, last = profile.at(plan.base_year).ages(stage)
        if last < first:
            complaints.add("plan_stage_no_grades", ("plan", "stages"), stage=stage, first=first, last=last)
    for stage in dict.fromkeys(plan.stages):
        if stage not in known:
            words = {"stage": stage, "profile": profile.id, "known": ", ".join(known)}
            complaints.add("plan_stage_not_in_profile", ("plan", "stages"), **words)
    _check_planned("siting", siting.stages, planned, complaints)
    return planned


def check_stage_keys(sections: Mapping[str, Any], profile: Profile, *, complaints: PlanFaults) -> None:
    """Record stages in the tables of settings (``participation = { primary = 1.0 }``) that the profile lacks.

    Parameters
    ----------
    sections
        Settings by section; ``None`` for a section with a fatal fault.
    profile
        Profile of the plan.
    complaints
        Receives the faults.
    """
    known = profile.schooling.ids
    for name, settings in sections.items():
        for key, field in type(settings).model_fields.items() if settings is not None else ():
            if get_args(field.annotation)[:1] == (StageId,) and isinstance(getattr(settings, key), dict):
                for stage in getattr(settings, key):
                    if stage not in known:
                        words = {"stage": stage, "profile": profile.id, "known": ", ".join(known)}
                        complaints.add("plan_stage_not_in_profile", (name, key, stage), **words)


def _check_planned(
    section: str, asked: Iterable[str], planned: tuple[str, ...], complaints: PlanFaults
) -> None:
    """Record stages of a section that are not planned."""
    for stage in dict.fromkeys(asked):
        if stage not in planned:
            words = {"section": section, "stage": stage, "known": ", ".join(planned)}
            complaints.add("plan_stage_not_planned", (section, "stages"), **words)


def check_zoning(
    zoning: ZoningSettings, plan: PlanSettings, stages: tuple[str, ...], *, complaints: PlanFaults
) -> None:
    """Record stages and years of ``[zoning]`` that the plan does not have.

    Parameters
    ----------
    zoning, plan
        The sections ``[zoning]`` and ``[plan]``.
    stages
        Planned stages.
    complaints
        Receives the faults.
    """
    _check_planned("zoning", zoning.stages, stages, complaints)
    years = {"years": zoning.years, "from_year": () if zoning.from_year is None else (zoning.from_year,)}
    for key, asked in years.items():
        for year in dict.fromkeys(asked):
            if year not in plan.years:
                complaints.add(
                    "plan_year_not_planned",
                    ("zoning", key),
                    year=year,
                    first=plan.base_year,
                    last=plan.horizon_year,
                )


def check_rules(
    profile: Profile,
    stages: Iterable[str],
    *,
    years: Iterable[int],
    target_year: int | None,
    complaints: PlanFaults,
) -> None:
    """Check that every rule the calculation needs is in force; the first year without it is a fault.

    Parameters
    ----------
    profile
        Profile with the plan's overrides.
    stages
        Planned stages.
    years
        School years of the plan.
    target_year
        Year of the proposals, ``None`` where none are made.
    complaints
        Receives one fault per rule and stage.
    """
    wanted = [(year, key, stage) for year in years for stage in stages for key in _EVERY_YEAR]
    wanted += [(year, key, "") for year in years for key in _FOR_ALL]
    if target_year is not None:
        wanted += [(target_year, key, stage) for stage in stages for key in _TARGET_YEAR]
    standards = {year: profile.at(year) for year in dict.fromkeys(year for year, _, _ in wanted)}
    reported = set()
    for year, key, stage in wanted:
        if (key, stage) not in reported and standards[year].find(key, stage) is None:
            reported.add((key, stage))
            words = {"profile": profile.id, "rule": key, "stage": stage or "-", "year": year}
            code = "plan_rule_for_proposals" if key in _TARGET_YEAR else "plan_rule_not_in_force"
            complaints.add(code, ("plan", "profile"), **words)


def check_compared(
    profiles: Iterable[Profile], stages: Iterable[str], *, years: Iterable[int], complaints: PlanFaults
) -> None:
    """Check that the compared profiles have the rules needed to evaluate a city with these stages.

    Parameters
    ----------
    profiles
        Profiles of ``plan.compare_profiles``.
    stages
        Planned stages.
    years
        School years that are evaluated.
    complaints
        Receives one fault per profile, for the first year that lacks rules.
    """
    asked = [(key, stage) for key in _MEASURED for stage in stages] + [(key, "") for key in _FOR_ALL]
    for profile in profiles:
        for year in dict.fromkeys(years):
            standards = profile.at(year)
            lacking = [f"{key} {stage}".strip() for key, stage in asked if standards.find(key, stage) is None]
            if lacking:
                words = {"profile": profile.id, "rules": ", ".join(lacking), "year": year}
                complaints.add("plan_compared_incomplete", ("plan", "compare_profiles"), **words)
                break


def check_space(
    space: SpaceSettings | None,
    population: PopulationSettings | None,
    *,
    complaints: PlanFaults,
) -> None:
    """Check that coordinate systems exist, and that the working CRS is projected and in metres.

    Parameters
    ----------
    space, population
        The sections ``[space]`` and ``[population]``; ``None`` for one with faults.
    complaints
        Receives the faults.
    """
    if population is not None and population.raster_crs is not None:
        known_crs(population.raster_crs, ("population", "raster_crs"), complaints)
    if space is not None and space.crs is not None:
        path = ("space", "crs")
        crs = known_crs(space.crs, path, complaints)
        if crs is not None and not _in_metres(crs):
            complaints.add("plan_crs_not_metres", path, crs=space.crs)


def _in_metres(crs: pyproj.CRS) -> bool:
    return bool(crs.is_projected) and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info[:2])


def check_ages(population: PopulationSettings, complaints: PlanFaults) -> None:
    """Check the keys of age shares and age profile, and that the shares sum to at most one.

    Parameters
    ----------
    population
        The section ``[population]``.
    complaints
        Receives the faults.
    """
    path = ("population", "age_shares")
    taken: dict[int, str] = {}
    for key in population.age_shares:
        ages = _ages(key)
        if ages is None:
            complaints.add("plan_age_key", (*path, key), age=key)
            continue
        twice = sorted({taken[age] for age in ages if age in taken})
        if twice:
            complaints.add("plan_age_twice", (*path, key), age=key, other=twice[0])
        taken |= dict.fromkeys(ages, key)
    total = sum(population.age_shares.values())
    if total > 1 + _ROUNDING:
        complaints.add("plan_age_sum", path, total=f"{total:.4g}")
    for key in population.age_profile:
        if not _YEAR_OF_AGE.fullmatch(key) or int(key) > _OLDEST:
            complaints.add("plan_age_year", ("population", "age_profile", key), age=key)


def _ages(key: str) -> range | None:
    """Return the ages of a key such as ``5`` or ``0-4``; ``None`` if it is neither."""
    match = _BAND.fullmatch(key)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return range(first, last + 1) if first <= last <= _OLDEST else None
