"""The ledger of earlier years, rebuilt from the input tables."""

from __future__ import annotations

import pandas as pd

from layoutplan.city.city import City
from layoutplan.dictionary.rolls import stage_column
from layoutplan.rules.flags import flag_year
from layoutplan.rules.ledger import update_ledger
from layoutplan.standards import Profile
from layoutplan.texts import Language


def earlier_ledger(city: City, profile: Profile, *, lang: Language) -> pd.DataFrame | None:
    """Rebuild the ledger of the years before the base year for which single classes are given.

    Cases of the base year then carry the year in which they were first seen, and cases cleared since are
    closed. Each year is judged by the rules in force in it. Pupils come from table ``enrolment_history``; a
    school without a count in a year has no school-size case in that year.

    Parameters
    ----------
    city
        The checked tables.
    profile
        The profile, with its dated rules.
    lang
        Language of the texts in the table.

    Returns
    -------
    DataFrame or None
        Result table ``ledger`` as of the last of these years; ``None`` where there is no such year.
    """
    years = city.tables["classes"]["year"].dropna().astype(int)
    ledger = None
    for year in sorted({int(one) for one in years[years < city.base_year]}):
        flags = flag_year(city, _schools_in(city, year), profile, year=year)
        ledger = update_ledger(flags, profile, year=year, previous=ledger, lang=lang)
    return ledger


def has_history(previous: pd.DataFrame | None, *, year: int) -> bool:
    """Return whether a ledger goes back before a year, so that a case opened in that year is new.

    Parameters
    ----------
    previous
        An earlier ledger; ``None`` without one.
    year
        The year of the run.

    Returns
    -------
    bool
        True for an empty ledger too: one was kept and had no case.
    """
    if previous is None:
        return False
    opened = pd.to_numeric(previous["opened"], errors="coerce")
    return bool(previous.empty or (opened < year).any())


def _schools_in(city: City, year: int) -> pd.DataFrame:
    """Return the schools with the pupils of a year; means of classes are of the base year only."""
    history = city.tables["enrolment_history"]
    rows = history[(history["year"] == year) & history["school_id"].notna()]
    columns = {}
    for stage in city.stages:
        pupils = rows[rows["stage"] == stage].groupby("school_id")["pupils"].sum()
        columns[stage_column("enrolment", stage)] = pupils.astype("Float64").reindex(city.schools.index)
        columns[stage_column("classes", stage)] = pd.Series(pd.NA, index=city.schools.index, dtype="Int64")
    return pd.DataFrame(city.schools).assign(**columns)
