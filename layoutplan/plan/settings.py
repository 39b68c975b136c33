"""The settings of a plan: frozen models with defaults, units and bounds.

A section of ``plan.toml`` is a class, a key is a field; the meaning of each is in both languages in
``texts/settings.toml``, from which the template and ``docs/plan.md`` are generated. Unknown keys are refused.
Figures that are standards (class sizes, radii, costs) are in the profile that the plan names;
``[[override]]`` replaces one of them and is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from layoutplan.texts import Language
from layoutplan.watched import note

if TYPE_CHECKING:
    from collections.abc import Mapping

StageId = Annotated[str, "stage"]
"""Id of a stage of the profile."""
Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
ProjectState = Literal["planned", "approved", "started", "continued", "handed_over", "opened", "cancelled"]


@dataclass(frozen=True, slots=True)
class Unit:
    """Unit of a number; ``name`` is an entry of ``settings.unit`` in the texts."""

    name: str


Share = Annotated[float, Field(ge=0, le=1)]
Ratio = Annotated[float, Field(ge=0, le=2)]
Factor = Annotated[float, Field(ge=0, le=10)]
YearlyRate = Annotated[float, Field(gt=-1, le=1)]
Weight = Annotated[float, Field(ge=0, le=1_000_000)]
Year = Annotated[int, Field(ge=1950, le=2200)]
Pupils = Annotated[float, Field(ge=0, le=100_000), Unit("pupils")]
Count = Annotated[float, Field(ge=0, le=1_000_000)]
Walk = Annotated[float, Field(ge=10, le=100_000), Unit("m")]
"""Longest walking distance, metres."""
MAX_YEARS: Final = 100
"""Largest number of school years from base to horizon."""


class Settings(BaseModel):
    """Base class of all sections: frozen; unknown keys and non-finite numbers are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    if not TYPE_CHECKING:  # a type checker would take every attribute for granted

        def __getattribute__(self, name: str) -> object:
            """Return an attribute, and note the reading of a key (:mod:`layoutplan.watched`)."""
            if name in type(self).__pydantic_fields__:
                note("setting", type(self).__name__, name)
            return super().__getattribute__(name)

    @classmethod
    def __pydantic_init_subclass__(cls, **_kwargs: object) -> None:
        """Let ``help`` show keys and defaults instead of the annotations of the validator."""
        keys = [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty
                if field.is_required()
                else field.get_default(call_default_factory=True),
            )
            for name, field in cls.model_fields.items()
        ]
        cls.__signature__ = Signature(keys)


class PlanSettings(Settings):
    """``[plan]``: subject and years of the plan."""

    name: str = ""
    name_en: str = ""
    profile: str = "cn-national"
    compare_profiles: tuple[str, ...] = ()
    base_year: Year
    horizon_year: Year
    target_year: Year | None = None
    stages: tuple[StageId, ...] = ()
    seed: int = Field(default=20_250_901, ge=0, le=2**63 - 1)
    lang: Literal["zh", "en"] = "zh"
    review_number: str = ""
    tiles: str = ""
    tiles_attribution: str = ""
    tiles_datum: Datum = "wgs84"
    output: Path = Path("out")
    workbook_rows: Annotated[int, Unit("rows")] = Field(default=20_000, ge=1, le=1_000_000)

    def title(self, lang: Language) -> str:
        """Return the name of the city in a language; the other name where there is none in it.

        Parameters
        ----------
        lang
            ``"zh"`` or ``"en"``.

        Returns
        -------
        str
            Empty if the plan names none.
        """
        return (self.name_en or self.name) if lang == "en" else (self.name or self.name_en)

    @property
    def years(self) -> tuple[int, ...]:
        """School years from base to horizon."""
        return tuple(range(self.base_year, self.horizon_year + 1))

    @property
    def target(self) -> int:
        """The year for which proposals are made."""
        return self.horizon_year if self.target_year is None else self.target_year


