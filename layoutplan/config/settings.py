"""What a plan can say: frozen settings, each with its default, its unit and its meaning.

These docstrings are the manual of ``plan.toml``: a section of the file is a class here, a key is a field.
Unknown keys are refused. Figures that are standards (class sizes, radii, costs) are not here but in the
profile the plan names; ``[[override]]`` replaces one of them and is recorded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Stage = Literal["kindergarten", "primary", "junior", "senior"]
Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]


class Settings(BaseModel):
    """Parent of all sections: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlanSettings(Settings):
    """``[plan]``: what is planned, for which years."""

    name: str = Field(default="", description="Name of the city or district, shown on every page.")
    name_en: str = Field(default="", description="The same in Latin letters, if there is one.")
    profile: str = Field(default="cn-national", description="Standards profile, by id.")
    base_year: int = Field(ge=1950, le=2200, description="School year of the population and enrolment given.")
    horizon_year: int = Field(ge=1950, le=2200, description="Last school year of the plan.")
    target_year: int | None = Field(
        default=None, description="Year that proposals must serve; default the last."
    )
    stages: tuple[Stage, ...] = Field(
        default=(), description="Stages planned; default all those of the profile."
    )
    seed: int = Field(default=20_250_901, ge=0, description="Seed of everything random.")
    lang: Literal["zh", "en"] = Field(default="zh", description="Language of the pages and tables written.")
    output: Path = Field(default=Path("out"), description="Folder of the runs, relative to plan.toml.")

    @property
    def years(self) -> tuple[int, ...]:
        """School years from base to horizon."""
        return tuple(range(self.base_year, self.horizon_year + 1))

    @property
    def target(self) -> int:
        """The year that proposals must serve."""
        return self.horizon_year if self.target_year is None else self.target_year


class TableSettings(Settings):
    """``[tables.<name>]``: where a table is and how to read it."""

    file: Path = Field(description="File, relative to plan.toml.")
    sheet: str | None = Field(default=None, description="Sheet of an XLSX file, by name.")
    layer: str | None = Field(default=None, description="Layer of a GeoPackage.")
    encoding: str | None = Field(default=None, description="Encoding of a CSV; default detected.")
    crs: str | None = Field(
        default=None, description="Coordinate system, when the file states none: 'EPSG:4547'."
    )
    datum: Datum | None = Field(default=None, description="Datum of longitude and latitude; gcj02 for Amap.")
    columns: dict[str, str] = Field(default={}, description="Our column name = the file's header.")
    values: dict[str, dict[str, str]] = Field(
        default={}, description="For a column of ours: the file's value = our value."
    )
    constants: dict[str, str | float | int | bool] = Field(
        default={}, description="Columns of ours with one value for every row."
    )
    where: dict[str, str | float | int | list[str] | list[int]] = Field(
        default={}, description="Keep only rows whose file column has this value, or one of these."
    )


class SpaceSettings(Settings):
    """``[space]``: coordinate systems and the study area."""

    crs: str | None = Field(default=None, description="Working CRS in metres; default chosen and printed.")
    overlap_tolerance_m2: float = Field(
        default=100.0, ge=0, description="Catchment overlaps up to this are slivers."
    )
    outside_residents: Literal["error", "warn"] = Field(
        default="warn", description="What residents outside every catchment are."
    )


class PopulationSettings(Settings):
    """``[population]``: residents by single year of age, in the smallest units."""

    basis: Literal["residence", "hukou", "permit"] = Field(
        default="residence", description="常住, 户籍, 居住证."
    )
    age_shares: dict[str, float] = Field(
        default={},
        description="Share of all residents in an age or band: {'0-4' = 0.05, '5' = 0.011}. Used with totals only.",
    )
    age_profile: dict[str, float] = Field(
        default={},
        description="Relative weight of ages inside given bands ('4' = 1.0); default fitted from the bands.",
    )
    raster: Path | None = Field(default=None, description="GeoTIFF of residents per cell, instead of units.")
    raster_crs: str | None = Field(default=None, description="Its CRS, when the file states none.")
    spread_cell_m: float = Field(
        default=150.0, gt=0, description="Dwelling points are gathered in square cells of this side."
    )


class DemandSettings(Settings):
    """``[demand]``: from residents to pupils who need a public seat."""

    participation: dict[Stage, float] = Field(
        default={}, description="Pupils per child of the stage's ages; default the profile's."
    )
    public_share: dict[Stage, float] = Field(
        default={}, description="Share of pupils who need a public seat; default public share of enrolment."
    )
    births_per_year: float | None = Field(
        default=None,
        ge=0,
        description="Births a year after the base year, for the whole city, where no births table says.",
    )
    births_factor: float = Field(default=1.0, ge=0, description="Multiplies births after the base year.")
    migration_rate: float = Field(
        default=0.0, gt=-1, description="Net yearly growth of every cohort by moving in (+) or out (-)."
    )


class SupplySettings(Settings):
    """``[supply]``: which seats count."""

    ownership: tuple[Literal["public", "inclusive", "private"], ...] = Field(
        default=("public", "inclusive"), description="Schools whose seats serve the demand."
    )
    project_states: tuple[str, ...] = Field(
        default=("approved", "started", "continued", "handed_over"),
        description="States of projects whose seats count from their opening year.",
    )


class TravelSettings(Settings):
    """``[travel]``: walking distances."""

    snap_limit_m: float = Field(
        default=500.0, gt=0, description="Longest straight line from a point to a street."
    )
    reach_m: dict[Stage, float] = Field(
        default={}, description="Longest placement distance; default the profile's."
    )
    detour_factor: float | None = Field(
        default=None,
        ge=1,
        description="Walking metres per straight metre, without roads; default the profile's.",
    )
    exclude_classes: tuple[str, ...] = Field(
        default=(), description="Road classes nobody walks on; default the profile's."
    )


class HotspotSettings(Settings):
    """``[hotspots]``: where shortage clusters."""

    false_discovery_rate: float = Field(default=0.05, gt=0, lt=1, description="FDR of the Gi* test.")
    neighbours: int = Field(
        default=8, ge=1, description="Nearest neighbours in the Gi* weights, besides itself."
    )
    cluster_radius_m: float = Field(
        default=800.0, gt=0, description="Unserved pupils this near are one cluster."
    )
    min_pupils: float = Field(default=45.0, ge=0, description="A hotspot lacks at least this many seats.")


class SitingSettings(Settings):
    """``[siting]``: what may be proposed."""

    enabled: bool = True
    stages: tuple[Stage, ...] = Field(default=(), description="Stages to site; default all planned.")
    budget: float | None = Field(
        default=None, ge=0, description="Money for all proposals, in the profile's currency."
    )
    generate_sites: bool = Field(
        default=True, description="Also try sites inside hotspots, beside the sites table."
    )
    enlarge: bool = Field(default=True, description="Also try adding classes to existing public schools.")
    max_new_schools: int | None = Field(default=None, ge=0)
    time_limit_s: float = Field(default=60.0, gt=0, description="Time limit of each solve.")
    relative_gap: float = Field(default=0.001, ge=0, description="Solver stops at this relative gap.")


class Override(Settings):
    """``[[override]]``: replace one value of the profile; recorded in the manifest."""

    key: str
    of: str = ""
    value: float | str | tuple[float, ...]
    reason: str = ""
