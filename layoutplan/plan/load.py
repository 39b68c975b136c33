"""Read ``plan.toml`` into a frozen :class:`Plan`: all faults at once, and the origin of each value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from layoutplan.errors import DefectError, Fault, FaultLog, InputError
from layoutplan.plan.layers import Layer, Origins
from layoutplan.plan.plan_faults import PlanFaults, layer_of
from layoutplan.plan.reading import Draft, read_draft
from layoutplan.plan.scenarios import (
    LAYERED,
    SCENARIO_WORDS,
    Scenario,
    check_bases,
    layers_of,
    read_scenarios,
)
from layoutplan.plan.settings import (
    SECTIONS,
    AccessSettings,
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
    UncertaintySettings,
    ZoningSettings,
)
from layoutplan.standards import Profile, load_profile
from layoutplan.standards.toml_file import KeyPath, read_toml
from layoutplan.texts import Language

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
        Texts of the scenario; empty for the plan itself.
    general, space, population, demand, uncertainty, supply, travel, access, hotspots, zoning, siting
        The sections; ``general`` is ``[plan]``.
    tables
        Settings of each table, by the name in the data dictionary.
    overrides
        Values of the profile replaced, in the order applied.
    profile
        The profile with the overrides applied.
    stages
        Planned stages, youngest first.
    compared
        Further profiles under which the city is evaluated, in the order of ``plan.compare_profiles``.
    notes
        Notices from reading the file.
    """

    path: Path
    folder: Path
    scenario: str | None
    scenario_names: tuple[str, ...]
    title: str
    description: str
    general: PlanSettings
    space: SpaceSettings
    tables: Mapping[str, TableSettings]
    population: PopulationSettings
    demand: DemandSettings
    uncertainty: UncertaintySettings
    supply: SupplySettings
    travel: TravelSettings
    access: AccessSettings
    hotspots: HotspotSettings
    zoning: ZoningSettings
    siting: SitingSettings
    overrides: tuple[Override, ...]
    profile: Profile
    stages: tuple[str, ...]
    compared: tuple[Profile, ...] = ()
    notes: tuple[Fault, ...] = ()
    _origins: Origins = field(default_factory=dict, repr=False, compare=False)

    def origin(self, key: str) -> str:
        """Return the source of a value: ``default``, ``plan.toml`` or ``scenario high-growth``.

        Parameters
        ----------
        key
            Section and key joined by dots (``demand.births_factor``, ``travel.reach_m.primary``,
            ``tables.units.file``). For a whole table the last layer that changed it. ``override.<n>`` is
            the n-th override, counted from 1.

        Returns
        -------
        str
            Name of the layer, or ``default``.

        Raises
        ------
        KeyError
            If a plan has no such key.
        """
        path: KeyPath = tuple(key.split("."))
        if path[0] == "override" and len(path) > 1:
            path = ("override", int(path[1]) - 1, *path[2:])
        layer = layer_of(path, self._origins)
        if layer is not None:
            return layer.name
        if not _exists(path):
            raise KeyError(f"a plan has no key {key}")
        return _DEFAULT

    def section(self, name: str) -> Settings:
        """Return a section.

        Parameters
        ----------
        name
            Name in the file; ``plan`` for the general settings.

        Returns
        -------
        Settings
            The settings of the section.
        """
        found: Settings = getattr(self, "general" if name == "plan" else name)
        return found

    def settings_dict(self) -> dict[str, Any]:
        """Return all settings, defaults included, for the manifest.

        Returns
        -------
        dict
            JSON-compatible values by section; paths as written in the plan.
        """
        sections: dict[str, Any] = {name: self.section(name).model_dump(mode="json") for name in SECTIONS}
        sections["tables"] = {name: table.model_dump(mode="json") for name, table in self.tables.items()}
        sections["override"] = [override.model_dump(mode="json") for override in self.overrides]
        return sections


def _exists(path: KeyPath) -> bool:
    """Return whether a plan can have the key: a section, a key of it, or an entry of a table in it."""
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


