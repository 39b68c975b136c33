"""The ledger of the years before: cases of earlier years, found in the tables themselves."""

from __future__ import annotations

import pandas as pd

from layoutplan.city.city import City
from layoutplan.rules.flags import flag_year
from layoutplan.rules.ledger import update_ledger
from layoutplan.standards import Profile
from layoutplan.texts import Language


def earlier_ledger(city: City, profile: Profile, *, lang: Language) -> pd.DataFrame | None:
    """Keep the ledger through every year before the base year of which single classes are given.

    With it the cases of the base year have the year in which they were first seen, and those cleared since
    are closed. Each year is judged by the rules in force in it. Pupils of the schools come from table
    ``enrolment_history``; a school that it does not count that year has no case of its size.

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
    """Say whether a ledger was kept before ``year``: if so, a case opened in ``year`` is new."""
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
        columns[f"enrolment_{stage}"] = pupils.astype("Float64").reindex(city.schools.index)
        columns[f"classes_{stage}"] = pd.Series(pd.NA, index=city.schools.index, dtype="Int64")
    return pd.DataFrame(city.schools).assign(**columns)
