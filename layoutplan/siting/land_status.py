"""The status of the land of a measure (用地状况), in words, as the table of sites states it."""

from __future__ import annotations

import pandas as pd

from layoutplan.siting.candidates import Candidate
from layoutplan.study import Study
from layoutplan.texts import Language, text


def land_status(study: Study, candidate: Candidate, lang: Language) -> str:
    """Return what is stated of the land of a school built or enlarged.

    Parameters
    ----------
    study
        Gives the table of sites.
    candidate
        Where the school is.
    lang
        The language.

    Returns
    -------
    str
        Whether it is zoned for education, what it is to be rezoned to and whether the education office
        consents, tenure, title, and state; what the table does not state is said to be not stated.
    """
    if candidate.origin == "school":
        return text("siting.land.own", lang)
    if candidate.origin == "generated":
        return text("siting.land.generated", lang)
    sites = pd.DataFrame(study.city.tables["sites"])
    row = sites[sites["site_id"].astype(str) == candidate.site_id].iloc[0]
    said = [_flag("education", row.get("education_land"), lang)]
    use = row.get("proposed_use")
    if pd.notna(use):
        consent = row.get("consent")
        agreed = "agreed" if pd.notna(consent) and bool(consent) else "not_agreed"
        said.append(text(f"siting.land.{agreed}", lang, use=use))
    tenure, status = row.get("tenure"), row.get("status")
    if pd.notna(tenure):
        said.append(text(f"siting.land.tenure.{tenure}", lang))
    said.append(_flag("titled", row.get("titled"), lang))
    if pd.notna(status):
        said.append(text(f"siting.land.status.{status}", lang))
    return text("siting.land.and", lang).join(said)


def _flag(name: str, value: object, lang: Language) -> str:
    """Return a sentence part for yes, no or not stated."""
    if pd.isna(value):  # type: ignore[call-overload]  # a cell
        return text(f"siting.land.{name}.unknown", lang)
    return text(f"siting.land.{name}.{'yes' if bool(value) else 'no'}", lang)
