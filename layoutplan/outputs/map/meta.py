"""What a map says about itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from layoutplan.outputs.map.tiles import Tiles
from layoutplan.texts import Language


@dataclass(frozen=True, slots=True)
class MapMeta:
    """Facts for the title, the legend and the small print of a map.

    ``notes`` are sentences for the reader in each language, ``{"zh": (…), "en": (…)}``; ``service_radius_m``
    and ``reach_m`` are walking metres by stage. ``walking`` is ``network`` or ``straight`` (line × factor).
    ``lang`` is the language in which the tables' texts are written (their translations stand beside them).
    ``run_id`` tells one run from another; ``review_number`` is the map's review number (审图号), empty until
    there is one. ``tiles`` are the basemap, ``None`` for none. ``scorecard`` is the address of the scorecard
    page relative to the map, empty where there is none beside it.
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
