"""Demand bands, peaks, and estates whose residents arrive before their school."""

from __future__ import annotations

from layoutplan.outputs.map.frames import Record, records, records_in_both, series
from layoutplan.outputs.map.meta import MapMeta
from layoutplan.outputs.row_lookup import Frames

BAND_FIGURES = ("p10", "p90", "probability_short")
BASIS_FIGURES = ("hukou_less_residence", "hukou_and_permit_less_residence")
_PEAK_COLUMNS = (
    "catchment_id",
    "peak_year",
    "peak_shortfall",
    "first_short_year",
    "last_short_year",
    "likely_short_year",
    "lasting_shortfall",
    "passing_shortfall",
    "kind",
    "advice",
    "advice_translated",
)


def catchment_bands(tables: Frames, meta: MapMeta) -> Record:
    """Return the demand bands by catchment, ``{figure: [a value per year]}``.

    Parameters
    ----------
    tables
        Result tables by name.
    meta
        Gives the years.

    Returns
    -------
    Record
        Empty where the run made no draws.
    """
    bands = tables.get("demand_bands")
    if bands is None or bands.empty:
        return {}
    found = series(bands.assign(layout="all"), BAND_FIGURES, by=["catchment_id"], years=meta.years)
    return {thing: of["all"] for thing, of in found.items()}


def total_bands(tables: Frames, meta: MapMeta, *, level: str) -> Record:
    """Return the demand bands by ``place|stage``; the place is empty for the city.

    Parameters
    ----------
    tables
        Result tables by name.
    meta
        Gives the years.
    level
        ``city`` or ``district``.

    Returns
    -------
    Record
        As :func:`catchment_bands`.
    """
    totals = tables.get("total_bands")
    if totals is None or totals.empty:
        return {}
    own = totals[totals["level"] == level]
    own = own.assign(layout="all", place_id=own["place_id"].astype("string").fillna("").astype(str))
    found = series(own, BAND_FIGURES, by=["place_id", "stage"], years=meta.years)
    return {thing: of["all"] for thing, of in found.items()}


def basis_records(tables: Frames, meta: MapMeta) -> Record:
    """Return by catchment the difference of demand on other bases from that of residence, per year.

    Parameters
    ----------
    tables
        Result tables by name.
    meta
        Gives the years.

    Returns
    -------
    Record
        Catchments are left out where the units table states no other basis.
    """
    streams = tables.get("demand_streams")
    if streams is None or streams.empty:
        return {}
    known = streams[streams[[*BASIS_FIGURES]].notna().any(axis=1)]
    found = series(known.assign(layout="all"), BASIS_FIGURES, by=["catchment_id"], years=meta.years)
    return {thing: of["all"] for thing, of in found.items()}


def peak_records(tables: Frames, meta: MapMeta) -> dict[str, Record]:
    """Return by catchment when its demand peaks and what part of the shortage lasts.

    Parameters
    ----------
    tables
        Result tables by name.
    meta
        Gives the language of the tables.

    Returns
    -------
    dict[str, Record]
        Empty without an outlook.
    """
    peaks = tables.get("peaks")
    if peaks is None or peaks.empty:
        return {}
    own = records_in_both(records(peaks[[*_PEAK_COLUMNS]]), ["advice"], lang=meta.lang)
    return {str(record.pop("catchment_id")): record for record in own}


def late_schools(tables: Frames, meta: MapMeta) -> list[Record]:
    """Return the estates whose residents arrive before their school.

    Parameters
    ----------
    tables
        Result tables by name.
    meta
        Gives the language of the tables.

    Returns
    -------
    list[Record]
        One record per row of result table ``estate_gaps``.
    """
    gaps = tables.get("estate_gaps")
    if gaps is None or gaps.empty:
        return []
    columns = ["name", "stage", "first_occupancy_year", "new_pupils", "school_year"]
    return records_in_both(
        records(gaps[[*columns, "remark", "remark_translated"]]), ["remark"], lang=meta.lang
    )
