"""The schema of a page's payload, against which a stored page is validated.

Every key that the page's script reads has its type; rows of tables may have further columns, which it does
not read. Texts are text and nothing else: the page only ever sets them as text.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from layoutplan.plan.settings import Datum
from layoutplan.plan.tile_address import has_tile_places, tile_host
from layoutplan.texts import Language

_FARTHEST = 36_000_000
"""Steps of 1e-5 degrees once around the earth."""


def _tile_address(address: str) -> str:
    if tile_host(address) is None or not has_tile_places(address):
        raise ValueError("no address of tiles")
    return address


def _beside(address: str) -> str:
    """Return an address that leads to a file near the page: no scheme, no host."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address.startswith(("/", "\\")):
        raise ValueError("no address beside the page")
    return address


Code = Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Place = Annotated[int, Field(ge=0)]
PageStep = Annotated[int, Field(ge=-_FARTHEST, le=_FARTHEST)]
Point = Annotated[list[PageStep], Field(min_length=2, max_length=2)]
PagePath = Annotated[list[PageStep], Field(min_length=2)]
PageShape = list[list[PagePath]]
PageYears = list[Number | None]
PageFigures = dict[str, PageYears]
Told = dict[Language, str | None]


class _Part(BaseModel):
    """Exactly these keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Row(BaseModel):
    """A row of a table: these columns, and others that the page does not read."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


class _Tiles(_Part):
    address: Annotated[str, AfterValidator(_tile_address)]
    attribution: str
    datum: Datum


class _Meta(_Part):
    title: str
    title_en: str
    scenario: str
    stages: Annotated[list[Code], Field(min_length=1)]
    years: Annotated[list[int], Field(min_length=1)]
    base_year: int
    target_year: int
    profile_zh: str
    profile_en: str
    currency: str
    walking: Literal["network", "straight"]
    service_radius_m: dict[str, Number]
    reach_m: dict[str, Number]
    sources: list[str]
    notes: dict[Language, list[str]]
    version: str
    scenario_title: str
    run_id: str
    review_number: str
    lang: Language
    tiles: _Tiles | None
    scorecard: Annotated[str, AfterValidator(_beside)]


class _Zone(_Part):
    id: str
    name: str
    stage: Code
    kind: Literal["catchment", "district"]
    shape: Place
    label: Point
    pinyin: str


class _School(_Part):
    id: str
    name: str
    type: Code
    ownership: str | None
    at: Point | Annotated[list[PageStep], Field(max_length=0)]
    pinyin: str


class _Peak(_Row):
    peak_year: int | None = None
    peak_shortfall: Number | None = None
    lasting_shortfall: Number | None = None
    passing_shortfall: Number | None = None
    first_short_year: int | None = None
    last_short_year: int | None = None
    likely_short_year: int | None = None
    advice: Told = {}


class _Remedies(_Part):
    """What answers the shortage of a catchment: pupils and running cost by year, and the main remedy."""

    figures: PageFigures
    main: list[Code | None]


class _OfZone(_Part):
    figures: dict[Code, PageFigures]
    schools: list[str]
    bands: PageFigures
    peak: _Peak
    bases: PageFigures = {}
    remedies: _Remedies | None = None


class _Taught(_Part):
    """A school's figures in one stage: by the layouts that have it, and what does not depend on them."""

    figures: Annotated[dict[Code, PageFigures], Field(min_length=1)]
    enrolment: Number | None
    worth: dict[Code, Annotated[list[Number | None], Field(min_length=2, max_length=2)]]


class _OfSchool(_Part):
    status: Code
    counts: bool
    stages: dict[Code, _Taught]


class _Flag(_Row):
    rule: Code
    school_id: str
    name: str | None
    stage: Code | None
    value: Number | None
    threshold: Number | None
    unit: str | None
    excess_pupils: Number | None
    seats_needed: Number | None
    classes_needed: Number | None
    basis: str | None
    source: str | None
    confidence: str | None


class _Case(_Row):
    rule: Code
    school_id: str
    name: str | None
    stage: Code | None
    opened: int | None
    due_year: int | None
    status: Code
    responsible_unit: str | None
    remedy: Told


class _Late(_Row):
    name: str | None
    stage: Code
    first_occupancy_year: int | None
    new_pupils: Number | None
    school_year: int | None
    remark: Told


class _Project(_Row):
    project_id: str | None = None
    name: str | None = None
    kind: Code | None = None
    state: Code | None = None
    school_id: str | None = None
    opening_year: int | None = None


class _Hotspot(_Row):
    hotspot_id: str
    rank: int
    name: str | None
    stage: Code
    year: int
    first_year: int | None
    last_year: int | None
    years_short: int | None
    probability: Number | None = None
    pupils_short: Number | None
    demand: Number | None
    significant: bool | None
    nearest_spare_school: str | None
    nearest_spare_seats: Number | None
    nearest_spare_m: Number | None
    remedy: Told
    shape: PageShape
    label: Point