def load_plan(path: str | Path, *, scenario: str | None = None, needs: Collection[str] | None = None) -> Plan:
    """Read a plan with all its scenarios, and check it.

    Parameters
    ----------
    path
        The TOML file.
    scenario
        Name of a scenario, ``None`` for the plan itself.
    needs
        Tables the plan must name; by default those of a whole city.

    Returns
    -------
    Plan
        Frozen; the profile it names is loaded and the overrides are applied. The tables themselves are
        checked when the city is read.

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
    complaints = PlanFaults(source=source, file=path.name, log=log)
    scenarios = read_scenarios(source.data, complaints)
    _check_sections(source.data, scenarios, complaints=complaints)
    check_bases(scenarios, complaints)
    base = Layer(None, (), {name: source.data[name] for name in source.data if name in LAYERED})
    drafts = {
        name: read_draft(
            layers_of(name, base, scenarios=scenarios), path.parent, complaints=complaints, needs=needs
        )
        for name in (None, *scenarios)
    }
    if scenario is not None and not scenarios:
        complaints.add("plan_scenario_none", ("scenarios",), name=scenario)
    elif scenario is not None and scenario not in scenarios:
        complaints.unknown("plan_scenario_unknown", ("scenarios", scenario), scenarios)
    log.raise_if_errors()
    return _finish(path, drafts[scenario], scenario=scenario, scenarios=scenarios, notes=log.notes)


def default_plan(
    profile: str, *, stages: tuple[str, ...], base_year: int, horizon_year: int, lang: Language = "zh"
) -> Plan:
    """Return a plan of defaults without a file, for examples and tests that construct their own city.

    Change sections with :func:`dataclasses.replace`.

    Parameters
    ----------
    profile
        Id of a profile of the package.
    stages
        Planned stages, youngest first.
    base_year, horizon_year
        First and last school year; the horizon is also the target year.
    lang
        Language of results.

    Returns
    -------
    Plan
        Without tables, scenarios and overrides.

    Raises
    ------
    InputError
        If there is no such profile.
    """
    sections: dict[str, Any] = {name: model() for name, model in SECTIONS.items() if name != "plan"}
    return Plan(
        path=Path("plan.toml"),
        folder=Path(),
        scenario=None,
        scenario_names=(),
        title="",
        description="",
        general=PlanSettings(
            profile=profile,
            base_year=base_year,
            horizon_year=horizon_year,
            target_year=horizon_year,
            stages=stages,
            lang=lang,
        ),
        tables={},
        overrides=(),
        profile=load_profile(profile),
        stages=stages,
        **sections,
    )


def _check_sections(
    data: Mapping[str, Any], scenarios: Mapping[str, Scenario], *, complaints: PlanFaults
) -> None:
    """Record unknown sections in the plan and in its scenarios."""
    known: tuple[str, ...] = (*LAYERED, "scenarios")
    for name in data:
        if name not in known:
            complaints.unknown("plan_unknown_section", (name,), known)
    for scenario in scenarios.values():
        for name in scenario.layer.data:
            if name not in LAYERED:
                path = (*scenario.layer.prefix, name)
                complaints.unknown("plan_unknown_section", path, (*LAYERED, *SCENARIO_WORDS))


def _finish(
    path: Path,
    draft: Draft,
    *,
    scenario: str | None,
    scenarios: Mapping[str, Scenario],
    notes: tuple[Fault, ...],
) -> Plan:
    if draft.profile is None:
        raise DefectError("a plan without faults has a profile")
    chosen = None if scenario is None else scenarios[scenario]
    return Plan(
        path=path,
        folder=path.parent,
        scenario=scenario,
        scenario_names=tuple(scenarios),
        title="" if chosen is None else chosen.title,
        description="" if chosen is None else chosen.description,
        tables=draft.tables,
        overrides=draft.overrides,
        profile=draft.profile,
        stages=draft.stages,
        compared=draft.compared,
        notes=notes,
        _origins=draft.origins,
        general=draft.sections["plan"],
        **{name: section for name, section in draft.sections.items() if name != "plan"},
    )
