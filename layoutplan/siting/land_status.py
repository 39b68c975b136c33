"""Status of the land of a proposal in words (用地状态): zoning, rezoning, consent, title, estate."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from layoutplan.city.city import City
from layoutplan.layouts.school_land import net_areas
from layoutplan.siting.candidates import Candidate, estate_years
from layoutplan.texts import Language, number, text


def land_status(city: City, candidate: Candidate, lang: Language) -> str:
    """Return the status of the land of a site or school, one sentence.

    Parameters
    ----------
    city
        The city.
    candidate
        Where the plan builds.
    lang
        The language.

    Returns
    -------
    str
        What the tables do not state is said to be not stated.
    """
    if candidate.origin == "generated":
        return text("siting.land.generated", lang)
    if candidate.origin == "school":
        return text("siting.land.school", lang)
    sites = city.tables["sites"]
    frame = gpd.GeoDataFrame(sites, geometry="geometry", crs=city.crs)
    frame = frame.set_index("site_id") if "site_id" in frame.columns else frame
    row = frame.loc[candidate.site_id]
    parts = [
        text(f"siting.land.education.{_flag(row['education_land'])}", lang),
        *_rezoning(frame, row, lang),
        *([text(f"siting.land.tenure.{row['tenure']}", lang)] if pd.notna(row["tenure"]) else []),
        text(f"siting.land.titled.{_flag(row['titled'])}", lang),
    ]
    if pd.notna(row["housing_id"]) and candidate.with_estate is not None:
        name = estate_name(city, str(row["housing_id"]))
        parts.append(text("siting.land.estate", lang, estate=name, year=candidate.with_estate))
    said = text("siting.land.comma", lang).join(parts)
    return text("siting.land.line", lang, said=said)


def estate_name(city: City, housing_id: str) -> str:
    """Return the name of an estate; its id where it has none.

    Parameters
    ----------
    city
        The city.
    housing_id
        The estate.
    """
    housing = city.tables["housing"]
    names = housing.loc[housing["housing_id"].astype(str) == housing_id, "name"].dropna()
    return str(names.iloc[0]) if len(names) else housing_id


def estate_of(city: City, candidate: Candidate) -> tuple[str, int] | None:
    """Return the estate that a site belongs to: its name, and the year in which residents move in.

    Parameters
    ----------
    city
        The city.
    candidate
        The site.
    """
    sites = city.tables.get("sites")
    if candidate.origin != "site" or candidate.with_estate is None or sites is None:
        return None
    ids = sites["site_id"] if "site_id" in sites.columns else sites.index.to_series()
    estate = str(sites.loc[(ids.astype(str) == candidate.site_id).to_numpy(), "housing_id"].iloc[0])
    return estate_name(city, estate), estate_years(city)[estate]


def _rezoning(frame: gpd.GeoDataFrame, row: pd.Series, lang: Language) -> list[str]:
    """Return what a proposed rezoning takes, and whether the education office consents."""
    if pd.isna(row["proposed_use"]):
        return []
    left = float(net_areas(frame[frame.index == row.name]).iloc[0])
    part = "part" if pd.notna(row["rezoned_area_m2"]) else "all"
    return [
        text(f"siting.land.rezoned.{part}", lang, use=str(row["proposed_use"]), left=number(left, lang)),
        text(f"siting.land.consent.{'yes' if _flag(row['consent']) == 'yes' else 'no'}", lang),
    ]


def _flag(value: object) -> str:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "unknown"
    return "yes" if bool(value) else "no"
