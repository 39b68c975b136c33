"""Flags: every school that breaks a size, class-size or capacity rule of its profile."""

from __future__ import annotations

import pandas as pd

from layoutplan.city.city import City
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.layouts.seats import Seats
from layoutplan.rules.class_size_bands import class_bands, class_flags, find_class_sizes
from layoutplan.rules.flag_rules import FLAG_RULES, WHOLE_SCHOOL
from layoutplan.rules.school_sizes import find_small_schools, over_capacity, oversized_schools
from layoutplan.standards import Profile
from layoutplan.study import Study


def flag_schools(study: Study) -> pd.DataFrame:
    """Judge every school open in the base year by the rules in force that year.

    Parameters
    ----------
    study
        Schools (enrolment, classes), classes with their pupils where given, today's seats for the capacity
        rule, and the thresholds in force in the base year. A rule the profile does not have flags nobody.

    Returns
    -------
    pandas.DataFrame
        Result table ``flags``: worst rule first, then most pupils in excess. All ownerships are judged.
        Empty, with all columns, where nothing is broken.
    """
    city = study.city
    return flag_year(city, city.schools, study.profile, year=city.base_year, seats=study.today.seats)


def flag_year(
    city: City, schools: pd.DataFrame, profile: Profile, *, year: int, seats: Seats | None = None
) -> pd.DataFrame:
    """Judge the schools of any year by the rules in force in it; as :func:`flag_schools`.

    Parameters
    ----------
    city
        The checked tables, for the classes and districts.
    schools
        The city's schools, with the pupils of that year.
    profile
        The profile, with its dated rules.
    year
        The school year.
    seats
        Seats by stage, year and school; without them the capacity of schools is not judged.

    Returns
    -------
    DataFrame
        Result table ``flags``.
    """
    standards = profile.at(year)
    schools = open_schools(schools, year)
    oversized = oversized_schools(schools, standards)
    parts = [oversized]
    for stage in city.stages:
        if seats is not None:
            full = over_capacity(schools, seats, standards, stage=stage, year=year)
            # More classes would only make an oversized school larger.
            parts.append(full.assign(classes_needed=full["classes_needed"].mask(_is_in(full, oversized))))
        parts.append(find_small_schools(schools, standards, stage=stage))
        sizes = find_class_sizes(
            schools, city.tables["classes"], stage=stage, year=year, base_year=city.base_year
        )
        parts.append(class_flags(sizes, class_bands(standards, stage), stage=stage))
    found = pd.concat([part for part in parts if len(part)] or [pd.DataFrame()], ignore_index=True)
    table = result_table("flags")
    blank = empty_frame(table)
    if found.empty:
        return blank
    for column in ("name", "school_type", "district_id", "responsible_unit"):
        found[column] = schools.reindex(columns=[column])[column].reindex(found["school_id"]).to_numpy()
    stages = found["stage"].astype(object).where(found["stage"].notna(), WHOLE_SCHOOL)
    case = found["rule"].astype(str) + ":" + found["school_id"].astype(str) + ":" + stages.astype(str)
    found["flag_id"] = case + f":{year}"
    found["year"] = year
    found["severity"] = found["rule"].map({rule.id: rule.severity for rule in FLAG_RULES})
    ordered = _worst_first(found).reindex(columns=list(table.column_names))
    return ordered.astype(blank.dtypes)


def open_schools(schools: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the schools that are open in a year: opened by then and not yet closed.

    Parameters
    ----------
    schools
        The schools table; columns ``opened_year`` and ``closed_year`` may be absent.
    year
        The school year.

    Returns
    -------
    DataFrame
        The rows of open schools. A missing year of opening or closing sets no limit.
    """
    dates = schools.reindex(columns=["opened_year", "closed_year"]).astype("Float64").astype(float)
    waiting = dates["opened_year"] > year
    gone = dates["closed_year"] <= year
    return schools[~waiting & ~gone]


def _is_in(cases: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    return cases["school_id"].isin(others["school_id"])


def _worst_first(found: pd.DataFrame) -> pd.DataFrame:
    place = found["rule"].map({rule.id: position for position, rule in enumerate(FLAG_RULES)})
    keyed = found.assign(_place=place, _excess=-found["excess_pupils"].astype(float).fillna(0))
    keyed = keyed.sort_values(["_place", "_excess", "flag_id"], kind="stable", ignore_index=True)
    return keyed.drop(columns=["_place", "_excess"])
