"""Look ahead: bands, peaks, streams and estates of every stage, as result tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.dictionary.convert import DTYPES
from layoutplan.errors import FaultLog
from layoutplan.layouts.seats import Seats
from layoutplan.outlook.bands import Bands, draw_bands
from layoutplan.outlook.draws import Shocks
from layoutplan.outlook.estate_gaps import estate_gap_rows
from layoutplan.outlook.inputs import StageInputs, places_of, stage_inputs
from layoutplan.outlook.peaks import peak_rows
from layoutplan.outlook.result import Outlook
from layoutplan.outlook.streams import area_basis_rows, stream_rows
from layoutplan.outlook.unit_groups import UnitGroups, groups_of
from layoutplan.plan.settings import PopulationSettings, UncertaintySettings
from layoutplan.standards.rules import Profile
from layoutplan.texts import Language


def estimate_outlook(
    city: City,
    demand: Demand,
    seats: Seats,
    profile: Profile,
    settings: UncertaintySettings,
    *,
    seed: int,
    lang: Language,
    population: PopulationSettings | None = None,
    shocks: Shocks | None = None,
) -> Outlook:
    """Say how sure the demand is, when it peaks and what of a shortage lasts, and where it comes from.

    Parameters
    ----------
    city, demand, seats, profile
        As :func:`~layoutplan.balance.evaluate` takes them.
    settings, seed
        Whether and how many draws are made, and their seed: the same seed makes the same draws
        (:mod:`layoutplan.outlook.draws`).
    population
        ``[population]`` of the plan: which basis the demand is on.
    shocks
        How far off forecasts are; ``None`` takes the profile's ``demand.spread_*`` (where it has none,
        no draws are made, with a notice).

    Returns
    -------
    Outlook
        Tables without rows where there is nothing to tell: no catchments, no housing, no draws.
    """
    log = FaultLog()
    standards = profile.at(city.base_year)
    shocks = shocks or Shocks.of(standards, ahead=len(city.years) - 1)
    if settings.enabled and shocks is None:
        log.add("spread_unknown", severity="notice", table="demand")
    years = (*standards.numbers("demand.lasting_years"), float(len(city.years)))[0]
    population = population or PopulationSettings()
    bands, totals, peaks, streams, bases, gaps = [], [], [], [], [], []
    for stage in city.stages:
        scene = stage_inputs(stage, city=city, demand=demand, seats=seats)
        found = None
        if settings.enabled and shocks is not None:
            unit_groups = groups_of(scene)
            found, of_areas = draw_bands(
                places_of(scene, profile, delays=len(shocks.delays)),
                unit_groups.groups,
                shocks,
                seats=scene.parts.seats,
                seed=seed,
                draws=settings.draws,
            )
            bands.append(_band_rows(scene, found))
            totals.append(_total_rows(scene, unit_groups, of_areas))
        probability = None if found is None else found.probability_short
        peaks.append(peak_rows(scene, probability_short=probability, lasting_years=int(years), lang=lang))
        streams.append(stream_rows(scene, population))
        bases.append(area_basis_rows(scene, population))
        gaps.append(estate_gap_rows(scene, seats, lang=lang))
    return Outlook(
        bands=_table("demand_bands", bands),
        totals=_table("total_bands", totals),
        peaks=_table("peaks", peaks),
        streams=_table("demand_streams", streams),
        area_bases=_table("area_bases", bases),
        estate_gaps=_table("estate_gaps", gaps),
        draws=settings.draws if bands else 0,
        notes=log.notes,
    )


def _band_rows(scene: StageInputs, bands: Bands) -> pd.DataFrame:
    """Return table ``demand_bands`` of one stage."""
    count = len(scene.catchments)
    columns = {"demand": scene.parts.demand, "seats": scene.parts.seats, **bands.columns()}
    return _long(
        scene.catchment_rows(),
        scene.city.years,
        {name: values[:count] for name, values in columns.items()},
    )


def _total_rows(scene: StageInputs, unit_groups: UnitGroups, bands: Bands) -> pd.DataFrame:
    """Return table ``total_bands`` of one stage: the groups of :mod:`~layoutplan.outlook.unit_groups`."""
    columns = {"demand": unit_groups.demand, "seats": unit_groups.groups.seats, **bands.columns()}
    return _long(unit_groups.table.assign(stage=scene.stage), scene.city.years, columns)


def _long(things: pd.DataFrame, years: Sequence[int], columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return one row a thing and year from arrays things × years."""
    long = things.loc[things.index.repeat(len(years))].reset_index(drop=True)
    return long.assign(
        year=np.tile(years, len(things)), **{name: values.ravel() for name, values in columns.items()}
    )


def _table(name: str, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the parts as one result table: its columns in order, with their types."""
    table = result_table(name)
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty_frame(table)
    frame = pd.concat(filled, ignore_index=True)[[*table.column_names]]
    kinds = {column.name: DTYPES[column.dtype] for column in table.columns if column.dtype != "text"}
    return frame.astype(kinds)