class LongSettings(Settings):
    """``long`` of a table: columns of a wide table that become rows.

    ``into`` names the columns that tell the rows apart; ``headers`` gives for each column of figures the
    header in the file → what it stands for (a value for each name of ``into``).
    """

    into: str | tuple[str, ...]
    headers: dict[str, dict[str, str | int | tuple[str | int, ...]]]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that tell the rows apart."""
        return (self.into,) if isinstance(self.into, str) else self.into


class JoinSettings(Settings):
    """``join`` of a table: columns of a second file, matched by a name or code that both have."""

    file: Path
    on: str
    to: str | None = None
    take: tuple[str, ...] = ()
    names: dict[str, str] = Field(default={})
    sheet: str | None = None
    layer: str | None = None
    encoding: str | None = None


class TableSettings(Settings):
    """``[tables.<name>]``: location and format of a table."""

    file: Path | tuple[Path, ...]
    sheet: str | None = None
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    datum: Datum | None = None
    header_rows: Annotated[int, Field(ge=1, le=5)] | None = None
    decimal: Literal[".", ","] | None = None
    date_order: Literal["dmy", "mdy"] | None = None
    columns: dict[str, str] = Field(default={})
    ignore: tuple[str, ...] = ()
    add_up: tuple[str, ...] = ()
    values: dict[str, dict[str, str]] = Field(default={})
    constants: dict[str, str | float | int | bool] = Field(default={})
    where: dict[str, str | float | int | list[str] | list[int]] = Field(default={})
    without: dict[str, str | float | int | list[str] | list[int]] = Field(default={})
    suppressed: tuple[Count, Count] | None = None
    long: LongSettings | None = None
    join: JoinSettings | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Files of the table, at least one where the plan is sound."""
        return (self.file,) if isinstance(self.file, Path) else self.file


class SpaceSettings(Settings):
    """``[space]``: coordinate systems and the study area."""

    crs: str | None = None
    overlap_tolerance_m2: Annotated[float, Unit("m2")] = Field(default=100.0, ge=0, le=1_000_000)
    outside_residents: Literal["error", "warn"] = "warn"


class PopulationSettings(Settings):
    """``[population]``: residents by single year of age, in the smallest units."""

    basis: Literal["residence", "hukou", "permit"] = "residence"
    age_shares: dict[str, Share] = Field(default={})
    age_profile: dict[str, Weight] = Field(default={})
    raster: Path | None = None
    raster_crs: str | None = None
    raster_bands: tuple[Annotated[int, Field(ge=1, le=10_000)], ...] = ()
    raster_unit: Literal["people", "per_km2"] | None = None
    raster_nodata: Annotated[float, Field(ge=-1e39, le=1e39)] | None = None
    spread_by: Literal["dwellings", "floor_area", "area"] = "dwellings"
    spread_cell_m: Annotated[float, Unit("m")] = Field(default=150.0, ge=10, le=10_000)
    whole_residents: bool = False


class DemandSettings(Settings):
    """``[demand]``: from residents to demand for public seats."""

    participation: dict[StageId, Ratio] = Field(default={})
    public_share: dict[StageId, Share] = Field(default={})
    births_per_year: Annotated[float, Field(ge=0, le=10_000_000), Unit("births")] | None = None
    births_factor: Factor = 1.0
    migration_rate: YearlyRate | None = None
    migrant_growth_rate: YearlyRate = 0.0
    yield_factor: Factor = 1.0
    estates_in_migration: Share | None = None
    history_weight: Share = 0.5
    follow_projection: bool = False


class UncertaintySettings(Settings):
    """``[uncertainty]``: simulation of the uncertainty of demand."""

    enabled: bool = True
    draws: Annotated[int, Unit("draws")] = Field(default=1000, ge=20, le=100_000)


class SupplySettings(Settings):
    """``[supply]``: seats that count as supply."""

    ownership: tuple[Literal["public", "inclusive", "private"], ...] = ("public", "inclusive")
    project_states: tuple[ProjectState, ...] = ("approved", "started", "continued", "handed_over")
    include_projects: tuple[str, ...] = ()
    exclude_projects: tuple[str, ...] = ()
    require_acceptance: bool = False
    boarding: bool = False


class TravelSettings(Settings):
    """``[travel]``: walking distances."""

    snap_limit_m: Annotated[float, Unit("m")] = Field(default=500.0, ge=1, le=20_000)
    reach_m: dict[StageId, Walk] = Field(default={})
    own_catchment_m: Annotated[float, Unit("m")] = Field(default=0.0, ge=0, le=100_000)
    detour_factor: Annotated[float, Field(ge=1, le=10)] | None = None
    exclude_classes: tuple[str, ...] = ()
    unknown_classes: Literal["walk", "leave_out"] = "walk"


class AccessSettings(Settings):
    """``[access]``: access to schools and seats."""

    distance_m: dict[StageId, Walk] = Field(default={})
    nearest_schools: Annotated[int, Unit("schools")] = Field(default=3, ge=1, le=100)
    street_side_m: Annotated[float, Unit("m")] = Field(default=50.0, ge=1, le=1_000)
    largest_area_m: Annotated[float, Unit("m")] = Field(default=2_000.0, ge=0, le=100_000)


