"""Estimate bands, peaks, composition of demand and estate gaps of every stage, as result tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.dictionary.convert import DTYPES
from layoutplan.errors import FaultLog
from layoutplan.outlook.bands import Bands, draw_bands
from layoutplan.outlook.draws import Shocks
from layoutplan.outlook.estate_gaps import estate_gap_rows
from layoutplan.outlook.inputs import StageInputs, places_of, stage_inputs
from layoutplan.outlook.peaks import peak_rows
from layoutplan.outlook.result import Outlook
from layoutplan.outlook.streams import area_basis_rows, note_blank_bases, stream_rows
from layoutplan.outlook.unit_groups import UnitGroups, groups_of
from layoutplan.study import Study


def estimate_outlook(study: Study) -> Outlook:
    """Estimate the uncertainty, the peaks and the composition of the demand, for today's layout.

    Parameters
    ----------
    study
        Demand and today's layout. ``[uncertainty]`` and the seed of the plan control the draws
        (:mod:`layoutplan.outlook.draws`). The standard deviations are those of :func:`expected_shocks`;
        without them no draws are made, and a notice says so.

    Returns
    -------
    Outlook
        Tables without rows where they do not apply: no catchments, no housing table, no draws.
    """
    log = FaultLog()
    city, profile, settings = study.city, study.profile, study.plan.uncertainty
    standards, shocks = study.standards, expected_shocks(study)
    if settings.enabled and shocks is None:
        log.add("spread_unknown", severity="notice", table="demand")
    years = (*standards.numbers("demand.lasting_years"), float(len(city.years)))[0]
    bands, totals, peaks, streams, bases, gaps = [], [], [], [], [], []
    for stage in city.stages:
        inputs = stage_inputs(stage, study)
        found = None
        if settings.enabled and shocks is not None:
            unit_groups = groups_of(inputs)
            found, of_areas = draw_bands(
                places_of(inputs, profile, delays=len(shocks.delays), reconciliation=study.reconciliation),
                unit_groups.groups,
                shocks,
                seats=inputs.parts.seats,
                limits=inputs.parts.limits,
                seed=study.seed,
                draws=settings.draws,
            )
            bands.append(_band_rows(inputs, found))
            totals.append(_total_rows(inputs, unit_groups, of_areas))
        probability = None if found is None else found.probability_short
        peaks.append(
            peak_rows(inputs, probability_short=probability, lasting_years=int(years), lang=study.lang)
        )
        note_blank_bases(inputs, study.plan.population, log)
        streams.append(stream_rows(inputs, study.plan.population))
        bases.append(area_basis_rows(inputs, study.plan.population))
        gaps.append(estate_gap_rows(inputs, study.today.seats, lang=study.lang))
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


def expected_shocks(study: Study) -> Shocks | None:
    """Return the distribution of the forecast errors: from back-testing if available, else the profile's.

    Parameters
    ----------
    study
        Provides the standards of the base year, the number of years and the enrolment forecast.

    Returns
    -------
    Shocks or None
        ``None`` where the profile states no ``demand.spread_*`` rules.
    """
    shocks, forecast = Shocks.of(study.standards, ahead=len(study.years) - 1), study.forecast
    if shocks is None or forecast is None or not forecast.spread.place_errors:
        return shocks
    return shocks.with_deviations(district=forecast.spread.district, zone=forecast.spread.place_alone)


def _band_rows(inputs: StageInputs, bands: Bands) -> pd.DataFrame:
    """Return table ``demand_bands`` of one stage."""
    count = len(inputs.catchments)
    columns = {"demand": inputs.parts.demand, "seats": inputs.parts.seats, **bands.columns()}
    return _long(
        inputs.catchment_rows(),
        inputs.city.years,
        {name: values[:count] for name, values in columns.items()},
    )


def _total_rows(inputs: StageInputs, unit_groups: UnitGroups, bands: Bands) -> pd.DataFrame:
    """Return table ``total_bands`` of one stage: the groups of :mod:`~layoutplan.outlook.unit_groups`."""
    columns = {"demand": unit_groups.demand, "seats": unit_groups.groups.seats, **bands.columns()}
    return _long(unit_groups.table.assign(stage=inputs.stage), inputs.city.years, columns)


def _long(entities: pd.DataFrame, years: Sequence[int], columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return one row per entity and year from arrays of entities × years."""
    long = entities.loc[entities.index.repeat(len(years))].reset_index(drop=True)
    return long.assign(
        year=np.tile(years, len(entities)), **{name: values.ravel() for name, values in columns.items()}
    )


def _table(name: str, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate the parts to a result table with the columns and types of the dictionary."""
    table = result_table(name)
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty_frame(table)
    frame = pd.concat(filled, ignore_index=True)[[*table.column_names]]
    kinds = {column.name: DTYPES[column.dtype] for column in table.columns if column.dtype != "text"}
    return frame.astype(kinds)
