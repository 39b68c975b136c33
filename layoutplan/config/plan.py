"""``plan.toml`` → frozen :class:`Plan`: every fault at once, and for each value where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from layoutplan.config.checks import (
    check_ages,
    check_rules,
    check_space,
    check_stages,
    check_tables,
    check_years,
)
from layoutplan.config.complaints import Complaints, layer_of, read_section
from layoutplan.config.layers import Layer, Origins, merge
from layoutplan.config.scenarios import LAYERED, Scenario, check_bases, layers_of, read_scenarios
from layoutplan.config.settings import (
    SECTIONS,
    DemandSettings,
    HotspotSettings,
    Override,
    PlanSettings,
    PopulationSettings,
    Settings,
    SitingSettings,
    SpaceSettings,
    SupplySettings,
    TableSettings,
    TravelSettings,
)
from layoutplan.errors import Fault, FaultLog, InputError
from layoutplan.standards import Profile, load_profile, read_profile, with_overrides
from layoutplan.standards.toml_file import TomlFile, read_toml
from layoutplan.tables import input_tables

_DEFAULT: Final = "default"


@dataclass(frozen=True)
class Plan:
    """A checked plan: the base, or one of its scenarios.

    Attributes
    ----------
    path, folder
        The file, and the folder that paths in it are relative to.
    scenario
        Name of the scenario, ``None`` for the plan itself.
    scenario_names
        All scenarios of the file, in its order.
    title, description
        The scenario's words; empty for the plan itself.
    plan, space, population, demand, supply, travel, hotspots, siting
        The sections.
    tables
        Where each table is, by the name of the data dictionary.
    overrides
        Values of the profile replaced, in the order applied.
    profile
        The profile with the overrides applied.
    stages
        Planned stages, youngest first.
    notes
        Notices of reading the file.
    """

    path: Path
    folder: Path
    scenario: str | None
    scenario_names: tuple[str, ...]
    title: str
    description: str
    plan: PlanSettings
    space: SpaceSettings
    tables: Mapping[str, TableSettings]
    population: PopulationSettings
    demand: DemandSettings
    supply: SupplySettings
    travel: TravelSettings
    hotspots: HotspotSettings
    siting: SitingSettings
    overrides: tuple[Override, ...]
    profile: Profile
    stages: tuple[str, ...]
    notes: tuple[Fault, ...] = ()
    _origins: Origins = field(default_factory=dict, repr=False, compare=False)

    def origin(self, key: str) -> str:
        """Say where a value came from: ``default``, ``plan.toml`` or ``scenario high-growth``.

        Parameters
        ----------
        key
            Section and key joined by dots (``demand.births_factor``, ``travel.reach_m.primary``,
            ``tables.units.file``). For a whole table the last layer that wrote into it. ``override.<n>`` is
            the n-th override, counted from 1.

        Raises
        ------
        KeyError
            If a plan has no such key.
        """
        path: tuple[str | int, ...] = tuple(key.split("."))
        if path[0] == "override" and len(path) > 1:
            path = ("override", int(path[1]) - 1, *path[2:])
        layer = layer_of(path, self._origins)
        if layer is not None:
            return layer.name
        if not _exists(path):
            raise KeyError(f"a plan has no key {key}")
        return _DEFAULT

    def settings_dict(self) -> dict[str, Any]:
        """Return all settings, defaults included, as plain values for JSON; paths as written in the plan."""
        sections = {name: getattr(self, name).model_dump(mode="json") for name in SECTIONS}
        sections["tables"] = {name: table.model_dump(mode="json") for name, table in self.tables.items()}
        sections["override"] = [override.model_dump(mode="json") for override in self.overrides]
        return sections


def _exists(path: tuple[str | int, ...]) -> bool:
    """Say whether a plan can have the key: a section, one of its keys, or something inside a table of theirs."""
    if path[0] == "tables":
        model: type[Settings] | None = TableSettings
        path = path[1:]
    else:
        model = SECTIONS.get(str(path[0]))
    if model is None or len(path) == 1:
        return model is not None
    name = str(path[1])
    known = model.model_fields.get(name)
    return known is not None and (len(path) == 2 or isinstance(known.get_default(), dict))  # noqa: PLR2004


@dataclass
class _Draft:
    """The settings of one scenario while they are read: a section that has a fault stays ``None``."""

    sections: dict[str, Any]
    tables: dict[str, TableSettings]
    overrides: tuple[Override, ...]
    origins: Origins
    profile: Profile | None = None
    stages: tuple[str, ...] = ()


def load_plan(path: Path, *, scenario: str | None = None) -> Plan:
    """Read a plan and check it, with all its scenarios.

    Parameters
    ----------
    path
        The TOML file.
    scenario
        Name of a scenario, ``None`` for the plan itself.

    Returns
    -------
    Plan
        Frozen; the profile named in it is loaded and the overrides are applied. That the tables exist and what
        they hold is checked when the city is read.

    Raises
    ------
    InputError
        With every fault of the file, those of the other scenarios included.
    """
    path = Path(path)
    log = FaultLog()
    source = read_toml(path, log=log)
    if source is None:
        raise InputError(tuple(log))
    complaints = Complaints(source=source, file=path.name, log=log)
    scenarios = read_scenarios(source.data, complaints)
    _check_sections(source, scenarios, complaints)
    base = Layer(None, (), {name: source.data[name] for name in source.data if name in LAYERED})
    names = (None, *scenarios) if check_bases(scenarios, complaints) else (None,)
    drafts = {name: _draft(layers_of(name, base, scenarios), path.parent, complaints) for name in names}
    if scenario is not None and scenario not in scenarios:
        complaints.unknown("plan_scenario_unknown", ("scenarios", scenario), scenarios)
    log.raise_if_errors()
    return _finish(path, drafts[scenario], scenario, scenarios, notes=log.notes)


def _check_sections(source: TomlFile, scenarios: Mapping[str, Scenario], complaints: Complaints) -> None:
    """Record what is no section, in the plan and in its scenarios."""
    for name in source.data:
        if name not in (*LAYERED, "scenarios"):
            complaints.unknown("plan_unknown_section", (name,), (*LAYERED, "scenarios"))
    for scenario in scenarios.values():
        for name in scenario.layer.data:
            if name not in LAYERED:
                path = (*scenario.layer.prefix, name)
                complaints.unknown("plan_unknown_section", path, (*LAYERED, "title", "description", "base"))


def _draft(layers: tuple[Layer, ...], folder: Path, complaints: Complaints) -> _Draft:
    """Read the settings of the layers laid over each other, and check them."""
    merged, origins = merge(layers)
    sections: dict[str, Any] = {
        name: read_section(model, merged.get(name, {}), (name,), origins, complaints)
        for name, model in SECTIONS.items()
    }
    draft = _Draft(
        sections=sections,
        tables=_read_tables(merged.get("tables", {}), origins, complaints),
        overrides=_read_overrides(merged.get("override", []), origins, complaints),
        origins=origins,
    )
    check_tables(draft.tables, sections["population"], origins, complaints)
    check_space(sections["space"], sections["population"], origins, complaints)
    if sections["population"] is not None:
        check_ages(sections["population"], origins, complaints)
    if sections["plan"] is not None:
        _settle_profile(draft, folder, complaints)
    return draft


def _read_tables(data: object, origins: Origins, complaints: Complaints) -> dict[str, TableSettings]:
    known = input_tables()
    if not isinstance(data, dict):
        complaints.add("plan_type_table", ("tables",), origins, value=str(data))
        return {}
    tables = {}
    for name, content in data.items():
        path = ("tables", name)
        if name not in known:
            complaints.unknown("plan_table_unknown", path, known, origins)
            continue
        settings = read_section(TableSettings, content, path, origins, complaints)
        if settings is not None:
            tables[name] = settings
    return tables


def _read_overrides(data: object, origins: Origins, complaints: Complaints) -> tuple[Override, ...]:
    if not isinstance(data, list):
        complaints.add("plan_override_list", ("override",), origins)
        return ()
    read = [
        read_section(Override, content, ("override", place), origins, complaints)
        for place, content in enumerate(data)
    ]
    return tuple(override for override in read if override is not None)


def _settle_profile(draft: _Draft, folder: Path, complaints: Complaints) -> None:
    """Load the profile, apply the overrides, choose the stages; record what does not fit."""
    plan: PlanSettings = draft.sections["plan"]
    origins = draft.origins
    in_order = check_years(plan, origins, complaints)
    profile = _profile(plan.profile, folder, origins, complaints)
    if profile is None:
        return
    for place, override in enumerate(draft.overrides):
        try:
            profile = with_overrides(profile, [override])
        except InputError as error:
            for fault in error.faults:
                complaints.add(fault.code, ("override", place), origins, **fault.params)
    draft.profile = profile
    siting: SitingSettings | None = draft.sections["siting"]
    if siting is not None and in_order:
        draft.stages = check_stages(plan, siting, profile, origins, complaints)
        check_rules(plan, siting, profile, draft.stages, origins, complaints)


def _profile(name: str, folder: Path, origins: Origins, complaints: Complaints) -> Profile | None:
    """Load a profile by id, or a planner's own by file name."""
    try:
        return read_profile(folder / name) if name.endswith(".toml") else load_profile(name)
    except InputError as error:
        for fault in error.faults:
            if fault.file is None:
                complaints.add(fault.code, ("plan", "profile"), origins, **fault.params)
            elif fault not in complaints.log:
                complaints.log.extend([fault])
        return None


def _finish(
    path: Path,
    draft: _Draft,
    scenario: str | None,
    scenarios: Mapping[str, Scenario],
    *,
    notes: tuple[Fault, ...],
) -> Plan:
    assert draft.profile is not None  # noqa: S101  (no profile without an error in the log)
    chosen = scenarios.get(scenario) if scenario is not None else None
    return Plan(
        path=path,
        folder=path.parent,
        scenario=scenario,
        scenario_names=tuple(scenarios),
        title=chosen.title if chosen else "",
        description=chosen.description if chosen else "",
        tables=draft.tables,
        overrides=draft.overrides,
        profile=draft.profile,
        stages=draft.stages,
        notes=notes,
        _origins=draft.origins,
        **draft.sections,
    )
