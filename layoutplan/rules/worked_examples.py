"""Worked examples: the inputs of a run from a few rows, for the examples in docstrings and tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from shapely.geometry import LineString, Point, box

from layoutplan.access import measure_access
from layoutplan.balance import evaluate
from layoutplan.city.ages import AGES
from layoutplan.city.city import City
from layoutplan.city.estates import with_estate_units
from layoutplan.city.links import district_of, link_schools, split_districts
from layoutplan.city.point_lookup import polygon_of
from layoutplan.demand import estimate_demand
from layoutplan.dictionary import Table, check_frame, empty_frame, input_tables
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.layouts import TODAY, Layout, WalkSettings, current_supply
from layoutplan.outlook import estimate_outlook
from layoutplan.plan import Plan, default_plan
from layoutplan.plan.settings import UncertaintySettings
from layoutplan.rules.flags import flag_schools
from layoutplan.rules.ledger import update_ledger
from layoutplan.rules.ledger_history import earlier_ledger, has_history
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.standards import Schooling, load_profile
from layoutplan.study import Study
from layoutplan.texts import in_both, text
from layoutplan.watched import unrecorded

ExampleRows = Mapping[str, Sequence[Any]]
"""A table by columns. Shapes are metres from a corner: ``x``, ``y`` a point, ``box`` (west, south, east,
north) a polygon, ``line`` a list of points."""

_LANG: Final = "en"
_LATER: Final[Any] = object()  # stands for a result until it is read
_CRS: Final = pyproj.CRS.from_epsg(4547)
_CORNER: Final = (467_000.0, 3_847_000.0)
_SHAPES: Final = ("x", "y", "box", "line")
_ONE_UNIT: Final[ExampleRows] = MappingProxyType({"unit_id": ["U1"], "x": [500.0], "y": [500.0]})
_ONE_SCHOOL: Final[ExampleRows] = MappingProxyType(
    {"school_id": ["S0"], "school_type": ["primary"], "seats_primary": [0]}
)

SEVEN_MET: Final[ExampleRows] = MappingProxyType(
    {
        "school_id": ["A", "B"],
        "stage": ["primary", "primary"],
        "pupils": [100, 100],
        "teachers_above_degree": [5, 5],
        "teachers_backbone": [1, 1],
        "teachers_arts_sports": [1, 1],
        "teaching_area_m2": [450, 450],
        "sports_area_m2": [750, 750],
        "equipment_value": [200_000, 200_000],
        "multimedia_rooms": [3, 3],
    }
)
"""Resources of two primary schools, A and B, that attain the seven indicators of 2017."""


def worked_example(
    *,
    base_year: int = 2025,
    target_year: int = 2027,
    profile: str = "cn-zhengzhou-gaoxin-2020",
    stages: Sequence[str] = ("primary", "junior"),
    schools: ExampleRows = _ONE_SCHOOL,
    units: ExampleRows = _ONE_UNIT,
    **tables: ExampleRows,
) -> RuleInputs:
    """Return the inputs of a tiny city; every figure is computed by the stages that compute a real run.

    Parameters
    ----------
    base_year, target_year, profile, stages
        The plan.
    schools, units
        Columns of the input tables. Rows without a place share one point; rows without a name take their id.
        ``units`` may have ``age_6`` and so on (residents of a year of age). Walks are straight lines × the
        profile's detour factor.
    **tables
        Any other input table, by name.

    Returns
    -------
    RuleInputs
        Inputs with balance, access, flags, ledger and outlook, each computed when it is first read.

    Raises
    ------
    InputError
        If a table breaks the data dictionary, as for a real city.

    Examples
    --------
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"],
    ...                                "seats_primary": [540], "enrolment_primary": [600]})
    >>> int(case.city.schools.loc["A", "enrolment_primary"]), case.base_year
    (600, 2025)
    """
    log = FaultLog()
    given = {"schools": schools, "units": units, **tables}
    schooling = load_profile(profile).schooling
    tables_known = input_tables(schooling)
    frames = {name: _frame(table, given.get(name, {}), log) for name, table in tables_known.items()}
    log.raise_if_errors()
    years = tuple(range(base_year, target_year + 1))
    city = _city(frames, years=years, stages=tuple(stages), schooling=schooling, log=log)
    plan = default_plan(
        profile, stages=tuple(stages), base_year=base_year, horizon_year=target_year, lang=_LANG
    )
    plan = replace(plan, uncertainty=UncertaintySettings(enabled=False))
    study = _study(plan, city)
    return _WorkedInputs(study, **dict.fromkeys(_COMPUTED, _LATER))


def _ledger(inputs: RuleInputs) -> pd.DataFrame:
    previous = inputs.once(_earlier)
    return update_ledger(inputs.flags, inputs.profile, year=inputs.base_year, previous=previous, lang=_LANG)


def _earlier(inputs: RuleInputs) -> pd.DataFrame | None:
    return earlier_ledger(inputs.city, inputs.profile, lang=_LANG)


_COMPUTED: Final[Mapping[str, Callable[[RuleInputs], Any]]] = MappingProxyType(
    {
        "balance": lambda inputs: evaluate(inputs.study),
        "flags": lambda inputs: flag_schools(inputs.study),
        "ledger": _ledger,
        "ledger_goes_back": lambda inputs: has_history(inputs.once(_earlier), year=inputs.base_year),
        "access": lambda inputs: measure_access(inputs.study, inputs.balance),
        "outlook": lambda inputs: estimate_outlook(inputs.study),
    }
)
"""What each field of a worked example is computed by."""


class _WorkedInputs(RuleInputs):
    """Inputs that compute a result when it is first read: most measures read one or two."""

    if not TYPE_CHECKING:

        def __getattribute__(self, name: str) -> object:
            """Return an attribute; a result that nobody has given is computed."""
            given = super().__getattribute__(name)
            if given is not _LATER:
                return given
            with unrecorded():  # what a stage reads, its reader does not
                return self.once(_COMPUTED[name])


def _study(plan: Plan, city: City) -> Study:
    """Return the study of a tiny city, with straight walks as far as any stage asks for."""
    standards = plan.profile.at(plan.general.base_year)
    reach_m = {stage: standards.reach_m(stage) for stage in city.stages}
    radii = [standards.service_radius_m(stage) for stage in city.stages]
    seats, zoning = current_supply(city, plan.profile, plan.supply)
    walking = WalkSettings(None, plan.travel.snap_limit_m, standards.number("walking.detour_factor"))
    walks = walking.pairs(
        city.units.geometry, seats.schools.geometry, limit_m=max([*reach_m.values(), *radii])
    )
    return Study(
        plan=plan,
        city=city,
        demand=estimate_demand(city, plan.profile, plan.demand, ownership=plan.supply.ownership),
        today=Layout(TODAY, in_both(lambda lang: text("layouts.today", lang)), seats, zoning, walks),
        walking=walking,
        reach_m=reach_m,
    )


def with_draws(inputs: RuleInputs) -> RuleInputs:
    """Return the inputs with an outlook of 100 demand draws, so that its bands have rows.

    Parameters
    ----------
    inputs
        Inputs of a worked example.

    Returns
    -------
    RuleInputs
        A copy with ``outlook`` set.
    """
    plan = replace(inputs.study.plan, uncertainty=UncertaintySettings(draws=100))
    return replace(inputs, outlook=estimate_outlook(replace(inputs.study, plan=plan)))


@cache
def _bare(table: Table) -> pd.DataFrame:
    """Return a table that is not given."""
    bare = empty_frame(table)
    return bare if table.geometry == "none" else gpd.GeoDataFrame(bare, geometry=[], crs=_CRS)


def _frame(table: Table, rows: ExampleRows, log: FaultLog) -> pd.DataFrame:
    """Return a table checked as a real one is; names stand in for missing ones by id."""
    if not rows:
        return _bare(table)
    raw = pd.DataFrame({column: list(values) for column, values in rows.items() if column not in _SHAPES})
    ids = table.key[0] if table.key else ""
    if "name" in table.column_names and "name" not in raw and ids in raw:
        raw["name"] = raw[ids]
    shapes = _shapes(rows, len(raw), table.geometry)
    if shapes is not None:
        raw = gpd.GeoDataFrame(raw, geometry=shapes, crs=_CRS)
    return check_frame(raw, table, file=f"{table.name}.csv", log=log).reset_index(drop=True)


def _shapes(rows: ExampleRows, count: int, geometry: str) -> list[Any] | None:
    west, south = _CORNER
    if "x" in rows:
        return [Point(west + x, south + y) for x, y in zip(rows["x"], rows["y"], strict=True)]
    if "box" in rows:
        return [box(west + a, south + b, west + c, south + d) for a, b, c, d in rows["box"]]
    if "line" in rows:
        return [LineString([(west + x, south + y) for x, y in line]) for line in rows["line"]]
    if geometry == "none":
        return None
    return [Point(west + 500.0, south + 500.0) if geometry == "point" else None] * count


def _city(
    frames: Mapping[str, pd.DataFrame],
    *,
    years: tuple[int, ...],
    stages: tuple[str, ...],
    schooling: Schooling,
    log: FaultLog,
) -> City:
    spatial = {name: gpd.GeoDataFrame(frames[name], geometry="geometry", crs=_CRS) for name in
               ("schools", "units", "catchments", "districts")}  # fmt: skip
    own = {name: spatial[name].set_index(f"{name[:-1]}_id") for name in spatial}
    districts, groups = split_districts(own.pop("districts"))
    named = {name: _named(frame, districts) for name, frame in own.items()}
    grouped = district_of(own["catchments"], groups)
    areas = named["units"]
    ages = [f"age_{age}" for age in AGES]
    population = areas.reindex(columns=ages).astype(float).fillna(0.0).set_axis(list(AGES), axis=1)
    units = gpd.GeoDataFrame(
        {
            "area_id": areas.index,
            "name": areas["name"],
            "district_id": areas["district_id"],
            "residents": areas["population"].astype(float).fillna(population.sum(axis=1)),
        },
        geometry=areas.geometry.representative_point(),
        crs=_CRS,
    )
    note = TableLog(log, "catchments.csv", "catchments")
    links = link_schools(
        spatial["catchments"],
        spatial["schools"],
        stages=stages,
        schooling=schooling,
        ownership=("public", "inclusive"),
        log=note,
    )
    held = {
        stage: polygon_of(units.geometry, own["catchments"].geometry[own["catchments"]["stage"] == stage])
        for stage in stages
    }
    others = {name: frame for name, frame in frames.items() if name not in spatial}
    city = City(
        name="Example",
        crs=_CRS,
        schooling=schooling,
        stages=stages,
        years=years,
        schools=named["schools"],
        areas=areas,
        units=units,
        population=population,
        catchments=named["catchments"].assign(school_district_id=grouped),
        catchment_schools=links,
        unit_catchments=pd.DataFrame(held, index=units.index),
        districts=districts,
        school_districts=groups,
        tables=MappingProxyType(others),
    )
    return with_estate_units(city)


def _named(frame: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    names = pd.Series(np.asarray(frame.index, dtype=object), index=frame.index)
    named = frame.assign(name=frame["name"].where(frame["name"].notna(), names))
    return named.assign(district_id=district_of(named, districts)) if len(districts) else named