class HotspotSettings(Settings):
    """``[hotspots]``: spatial clusters of shortage."""

    unit: Literal["natural", "grid", "hexagon"] = "natural"
    cell_m: Annotated[float, Unit("m")] = Field(default=500.0, ge=50, le=10_000)
    false_discovery_rate: float = Field(default=0.05, gt=0, lt=1)
    neighbours: Annotated[int, Unit("areas")] = Field(default=8, ge=1, le=1_000)
    permutations: Annotated[int, Unit("draws")] = Field(default=9_999, ge=99, le=999_999)
    cluster_radius_m: Annotated[float, Unit("m")] = Field(default=800.0, ge=1, le=50_000)
    largest_extent_m: Annotated[float, Unit("m")] = Field(default=3_000.0, ge=1, le=1_000_000)
    min_pupils: Pupils = 45.0
    draws: Annotated[int, Unit("draws")] = Field(default=200, ge=0, le=10_000)


class ZoningSettings(Settings):
    """``[zoning]``: redrawing of catchments."""

    enabled: bool = False
    layouts: tuple[Literal["today", "proposed"], ...] = ("today",)
    stages: tuple[StageId, ...] = ()
    years: tuple[Year, ...] = ()
    movers: Literal["all", "entry"] = "all"
    from_year: Year | None = None
    price_moved_m: Annotated[float, Field(ge=0, le=1_000_000), Unit("m")] = 500.0
    max_moved_share: Share | None = None
    walk_limit_m: dict[StageId, Walk] = Field(default={})
    keep_districts: bool = False
    keep_feeders: bool = False
    locked_units: tuple[str, ...] = ()
    whole_areas: bool = True
    cross_trunk_roads: bool = True
    work: Annotated[float, Field(gt=0, le=1_000_000), Unit("million_moves")] = 20.0
    time_limit_s: Annotated[float, Unit("s")] = Field(default=3_600.0, gt=0, le=604_800)


class SitingSettings(Settings):
    """``[siting]``: constraints on proposals."""

    enabled: bool = True
    stages: tuple[StageId, ...] = ()
    budget: Annotated[float, Field(ge=0, le=1e15), Unit("currency")] | None = None
    budget_a_year: Annotated[float, Field(ge=0, le=1e15), Unit("currency")] | None = None
    generate_sites: bool = True
    enlarge: bool = True
    convert: dict[str, str] = Field(default={})
    shrink: tuple[str, ...] = ()
    close: dict[str, str] = Field(default={})
    education_land_only: bool = False
    max_new_schools: Annotated[int, Field(ge=0, le=10_000), Unit("schools")] | None = None
    new_schools_a_year: Annotated[int, Field(ge=0, le=10_000), Unit("schools")] | None = None
    min_pupils: Pupils = Field(
        default=45.0,
        description="A school is opened or enlarged for pupils without a seat only if that places at"
        " least this many of them a year; 0 serves the last pupil at any price.",
    )
    max_cost_per_pupil: Annotated[float, Field(ge=0, le=1e12), Unit("currency")] | None = None
    bus_limit_m: dict[StageId, Walk] = Field(default={})
    demand_level: Literal["expected", "p10", "p50", "p90"] = "expected"
    zoning_rounds: Annotated[int, Field(ge=0, le=20)] = 0
    time_limit_s: Annotated[float, Unit("s")] = Field(default=900.0, gt=0, le=604_800)
    relative_gap: Annotated[float, Field(ge=0, le=1)] = 0.025


class Override(Settings):
    """``[[override]]``: replace one value of the profile; recorded in the manifest."""

    key: str
    of: str = ""
    value: float | str | tuple[float, ...] | tuple[str, ...] | tuple[tuple[float, float], ...]
    reason: str = ""


SECTIONS: Final[Mapping[str, type[Settings]]] = MappingProxyType(
    {
        "plan": PlanSettings,
        "space": SpaceSettings,
        "population": PopulationSettings,
        "demand": DemandSettings,
        "uncertainty": UncertaintySettings,
        "supply": SupplySettings,
        "travel": TravelSettings,
        "access": AccessSettings,
        "hotspots": HotspotSettings,
        "zoning": ZoningSettings,
        "siting": SitingSettings,
    },
)
"""Sections that are one table of the file; not ``tables.<name>`` and ``[[override]]``."""
