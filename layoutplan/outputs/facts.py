"""Facts of a run for the title blocks and small print of printed pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from layoutplan.city import Source
from layoutplan.errors import Fault
from layoutplan.standards import Rule
from layoutplan.texts import Language


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Facts for titles, methods and small print; every one of them stands in the run's manifest too.

    Attributes
    ----------
    names, profiles
        Name of the city and of the standards, by language.
    scenario, scenario_title
        Id of the scenario (``base`` for the plan itself) and its words, empty for none.
    stages, years
        Planned stages, youngest first; school years, base year first.
    base_year, target_year
        Year of the data; year the proposals must serve.
    currency
        ISO 4217 code of costs.
    crs
        Name of the coordinate system of all layers.
    walking
        ``network`` or ``straight``.
    reach_m, service_radius_m
        Longest placement and service radius by stage, walking metres.
    rules
        Rules in force in the base year that the figures rest on.
    assumptions
        Settings that the plan or scenario gives: key (``demand.migration_rate``), value as written in TOML.
    sources
        Files read.
    notes
        Warnings and notices of the run.
    run_id
        Short fingerprint of inputs, plan and versions: the same run has the same id.
    review_number
        Of the maps (审图号), empty until there is one.
    map_review
        Whether maps must be reviewed before they are published, as in China.
    version
        Version of the program.
    """

    names: Mapping[Language, str]
    profiles: Mapping[Language, str]
    scenario: str
    scenario_title: str
    stages: tuple[str, ...]
    years: tuple[int, ...]
    base_year: int
    target_year: int
    currency: str
    crs: str
    walking: str
    reach_m: Mapping[str, float]
    service_radius_m: Mapping[str, float]
    rules: tuple[Rule, ...] = ()
    assumptions: tuple[tuple[str, str], ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[Fault, ...] = ()
    run_id: str = ""
    review_number: str = ""
    map_review: bool = True
    version: str = ""
