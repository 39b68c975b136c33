"""Read and check the settings of the plan or of one scenario from its layers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layoutplan.dictionary import input_tables
from layoutplan.errors import InputError
from layoutplan.plan.checks import (
    check_ages,
    check_compared,
    check_rules,
    check_space,
    check_stage_keys,
    check_stages,
    check_tiles,
    check_years,
    check_zoning,
)
from layoutplan.plan.layers import Layer, Origins, merge
from layoutplan.plan.plan_faults import PlanFaults
from layoutplan.plan.sections import read_section, written
from layoutplan.plan.settings import SECTIONS, Override, PlanSettings, Settings, SitingSettings, TableSettings
from layoutplan.plan.systems import of_systems
from layoutplan.plan.table_checks import check_tables
from layoutplan.standards import Profile, load_profile, read_profile, with_overrides
from layoutplan.standards.toml_file import KeyPath

_FIRST_YEAR, _LAST_YEAR = 1950, 2200


@dataclass(frozen=True)
class Draft:
    """The settings of the plan or of one scenario, as far as they could be read.

    A section with a fatal fault is ``None``, as is a profile that could not be loaded.
    """

    sections: dict[str, Any]
    tables: dict[str, TableSettings]
    overrides: tuple[Override, ...]
    origins: Origins
    profile: Profile | None
    stages: tuple[str, ...]
    compared: tuple[Profile, ...] = ()


def read_draft(
    layers: Sequence[Layer], folder: Path, *, complaints: PlanFaults, needs: Collection[str] | None = None
) -> Draft:
    """Merge the layers, read every section and check the settings against each other.

    Parameters
    ----------
    layers
        Layers in the order of application.
    folder
        Folder of the plan, for profile files.
    complaints
        Receives every fault.
    needs
        Tables that must be named; ``None``: those that the dictionary requires.

    Returns
    -------
    Draft
        Complete if no fault was recorded.
    """
    merged, origins = merge(layers)
    complaints = complaints.about(origins)
    sections: dict[str, Any] = {
        name: read_section(model, merged.get(name, {}), path=(name,), complaints=complaints)
        for name, model in SECTIONS.items()
    }
    tables = _read_tables(merged.get("tables", {}), complaints)
    overrides = _read_overrides(merged.get("override", []), complaints)
    profile = _profile(_profile_name(merged), folder, complaints=complaints)
    check_sections(sections, tables, profile, complaints=complaints, needs=needs)
    profile = _overridden(profile, overrides, complaints)
    if profile is not None:
        sections = {name: of_systems(one, profile.schooling) for name, one in sections.items()}
    stages: tuple[str, ...] = ()
    plan: PlanSettings | None = sections["plan"]
    if plan is not None and check_years(plan, complaints) and profile is not None:
        stages = _stages(plan, sections["siting"], profile=profile, complaints=complaints)
    if profile is not None:
        check_stage_keys(sections, profile, complaints=complaints)
    compared = _compared(plan.compare_profiles if plan else (), folder, complaints=complaints)
    if plan is not None and stages and sections["zoning"] is not None:
        check_zoning(sections["zoning"], plan, stages, complaints=complaints)
    if plan is not None and stages:
        check_compared(compared, stages, years=(plan.base_year, plan.target), complaints=complaints)
    return Draft(sections, tables or {}, tuple(overrides.values()), origins, profile, stages, compared)


def check_sections(
    sections: Mapping[str, Any],
    tables: Mapping[str, TableSettings] | None,
    profile: Profile | None,
    *,
    complaints: PlanFaults,
    needs: Collection[str] | None = None,
) -> None:
    """Check settings against each other, rules of the profile excepted.

    Parameters
    ----------
    sections
        Settings by section; ``None`` for a section with a fatal fault.
    tables
        Settings of each table; ``None`` if they could not be read.
    profile
        Profile, for the stages of the columns; ``None`` if it could not be loaded.
    complaints
        Receives the faults.
    needs
        As in :func:`read_draft`.
    """
    if tables is not None:
        schooling = None if profile is None else profile.schooling
        check_tables(tables, schooling, complaints, needs=needs)
    check_space(sections["space"], sections["population"], complaints=complaints)
    if sections["population"] is not None:
        check_ages(sections["population"], complaints)
    if sections["plan"] is not None:
        check_tiles(sections["plan"], complaints)


def recheck(
    sections: Mapping[str, object],
    tables: Mapping[str, object],
    overrides: Sequence[object],
    *,
    complaints: PlanFaults,
) -> bool:
    """Check values that did not come from a file: types, choices and ranges, as those of a file.

    Parameters
    ----------
    sections
        Sections by name.
    tables
        Settings by table.
    overrides
        Entries of ``[[override]]``.
    complaints
        Receives the faults.

    Returns
    -------
    bool
        Whether every value is sound.
    """
    before = len(complaints.log)
    models: dict[KeyPath, tuple[type[Settings], object]] = {
        (name,): (model, sections[name]) for name, model in SECTIONS.items()
    }
    models |= {("tables", name): (TableSettings, table) for name, table in tables.items()}
    models |= {("override", place): (Override, one) for place, one in enumerate(overrides)}
    known = input_tables()
    for name in tables:
        if name not in known:
            complaints.unknown("plan_table_unknown", ("tables", name), known)
    for path, (model, value) in models.items():
        if not isinstance(value, model):
            words = {"wanted": model.__name__, "given": type(value).__name__}
            complaints.add("plan_section_type", path, **words)
            continue
        read_section(model, written(value), path=path, complaints=complaints)
    return len(complaints.log) == before


def check_stages_and_years(
    plan: PlanSettings,
    siting: SitingSettings,
    stages: Sequence[str],
    *,
    profile: Profile,
    complaints: PlanFaults,
) -> None:
    """Check the years, and that the stages are those of the plan and of its profile.

    Parameters
    ----------
    plan, siting
        The sections ``[plan]`` and ``[siting]``.
    stages
        Planned stages.
    profile
        Profile with the overrides.
    complaints
        Receives the faults.
    """
    if not check_years(plan, complaints):
        return
    resolved = check_stages(plan, siting, profile=profile, complaints=complaints)
    if not stages or not set(stages) <= set(resolved) or (plan.stages and tuple(stages) != resolved):
        words = {"stages": ", ".join(stages) or "-", "known": ", ".join(resolved)}
        complaints.add("plan_stages_differ", ("plan", "stages"), **words)


def _read_tables(data: object, complaints: PlanFaults) -> dict[str, TableSettings] | None:
    known = input_tables()
    if not isinstance(data, dict):
        complaints.add("plan_type_table", ("tables",), value=str(data))
        return None
    tables = {}
    for name, content in data.items():
        path = ("tables", name)
        if name not in known:
            complaints.unknown("plan_table_unknown", path, known)
            continue
        settings = read_section(TableSettings, content, path=path, complaints=complaints)
        if settings is not None:
            tables[name] = settings
    return tables


def _read_overrides(data: object, complaints: PlanFaults) -> dict[int, Override]:
    """Return the overrides that could be read, by their position in the merged list."""
    if not isinstance(data, list):
        complaints.add("plan_override_list", ("override",))
        return {}
    read = {}
    for place, content in enumerate(data):
        override = read_section(Override, content, path=("override", place), complaints=complaints)
        if override is not None:
            read[place] = override
    return read


def _profile_name(merged: Mapping[str, Any]) -> str:
    """Return the profile id, even where the rest of ``[plan]`` has faults."""
    plan = merged.get("plan", {})
    name = plan.get("profile") if isinstance(plan, dict) else None
    return name if isinstance(name, str) else PlanSettings.model_fields["profile"].default


def _compared(names: Sequence[str], folder: Path, *, complaints: PlanFaults) -> tuple[Profile, ...]:
    """Load the profiles to compare with; ``@`` and a year selects the rules in force in that year."""
    key, found = ("plan", "compare_profiles"), []
    for name in names:
        profile_name, at, year = name.partition("@")
        if at and not (year.isascii() and year.isdigit() and _FIRST_YEAR <= int(year) <= _LAST_YEAR):
            complaints.add("profile_year", key, name=name)
            continue
        profile = _profile(profile_name, folder, complaints=complaints, key=key)
        if profile is not None:
            found.append(profile.as_of(int(year)) if at else profile)
    return tuple(found)


def _profile(
    name: str, folder: Path, *, complaints: PlanFaults, key: KeyPath = ("plan", "profile")
) -> Profile | None:
    """Load a profile of the package by id, or a user's own by file name."""
    try:
        return read_profile(folder / name) if name.endswith(".toml") else load_profile(name)
    except InputError as error:
        for fault in error.faults:
            if fault.file is None:
                complaints.add(fault.code, key, **fault.params)
            else:
                complaints.record(fault)
        return None


def _overridden(
    profile: Profile | None, overrides: Mapping[int, Override], complaints: PlanFaults
) -> Profile | None:
    """Apply the overrides one by one, so that a fault names its entry."""
    for place, override in overrides.items():
        if profile is None:
            break
        try:
            profile = with_overrides(profile, [override])
        except InputError as error:
            for fault in error.faults:
                complaints.add(fault.code, ("override", place), **fault.params)
    return profile


def _stages(
    plan: PlanSettings, siting: SitingSettings | None, *, profile: Profile, complaints: PlanFaults
) -> tuple[str, ...]:
    """Return the planned stages, youngest first, and check the rules they need."""
    if siting is None:
        return ()
    stages = check_stages(plan, siting, profile=profile, complaints=complaints)
    target_year = plan.target if siting.enabled else None
    if stages:
        check_rules(profile, stages, years=plan.years, target_year=target_year, complaints=complaints)
    return stages