class _Proposal(_Row):
    proposal_id: str
    action: Code
    school_id: str | None
    name: str | None
    school_type: Code
    target_year: int | None
    classes: Number | None
    seats: Number | None
    pupils_served: Number | None
    assigned: Number | None
    cost: Number | None
    land_m2: Number | None
    site_area_m2: Number | None = None
    hotspot_id: str | None
    land_status: Told
    reason: Told
    rejected: Told
    at: Point | Annotated[list[PageStep], Field(max_length=0)]
    __pydantic_extra__: dict[str, str | Number | bool | None]


class _Outcome(_Row):
    message: Told
    unit: Told


class _MovedUnit(_Part):
    id: str
    name: str
    pupils: Number
    walk_before_m: Number | None
    walk_m: Number | None
    shape: PageShape


class _Moves(_Row):
    """Units that change catchment in a layout, by the catchments they leave and join."""

    layout: Code
    stage: Code
    from_id: str | None
    from_name: str | None
    to_id: str
    to_name: str
    units: Number
    pupils: Number
    walk_before_m: Number | None
    walk_m: Number | None
    shape: PageShape
    moved: list[_MovedUnit]


class _Redraw(_Row):
    layout: Code
    stage: Code
    message: Told


class _OtherHomes(_Part):
    homes: list[Place]
    pupils: list[Number]


class _Homes(_Part):
    at: list[PageStep]
    pupils: list[Number]
    others: dict[Code, _OtherHomes]


class _Groups(_Part):
    schools: list[str]
    reach: list[list[Place]]
    demand: list[list[Place]]


class _Layout(_Part):
    """A layout; the first of a scenario is today's."""

    id: Code
    title: dict[Language, str]
    proposals: bool


class _Answer(_Row):
    stage: Code
    year: int
    rank: int
    shortfall: Number | None
    net_short: Number
    unserved: Number
    new_schools: int | None
    enlarged: int | None
    temporary: int | None
    seats_added: Number | None
    cost: Number | None
    bridging: Number | None
    answer: Told


class _Risk(_Row):
    kind: Code
    risk: Told


class _Opening(_Part):
    name: str
    seats: Number


class _PlanYear(_Part):
    """What the plan does in one school year."""

    year: int
    opens: list[_Opening]
    temporary: Number
    capital: Number
    running: Number
    unserved: Number


class _Measure(_Row):
    """A measure of the plan over the years."""

    measure_id: str
    kind: Code
    school_id: str | None
    name: str | None
    first_year: int | None
    last_year: int | None
    paid_from: int | None
    classes: Number | None
    seats: Number | None
    pupils_peak: Number | None
    pupil_years: Number | None
    added: Number | None
    catchment_id: str | None
    capital: Number | None
    running: Number | None
    cost_per_pupil_year: Number | None
    alternative_cost: Number | None
    alternative_unserved: Number | None
    lasts: bool
    amounts: Annotated[dict[Code, PageYears], Field(min_length=1)]
    gains: list[tuple[str, Number]]


class _Scenario(_Part):
    meta: _Meta
    layouts: Annotated[list[_Layout], Field(min_length=1)]
    answers: list[_Answer]
    risks: list[_Risk]
    waterfalls: dict[Code, PageFigures]
    plan_years: list[_PlanYear]
    measures: list[_Measure]
    city: dict[Code, dict[Code, PageFigures]]
    bands: dict[Code, PageFigures]
    late: list[_Late]
    zones: list[tuple[Place, _OfZone]]
    schools: list[tuple[Place, _OfSchool]]
    flags: list[_Flag]
    ledger: list[_Case]
    projects: list[_Project]
    hotspots: list[_Hotspot]
    proposals: list[_Proposal]
    outcome: list[_Outcome]
    moves: list[_Moves]
    redraws: list[_Redraw]
    unserved: dict[Code, _Homes]
    groups: dict[Code, _Groups]


class _Streets(_Part):
    steps: list[PageStep]
    points: list[Place]


class _Street(_Part):
    name: str
    rank: str
    at: Point
    turn: int


class _Barrier(_Part):
    kind: str
    lines: list[PagePath]


class _District(_Part):
    name: str
    shape: PageShape
    label: Point


class _Site(_Part):
    name: str
    at: Point | Annotated[list[PageStep], Field(max_length=0)]
    area_m2: Number | None
    status: str | None


class _Ground(_Part):
    boundary: list[PagePath]
    roads: dict[str, _Streets]
    names: list[_Street]
    barriers: list[_Barrier]
    districts: list[_District]
    sites: list[_Site]


class Payload(_Part):
    """The payload of a page.

    ``texts`` and ``style`` are the package's: a page that is read back gets those of the installed package.
    """

    format: int
    lang: Language
    names: list[tuple[str, str]]
    texts: dict[str, Any]
    style: dict[str, Any]
    shapes: list[PageShape]
    zones: list[_Zone]
    schools: list[_School]
    estates: list[tuple[str, PageStep, PageStep, str]]
    ground: _Ground
    scenarios: Annotated[list[_Scenario], Field(min_length=1)]
