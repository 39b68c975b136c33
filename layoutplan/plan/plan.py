"""The checked plan, frozen: its settings, the origin of each value, and variations of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layoutplan.cards import Card, Carded
from layoutplan.errors import DefectError, Fault, FaultLog
from layoutplan.plan.checks import check_stage_keys
from layoutplan.plan.describe import as_toml
from layoutplan.plan.layers import Layer
from layoutplan.plan.plan_faults import PlanFaults, layer_of
from layoutplan.plan.reading import check_sections, check_stages_and_years, read_draft, recheck
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
from layoutplan.plan.source import FIELDS, PlanSource, has_key
from layoutplan.plan.variation import variation_layer
from layoutplan.standards import Profile
from layoutplan.standards.toml_file import KeyPath, TomlFile
from layoutplan.texts import text
from layoutplan.watched import note, unrecorded

_DEFAULT: Final = "default"
_REPLACED: Final = "replaced"
_READ: Final = ("tables", "override", "profile", "compared")
"""What besides the sections and the stages is read from the layers."""
_NOTED: Final = frozenset(
    {
        *("path", "folder", "scenario", "scenario_names", "title", "description", "tables", "overrides"),
        *("stages", "compared", "notes", "_source"),
    }
)
"""Attributes whose reading is noted as a whole."""


@dataclass(frozen=True, repr=False)
class Plan(Carded):
    """A checked plan: the base, one of its scenarios, or a variation of either.

    Change it with :meth:`vary`. Sections replaced by :func:`dataclasses.replace` are checked by the same
    functions as a file, except that every rule of the profile need not be in force in every year.

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
    _source: PlanSource | None = field(default=None, repr=False, compare=False)

    if not TYPE_CHECKING:  # a type checker would take every attribute for granted

        def __getattribute__(self, name: str) -> object:
            """Return an attribute, and note its reading if it is no section (:mod:`layoutplan.watched`).

            Sections and the profile note what is read of them.
            """
            if name in _NOTED:
                note("plan", name)
            return super().__getattribute__(name)

    def __post_init__(self) -> None:
        """Check the settings; an :class:`InputError` names every fault."""
        with unrecorded():
            self._check()

    def _check(self) -> None:
        log = FaultLog()
        complaints = PlanFaults(TomlFile({}, {}), file=self.path.name, log=log)
        sections = {name: self.section(name) for name in SECTIONS}
        if recheck(sections, self.tables, self.overrides, complaints=complaints):
            check_sections(sections, self.tables, self.profile, complaints=complaints, needs=())
            check_stage_keys(sections, self.profile, complaints=complaints)
            check_stages_and_years(
                self.general, self.siting, self.stages, profile=self.profile, complaints=complaints
            )
        log.raise_if_errors()

    def _card(self) -> Card:
        lang, general = self.general.lang, self.general
        keys = [f"{section}.{name}" for section, model in SECTIONS.items() for name in model.model_fields]
        rows = tuple(
            (key, as_toml(getattr(self.section(section), name)), origin)
            for key in keys
            for section, name in [key.split(".")]
            if (origin := self.origin(key)) != _DEFAULT
        )
        return Card(
            "Plan",
            general.title(lang) or self.path.stem,
            (
                self.title or self.scenario or "",
                text("cards.years", lang, first=general.base_year, last=general.horizon_year),
                text("cards.target", lang, year=general.target),
                self.profile.name_en if lang == "en" else self.profile.name_zh,
                ", ".join(text(f"stages.{stage}", lang) for stage in self.stages),
            ),
            tuple(text(f"cards.{name}", lang) for name in ("setting", "value", "origin")),
            rows,
        )

    def origin(self, key: str) -> str:
        """Return where a value came from: ``default``, ``plan.toml``, ``scenario low`` or ``variation mine``.

        Parameters
        ----------
        key
            Section and key joined by dots (``demand.births_factor``, ``travel.reach_m.primary``,
            ``tables.units.file``). For a whole table the last layer that changed it. ``override.<n>`` is
            the n-th override, counted from 1.

        Returns
        -------
        str
            Name of the layer; ``default``; or ``replaced`` for a value set by :func:`dataclasses.replace`.

        Raises
        ------
        KeyError
            If a plan has no such key.
        """
        path: KeyPath = tuple(key.split("."))
        if path[0] == "override" and len(path) > 1:
            path = ("override", int(path[1]) - 1, *path[2:])
        layer = layer_of(path, self._source.draft.origins) if self._source else None
        if layer is None and not has_key(path):
            raise KeyError(f"a plan has no key {key}")
        if self._is_replaced(path):
            return _REPLACED
        return _DEFAULT if layer is None else layer.name

    def _is_replaced(self, path: KeyPath) -> bool:
        """Return whether a value differs from what the layers say."""
        if self._source is None:
            return True
        now, read = self._held(str(path[0])), self._source.held(str(path[0]))
        if path[0] in SECTIONS and len(path) > 1:
            now, read = getattr(now, str(path[1])), getattr(read, str(path[1]))
        return bool(now != read)

    def _held(self, name: str) -> object:
        """Return a section, or a field that is read from the layers, by its name in the file."""
        return self.section(name) if name in SECTIONS else getattr(self, FIELDS.get(name, name))

    def vary(
        self, changes: Mapping[str, object], *, name: str, title: str = "", description: str = ""
    ) -> Plan:
        """Return a variation of the plan: the same settings with some changed, checked as a file is.

        Parameters
        ----------
        changes
            New values by key as in ``plan.toml``, joined by dots or nested:
            ``{"demand.births_factor": 1.2, "siting": {"budget": 4e8}}``. Lists replace lists, tables are
            merged key by key, entries of ``override`` are added. ``None`` removes an optional value.
        name
            Name of the variation; its run folder bears it, as that of a scenario.
        title, description
            Texts for the outputs.

        Returns
        -------
        Plan
            ``scenario`` is ``name``, and :meth:`origin` of a changed value is ``variation <name>``.

        Raises
        ------
        InputError
            With every fault: unknown keys, wrong types, values out of range, settings that contradict each
            other, a name that the plan's file has already.

        Examples
        --------
        >>> from layoutplan.plan import default_plan
        >>> plan = default_plan("cn-national", stages=("primary",), base_year=2025, horizon_year=2030)
        >>> more = plan.vary({"demand.births_factor": 1.2}, name="more-births")
        >>> more.demand.births_factor, more.origin("demand.births_factor"), more.origin("siting.budget")
        (1.2, 'variation more-births', 'default')
        """
        log = FaultLog()
        complaints = PlanFaults(TomlFile({}, {}), file=f"vary(name={name!r})", log=log)
        if name in (*self.scenario_names, self.scenario):
            complaints.add("plan_vary_taken", (name,), name=name)
        source = self._unreplaced(complaints)
        layer = variation_layer(
            changes, name=name, order=len(source.layers) if source else 0, complaints=complaints
        )
        log.raise_if_errors()
        if source is None or layer is None:
            raise DefectError("a variation failed, yet nothing was reported")
        return plan_of(
            (*source.layers, layer),
            self.path,
            complaints=complaints,
            needs=source.needs,
            scenario=name,
            scenario_names=self.scenario_names,
            texts=(title, description),
            notes=self.notes,
        )

    def _unreplaced(self, complaints: PlanFaults) -> PlanSource | None:
        """Return the layers of the plan; values replaced since have none, which is a fault."""
        source = self._source
        changed = [
            name for name in (*SECTIONS, *_READ) if source is None or self._held(name) != source.held(name)
        ]
        if changed:
            complaints.add("plan_vary_replaced", (changed[0],), fields=", ".join(changed))
            return None
        return source

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
        for name, model in SECTIONS.items():
            for key in model.model_fields:
                getattr(self.section(name), key)  # a dump reads them unnoticed
        sections: dict[str, Any] = {name: self.section(name).model_dump(mode="json") for name in SECTIONS}
        sections["tables"] = {name: table.model_dump(mode="json") for name, table in self.tables.items()}
        sections["override"] = [override.model_dump(mode="json") for override in self.overrides]
        return sections


