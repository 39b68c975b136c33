"""Facts of a run for the title, legend and small print of the map."""

from __future__ import annotations

from dataclasses import dataclass, field

from layoutplan.outputs.map.tiles import Tiles
from layoutplan.texts import Language


@dataclass(frozen=True, slots=True)
class MapMeta:
    """Facts for the title, the legend and the small print of a map.

    Attributes
    ----------
    title, title_en
        Name of the plan, in Chinese and in English.
    scenario
        Id of the scenario.
    stages
        Ids of the stages, youngest first.
    years
        Years of the plan, the base year first.
    base_year, target_year
        Year of the facts, and year the plan must serve.
    profile_zh, profile_en
        Name of the profile.
    currency
        Currency code of the costs.
    walking
        ``network``, or ``straight`` (line × factor).
    service_radius_m
        Service radius of each stage, walking metres.
    reach_m
        Longest placement distance of each stage, walking metres.
    sources
        Sources of the data.
    notes
        Sentences for the reader in each language, ``{"zh": (…), "en": (…)}``.
    version
        Version of the package.
    scenario_title
        Name of the scenario.
    run_id
        Identifies the run.
    review_number
        Review number of the map (审图号); empty until there is one.
    lang
        Language of the tables' texts; their translations stand in columns of their own.
    tiles
        The basemap; ``None`` for none.
    scorecard
        Address of the scorecard page relative to the map; empty without one.
    """

    title: str
    title_en: str
    scenario: str
    stages: tuple[str, ...]
    years: tuple[int, ...]
    base_year: int
    target_year: int
    profile_zh: str
    profile_en: str
    currency: str
    walking: str
    service_radius_m: dict[str, float]
    reach_m: dict[str, float]
    sources: tuple[str, ...] = ()
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    version: str = ""
    scenario_title: str = ""
    run_id: str = ""
    review_number: str = ""
    lang: Language = "zh"
    tiles: Tiles | None = None
    scorecard: str = ""
