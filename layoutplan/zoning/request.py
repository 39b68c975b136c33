"""What a redraw is asked, checked before anything is measured or solved."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray
from layoutplan.city.city import City
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.plan import Plan
from layoutplan.study import Study
from layoutplan.texts import rounded
from layoutplan.zoning.zones import SCHOOL_OUTSIDE, Zones, stage_zones


def check_request(plan: Plan, city: City) -> None:
    """Check what ``[zoning]`` names, by the tables alone.

    Parameters
    ----------
    plan, city
        A plan and its city as read.

    Raises
    ------
    InputError
        With stages that have no catchments, and locked units that do not exist.
    """
    log = FaultLog()
    _stages(plan, city, city.catchments, log)
    _report_unknown(plan, city, log)
    log.raise_if_errors()


def check_redraw(study: Study, layout: Layout | None = None) -> None:
    """Check everything that :func:`~layoutplan.zoning.redraw` refuses; no walks are needed.

    Parameters
    ----------
    study
        City, demand, adjacency and ``[zoning]``.
    layout
        The layout to redraw; ``None``: today's.

    Raises
    ------
    InputError
        With every fault, as :func:`~layoutplan.zoning.redraw` raises it.
    """
    log = FaultLog()
    zones_to_redraw(study, layout or study.today, log)
    log.raise_if_errors()


def check_schools(study: Study) -> None:
    """Check what no proposal mends, where only the proposed layout is to be redrawn.

    Parameters
    ----------
    study
        City, demand, adjacency and ``[zoning]``.

    Raises
    ------
    InputError
        With today's schools that stand outside every unit.
    """
    log, found = FaultLog(), FaultLog()
    zones_to_redraw(study, study.today, found)
    log.extend(fault for fault in found if fault.code == SCHOOL_OUTSIDE)
    log.raise_if_errors()


def zones_to_redraw(study: Study, layout: Layout, log: FaultLog) -> list[Zones]:
    """Return the zones of every stage to redraw, and report what can not be redrawn.

    Parameters
    ----------
    study
        City, demand, adjacency and ``[zoning]``; walks are not used.
    layout
        The layout to redraw.
    log
        Receives, as errors, stages without catchments or seats, schools outside every unit, locked units
        that do not exist or have no catchment, and districts without seats; and the notices of the zones.

    Returns
    -------
    list of Zones
        By stage, youngest first.
    """
    stages = _stages(study.plan, study.city, layout.zoning.catchments, log)
    _report_unknown(study.plan, study.city, log)
    years = tuple(sorted(study.plan.zoning.years or (study.target_year,)))
    found = [stage_zones(study, layout, stage=stage, years=years, log=log) for stage in stages]
    for zones in found:
        if not zones.zones:
            log.add("zoning_no_zones", stage=zones.stage)
            continue
        _report_homeless(study, zones, log)
        if study.plan.zoning.keep_districts:
            _report_districts(study, zones, log)
    return found


def locked_units(study: Study, zones: Zones) -> BoolArray:
    """Return the units that the plan locks, by their own id or that of their area.

    Parameters
    ----------
    study
        The plan and its units.
    zones
        The zones of a stage.

    Returns
    -------
    array of bool
        Units: whether they stay where they are; never one that has no zone today.
    """
    return np.asarray(_named(study) & (zones.today >= 0))


def _named(study: Study) -> BoolArray:
    ids, units = study.plan.zoning.locked_units, study.city.units
    return np.array(units.index.isin(ids) | units["area_id"].isin(ids), dtype=bool)


def _stages(plan: Plan, city: City, catchments: gpd.GeoDataFrame, log: FaultLog) -> list[str]:
    """Return the stages to redraw; report those asked for that have no catchments."""
    asked, having = plan.zoning.stages, set(catchments["stage"])
    drawn = [stage for stage in city.stages if stage in having]
    without = [stage for stage in asked if stage not in drawn]
    if without or not drawn:
        log.add("zoning_no_catchments", stages=", ".join(without or city.stages))
    return [stage for stage in drawn if not asked or stage in asked]


def _report_unknown(plan: Plan, city: City, log: FaultLog) -> None:
    known = {*city.units.index.astype(str), *city.units["area_id"].astype(str)}
    unknown = [one for one in plan.zoning.locked_units if one not in known]
    if unknown:
        log.add("zoning_locked_unknown", rows=unknown)


def _report_homeless(study: Study, zones: Zones, log: FaultLog) -> None:
    homeless = _named(study) & (zones.today < 0)
    if homeless.any():
        log.add("zoning_locked_without_catchment", rows=study.city.units.index[homeless], stage=zones.stage)


def _report_districts(study: Study, zones: Zones, log: FaultLog) -> None:
    """Report districts that have pupils and no zone with seats."""
    code, names = pd.factorize(study.city.units["district_id"])
    seats = zones.seats.max(axis=1) > 0
    pupils = study.demand.pupils[zones.stage].to_numpy(dtype=float)[:, zones.columns].max(axis=1)
    without = [
        f"{study.city.districts['name'].get(name, name)} ({rounded(pupils[code == place].sum()):,.0f})"
        for place, name in enumerate(names)
        if not (seats & (code[zones.own] == place)).any() and pupils[code == place].sum() > 0
    ]
    if without:
        log.add("zoning_district_without_seats", stage=zones.stage, districts=", ".join(without))