def plan_of(
    layers: tuple[Layer, ...],
    path: Path,
    *,
    complaints: PlanFaults,
    needs: Collection[str] | None,
    scenario: str | None,
    scenario_names: tuple[str, ...],
    texts: tuple[str, str] = ("", ""),
    notes: tuple[Fault, ...] = (),
) -> Plan:
    """Read the settings of layers and return the plan.

    Parameters
    ----------
    layers
        Layers in the order of application.
    path
        The plan's file.
    complaints
        Receives every fault.
    needs
        As in :func:`layoutplan.plan.load_plan`.
    scenario, scenario_names
        As the attributes of :class:`Plan`.
    texts
        Title and description.
    notes
        Notices so far.

    Returns
    -------
    Plan
        The checked plan.

    Raises
    ------
    InputError
        With every fault in the log of ``complaints``.
    """
    draft = read_draft(layers, path.parent, complaints=complaints, needs=needs)
    complaints.log.raise_if_errors()
    return plan_from(
        PlanSource(layers, draft, needs),
        path,
        scenario=scenario,
        scenario_names=scenario_names,
        texts=texts,
        notes=(*notes, *complaints.log.notes),
    )


def plan_from(
    source: PlanSource,
    path: Path,
    *,
    scenario: str | None,
    scenario_names: tuple[str, ...],
    texts: tuple[str, str],
    notes: tuple[Fault, ...],
) -> Plan:
    """Return the plan of settings that were read without faults.

    Parameters
    ----------
    source
        Layers and the settings read from them.
    path, scenario, scenario_names, texts, notes
        As in :func:`plan_of`.

    Returns
    -------
    Plan
        The checked plan.
    """
    draft = source.draft
    if draft.profile is None:
        raise DefectError("a plan without faults has a profile")
    return Plan(
        path=path,
        folder=path.parent,
        scenario=scenario,
        scenario_names=scenario_names,
        title=texts[0],
        description=texts[1],
        tables=draft.tables,
        overrides=draft.overrides,
        profile=draft.profile,
        stages=draft.stages,
        compared=draft.compared,
        notes=notes,
        _source=source,
        general=draft.sections["plan"],
        **{name: section for name, section in draft.sections.items() if name != "plan"},
    )
