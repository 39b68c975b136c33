"""Assemble a :class:`City` from the tables of a plan; every fault of every table in one report."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from layoutplan.city.centre import centre_of
from layoutplan.city.city import City, Source, no_gates
from layoutplan.city.coverage import (
    report_area_overlaps,
    report_far_rows,
    report_gaps,
    report_schools_outside,
)
from layoutplan.city.crs import working_crs
from layoutplan.city.datum_check import report_datums
from layoutplan.city.draft import CityDraft, ordered
from layoutplan.city.estates import with_estate_units
from layoutplan.city.geometry import ShapeKind, campus_points, clean_shapes, report_twins
from layoutplan.city.given import GivenTable
from layoutplan.city.grades import report_grades
from layoutplan.city.left_out import report_left_out
from layoutplan.city.links import link_schools, plan_stages, report_seatless
from layoutplan.city.listed_once import list_once
from layoutplan.city.naming import in_english
from layoutplan.city.openstreetmap import cut_extracts
from layoutplan.city.population import Residents, read_residents
from layoutplan.city.put_together import put_together
from layoutplan.city.readers import fingerprint
from layoutplan.city.several_files import resolve
from layoutplan.city.shared_areas import (
    find_overlaps,
    report_catchment_overlaps,
    with_shared_areas,
)
from layoutplan.city.tables import read_tables
from layoutplan.city.unit_catchments import catchments_of_units, stages_of_units
from layoutplan.dictionary import Table, empty_frame, input_table
from layoutplan.dictionary.convert import empty_column
from layoutplan.dictionary.rolls import stage_column
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import DefectError, FaultLog
from layoutplan.plan import Plan, as_plan
from layoutplan.texts import text

_NO_TWINS: Final = ("units", "catchments", "districts", "sites")


def load_city(plan: Plan | str | os.PathLike[str]) -> City:
    """Read every table of a plan, check it, and assemble the city.

    Parameters
    ----------
    plan
        A plan as :func:`layoutplan.plan.load_plan` returns it, or the path of its file.

    Returns
    -------
    City
        In the working CRS: the plan's, else a chosen one (stated in ``notes``). ``notes`` hold every
        warning and notice: repairs, slivers, residents outside, suspected datums.

    Raises
    ------
    InputError
        With every fault of every table: files, columns, keys, coordinates, geometries, coverage, ages.
    """
    plan = as_plan(plan)
    log = FaultLog()
    draft = _with_catchments(_with_raster(_placed(plan, log)))
    draft = _listed_once(_in_key_order(_check_shapes(draft)))
    ready = {"schools", "units", "catchments"} <= set(draft.spatial)
    residents = _residents(draft) if "units" in draft.given else None
    stages = _stages(draft) if draft.sound("schools") else ()
    report_left_out(
        {name: one.frame for name, one in draft.given.items() if one.sound},
        stages=stages,
        years=plan.general.years,
        logs={name: one.log for name, one in draft.given.items()},
    )
    links = None
    if ready and draft.sound("schools") and draft.sound("catchments") and stages:
        links = _links(draft, stages)
    log.raise_if_errors()
    if residents is None or links is None:
        raise DefectError("a table of the city is missing, yet nothing was reported")
    city = put_together(draft, stages, residents, links)
    log.raise_if_errors()
    city = with_estate_units(city, tolerance_m2=plan.space.overlap_tolerance_m2, log=draft.of("housing"))
    city = replace(city, notes=log.notes)
    return in_english(city) if plan.general.lang == "en" else city


def _placed(plan: Plan, log: FaultLog) -> CityDraft:
    """Read the tables, determine the working CRS, and transform and clean every geometry."""
    given = read_tables(plan, log=log)
    places = cut_extracts(
        {name: one.placed for name, one in given.items() if one.placed is not None},
        logs={name: one.log for name, one in given.items()},
    )
    outlines = [name for name in places if given[name].table.geometry == "polygon"]
    spatial: dict[str, gpd.GeoDataFrame] = {}
    gates = no_gates()
    crs = pyproj.CRS.from_epsg(4326)
    if places:
        centre = centre_of({name: one.shapes for name, one in places.items()}, outlines=outlines)
        crs = working_crs(plan.space.crs, lon=centre.lon, lat=centre.lat, file=plan.path.name, log=log)
        for name, placed in places.items():
            bound = given[name].log
            if not report_far_rows(placed, centre=centre, log=bound):
                continue
            shapes = clean_shapes(placed.shapes.to_crs(crs), kind=_kind_of(given[name].table), log=bound)
            if shapes is not None and name == "schools":
                shapes, gates = campus_points(shapes, log=bound)
            if shapes is not None:
                frame = placed.frame.loc[shapes.index].drop(columns="geometry", errors="ignore")
                spatial[name] = gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)
    sources = tuple(one.source for one in given.values())
    return CityDraft(plan=plan, log=log, given=given, crs=crs, spatial=spatial, sources=sources, gates=gates)


def _kind_of(table: Table) -> ShapeKind:
    """Return the geometry that the rows of a table may have."""
    if table.name == "schools":
        return "campus"
    return "any" if table.geometry == "none" else table.geometry


def _with_raster(draft: CityDraft) -> CityDraft:
    """Create the units from the population raster, where the plan names one."""
    settings = draft.plan.population
    if settings.raster is None:
        return draft
    from layoutplan.city.raster import RasterSettings, read_raster  # noqa: PLC0415  rasterio, which few plans need

    path = resolve(settings.raster, draft.plan.folder)
    bound = TableLog(draft.log, file=settings.raster.as_posix(), table="units")
    if "units" in draft.plan.tables:
        bound.add("units_and_raster")
        return draft
    outlines = [draft.spatial[name].geometry for name in ("catchments", "districts") if name in draft.spatial]
    if not outlines:
        if not {"catchments", "districts"} & set(draft.plan.tables):  # else their own faults give the reason
            bound.add("raster_without_outlines")
        return draft
    stated = RasterSettings(
        settings.raster_crs, settings.raster_bands, settings.raster_nodata, settings.raster_unit
    )
    read = read_raster(path, settings.raster, settings=stated, inside=pd.concat(outlines), log=bound)
    if read is None:
        return draft
    table = input_table("units", draft.plan.profile.schooling)
    blank = {column.name: empty_column(column, read.frame.index) for column in table.columns}
    frame = pd.DataFrame({**blank, **{str(name): values for name, values in read.frame.items()}})
    units = gpd.GeoDataFrame(frame, geometry=read.shapes, crs=draft.crs)
    source = Source("units", bound.file, fingerprint(path), len(units), crs=read.crs)
    one = GivenTable(table, frame, sound=True, placed=None, source=source, log=bound)
    return replace(
        draft,
        given={**draft.given, "units": one},
        spatial={**draft.spatial, "units": units},
        sources=(*draft.sources, source),
    )


def _with_catchments(draft: CityDraft) -> CityDraft:
    """Use the catchments that the units name where there are no polygons, else none, with a notice."""
    units, given = draft.spatial.get("units"), draft.given.get("catchments")
    named = stages_of_units(units, draft.plan.profile.schooling.ids) if units is not None else ()
    if "catchments" in draft.spatial:
        if named:
            column = stage_column("catchment", named[0])
            draft.of("units").add("unit_catchments_unused", severity="warning", column=column)
        return draft
    if given is not None and ("geometry" in given.frame or not given.sound):
        return draft  # its own faults give the reason
    if units is not None and named and "schools" in draft.spatial:
        own = None if given is None else given.frame
        made = catchments_of_units(
            units,
            draft.spatial["schools"],
            own,
            schooling=draft.plan.profile.schooling,
            log=draft.of("units"),
        )
        return draft if made is None else replace(draft, spatial={**draft.spatial, "catchments": made})
    if given is not None:
        given.log.add("no_places")
    if "catchments" in draft.plan.tables:
        return draft
    draft.of("catchments").add("catchments_not_given", severity="notice")
    none = gpd.GeoDataFrame(empty_frame(input_table("catchments")), geometry=[], crs=draft.crs)
    return replace(draft, spatial={**draft.spatial, "catchments": none})


def _in_key_order(draft: CityDraft) -> CityDraft:
    """Sort the rows of every table by its key, so that the order of rows in a file changes no result.

    Row labels stay with their rows. A table without a key is sorted by its geometries.
    """
    given = {
        name: replace(one, frame=ordered(one.frame, by=one.table.key)) for name, one in draft.given.items()
    }
    spatial = {name: ordered(frame, by=input_table(name).key) for name, frame in draft.spatial.items()}
    return replace(draft, given=given, spatial=spatial)


def _listed_once(draft: CityDraft) -> CityDraft:
    """Return the draft without schools and projects that are listed twice; check the lives of all."""
    if not draft.sound("schools"):
        return draft
    logs = {name: draft.of(name) for name in ("schools", "projects", "sites")}
    frames = {name: one.frame for name, one in draft.given.items() if one.sound}
    plain, spatial = list_once(
        frames, draft.spatial, schooling=draft.plan.profile.schooling, crs=draft.crs, logs=logs
    )
    given = {name: replace(one, frame=plain.get(name, one.frame)) for name, one in draft.given.items()}
    return replace(draft, given=given, spatial=spatial)


def _check_shapes(draft: CityDraft) -> CityDraft:
    """Report identical geometries, and catchments or areas that overlap or leave gaps; find shared areas."""
    tolerance = draft.plan.space.overlap_tolerance_m2
    for name in _NO_TWINS:
        frame = draft.spatial.get(name)
        if frame is not None and not (name == "units" and draft.plan.population.raster):
            # A polygon may validly occur once per kind (district, school district) or per stage (catchment).
            kind = "kind" if name == "districts" else "stage"
            report_twins(frame.geometry, by=frame.get(kind), log=draft.of(name))
    areas = draft.spatial.get("units")
    if areas is not None and draft.sound("units"):
        polygons = areas.set_index("unit_id").geometry
        polygons = polygons[polygons.geom_type.isin(["Polygon", "MultiPolygon"])]
        report_area_overlaps(polygons, tolerance_m2=tolerance, log=draft.of("units"))
    catchments = draft.spatial.get("catchments")
    if catchments is not None and draft.sound("catchments"):
        bound, overlaps = draft.of("catchments"), {}
        homes = np.zeros(0, dtype=object) if areas is None else np.asarray(areas.geometry.array, dtype=object)
        for stage, own in catchments.set_index("catchment_id").groupby("stage", sort=True):
            shapes = np.asarray(own.geometry.array, dtype=object)
            overlaps[str(stage)] = find_overlaps(shapes, homes, tolerance_m2=tolerance)
            report_catchment_overlaps(own.geometry, overlaps[str(stage)], stage=str(stage), log=bound)
            report_gaps(own.geometry, stage=str(stage), tolerance_m2=tolerance, log=bound)
        name = text("tables.catchment.shared", draft.plan.general.lang)
        return replace(draft, shared=with_shared_areas(catchments, overlaps, name=name))
    return draft


def _residents(draft: CityDraft) -> Residents | None:
    plan, given = draft.plan, draft.given["units"]
    if not given.sound:
        return None
    standards = plan.profile.at(plan.general.base_year)
    stated = {str(stage): rate for stage, rate in plan.demand.participation.items()}
    return read_residents(given.frame, plan.population, standards, participation=stated, log=given.log)


def _stages(draft: CityDraft) -> tuple[str, ...]:
    plan, schools = draft.plan, draft.spatial["schools"]
    bound = draft.of("schools")
    stages = plan_stages(
        plan.stages, plan.general.stages, schools, schooling=plan.profile.schooling, log=bound
    )
    report_grades(schools, plan.profile.at(plan.general.base_year), log=bound)
    report_seatless(
        schools,
        stages=stages,
        schooling=plan.profile.schooling,
        ownership=plan.supply.ownership,
        log=bound,
    )
    return stages


def _links(draft: CityDraft, stages: tuple[str, ...]) -> pd.DataFrame:
    """Link schools to catchments, and check schools against the study area and the datum."""
    schools, catchments = draft.spatial["schools"], draft.spatial["catchments"]
    links = link_schools(
        catchments,
        schools,
        stages=stages,
        schooling=draft.plan.profile.schooling,
        ownership=draft.plan.supply.ownership,
        log=draft.of("catchments"),
    )
    outlines = [
        draft.spatial[name].geometry for name in ("catchments", "units", "districts") if name in draft.spatial
    ]
    area = pd.concat([shapes for shapes in outlines if len(shapes)])
    report_schools_outside(schools, area[area.geom_type != "Point"], log=draft.of("schools"))
    logs = {name: draft.of(name) for name in ("schools", "units", "sites")}
    report_datums(draft.spatial, links, logs=logs)
    return links
