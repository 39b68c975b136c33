"""The City: all input data of a plan, checked and in one coordinate system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
import pyproj

from layoutplan.cards import Card, Carded
from layoutplan.dictionary.rolls import rolls
from layoutplan.errors import Fault
from layoutplan.standards.schooling import Schooling
from layoutplan.texts import Language, number, text


@dataclass(frozen=True, slots=True)
class Source:
    """Provenance of a table, for the manifest and the report."""

    table: str
    file: str
    sha256: str
    rows: int
    encoding: str = ""
    crs: str = ""
    datum: str = ""


def _no_areas() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": []}, geometry=[], index=pd.Index([], name="district_id"))


def no_gates() -> gpd.GeoSeries:
    """Return the gates of a city in which no school has several: an empty series."""
    return gpd.GeoSeries([], index=pd.Index([], name="school_id", dtype=object))


def no_parts() -> gpd.GeoDataFrame:
    """Return the frame of a city without cut areas: no rows, columns ``of``, ``share`` and geometry."""
    blank = {"of": pd.Series(dtype=object), "share": pd.Series(dtype=float)}
    return gpd.GeoDataFrame(blank, geometry=[], index=pd.Index([], name="unit_id", dtype=object))


@dataclass(frozen=True, repr=False)
class City(Carded):
    """A checked city. Geometry is in ``crs`` (projected, metres); ids are text.

    In an English run (``lang``) every ``name`` is in Latin letters, that of column ``name_en`` or the given
    one romanised; the given one is kept in column ``name_local``.

    Attributes
    ----------
    name
        Name for reports.
    crs
        Working CRS, projected, in metres.
    schooling
        Stages and school types of the profile.
    stages
        Planned stages, youngest first.
    years
        School years, base year first.
    schools
        One row per campus, index ``school_id``, point geometry; columns as input table ``schools``.
    areas
        The units as given (polygons or points), index ``unit_id``; columns as input table ``units``. Maps and
        Gi* use these.
    units
        The smallest places with residents, index ``unit_id``, point geometry (where people live), columns
        ``area_id`` (into ``areas``), ``name``, ``district_id`` (may be null), ``residents``. The
        representative points of the areas, or of the parts that catchment borders cut them into
        (``parts``), unless residents were distributed to dwellings. Estates that name
        no unit have one each at the end, without residents
        (:func:`~layoutplan.city.estates.with_estate_units`).
    population
        Residents in the base year by single year of age: index ``unit_id`` (the order of ``units``), integer
        columns ``0 … 17`` (completed years at the start of the school year), float values.
    catchments
        Polygons, index ``catchment_id`` (unique over stages), columns ``stage``, ``name``, ``district_id``,
        ``school_district_id`` (into ``school_districts``, may be null).
    catchment_schools
        Columns ``catchment_id``, ``stage``, ``school_id``: a catchment may have several schools.
    unit_catchments
        Index ``unit_id``, one column per stage: the catchment that contains the unit, or null.
    districts
        Polygons, index ``district_id``, column ``name``; may be empty. They partition the plan area: a place
        is in at most one of them (:func:`~layoutplan.city.links.split_districts`).
    tables
        Every other input table, by name (``roads``, ``barriers``, ``sites``, ``projects``, ``housing``,
        ``births``, ``enrolment_history``, ``classes``, ``resources``, ``groups``, ``targets``): clean frames
        with the dictionary's columns. A table that is not given is an empty frame with those columns.
    school_districts
        Polygons with the columns of ``districts`` that group catchments (学区) and overlap the districts; may
        be empty.
    gates
        Gates of the schools that have several: multipoints, index ``school_id``. Walks end at the nearest.
    parts
        Units that are parts of an area or of an estate: index ``unit_id``, columns ``of`` (id of the
        area, or of the estate's unit before it was cut) and ``share``, polygons. They are
        the atoms of zoning where an area is cut.
    population_bounds
        ``population`` with every suppressed count at its least, and at its largest; units that estates add
        later are not in it. ``None`` if no count by age is suppressed.
    notes
        Warnings and notices: repairs, residents outside, and so on.
    sources
        Provenance of each table.
    lang
        Language of its names, and of what it shows in a notebook.
    """

    name: str
    crs: pyproj.CRS
    schooling: Schooling
    stages: tuple[str, ...]
    years: tuple[int, ...]
    schools: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    population: pd.DataFrame
    catchments: gpd.GeoDataFrame
    catchment_schools: pd.DataFrame
    unit_catchments: pd.DataFrame
    districts: gpd.GeoDataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    school_districts: gpd.GeoDataFrame = field(default_factory=_no_areas)
    gates: gpd.GeoSeries = field(default_factory=no_gates)
    parts: gpd.GeoDataFrame = field(default_factory=no_parts)
    population_bounds: tuple[pd.DataFrame, pd.DataFrame] | None = None
    notes: tuple[Fault, ...] = ()
    sources: tuple[Source, ...] = ()
    lang: Language = "zh"

    def _card(self) -> Card:
        lang, given = self.lang, self.sources
        rows = tuple(
            (text(f"tables.name.{source.table}", lang), source.file, number(source.rows, lang))
            for source in given
        )
        return Card(
            "City",
            self.name,
            (
                text("cards.schools", lang, number=number(len(self.schools), lang)),
                text("cards.units", lang, number=number(len(self.units), lang)),
                text("cards.residents", lang, number=number(float(self.units["residents"].sum()), lang)),
                str(self.crs.to_string()) if self.crs.to_authority() else "",
            ),
            tuple(text(f"cards.{name}", lang) for name in ("table", "file", "rows")),
            rows,
        )

    def rolls(self, stage: str) -> pd.DataFrame:
        """Return what every school states for one stage: seats, enrolment, classes and so on.

        Parameters
        ----------
        stage
            Id of a stage.

        Returns
        -------
        pandas.DataFrame
            On the index of ``schools``, float; see :func:`layoutplan.dictionary.rolls.rolls`.

        Examples
        --------
        The pupils of the city's primary schools are ``city.rolls("primary")["enrolment"].sum()``.
        """
        return rolls(self.schools, stage)

    def unit_shapes(self) -> gpd.GeoSeries:
        """Return the polygon of each unit, in the order of ``units``.

        A part has its own polygon; a unit that is its whole area has the area's geometry; the others (cells
        of dwellings, estates at a point) have their point.

        Returns
        -------
        geopandas.GeoSeries
            In ``crs``, index ``unit_id``.
        """
        shapes = self.units.geometry.copy()
        whole = self.units.index[self.units.index.isin(self.areas.index)]
        shapes[whole] = self.areas.geometry[whole].to_numpy()
        known = self.parts.index[self.parts.index.isin(self.units.index)]
        shapes[known] = self.parts.geometry[known].to_numpy()
        return shapes

    @property
    def base_year(self) -> int:
        """The school year of the population and enrolment figures given."""
        return self.years[0]
