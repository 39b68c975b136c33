"""Balance indicators (均衡指标) of single schools, and how far schools differ (差异系数)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.dictionary.rolls import by_stage
from layoutplan.rules.rule_inputs import RuleInputs


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a school has for its pupils.

    Attributes
    ----------
    id, column
        Its name, and the column of table ``resources`` that holds the amount.
    per, unit
        Of how many pupils its value is told (1 or 100), and the unit of that value.
    standard
        Key of the least value each school must reach by the rule of 2017; empty for none.
    of_2012
        Whether it is one of the eight of the rule of 2012, whose CVs make the composite.
    """

    id: str
    column: str
    per: int
    unit: str
    standard: str = ""
    of_2012: bool = False


INDICATORS: Final = (
    Indicator(
        "higher_degree_teachers",
        "teachers_above_degree",
        100,
        "teachers/100 pupils",
        "equity.higher_degree_teachers_per_100",
        of_2012=True,
    ),
    Indicator(
        "backbone_teachers",
        "teachers_backbone",
        100,
        "teachers/100 pupils",
        "equity.backbone_teachers_per_100",
    ),
    Indicator(
        "pe_arts_teachers",
        "teachers_arts_sports",
        100,
        "teachers/100 pupils",
        "equity.pe_arts_teachers_per_100",
    ),
    Indicator(
        "teaching_area", "teaching_area_m2", 1, "m²/pupil", "equity.teaching_area_per_pupil", of_2012=True
    ),
    Indicator("sports_area", "sports_area_m2", 1, "m²/pupil", "equity.sports_area_per_pupil", of_2012=True),
    Indicator(
        "equipment", "equipment_value", 1, "currency/pupil", "equity.equipment_per_pupil", of_2012=True
    ),
    Indicator(
        "multimedia_rooms", "multimedia_rooms", 100, "rooms/100 pupils", "equity.multimedia_rooms_per_100"
    ),
    Indicator("computers", "computers", 100, "computers/100 pupils", of_2012=True),
    Indicator("books", "books", 1, "books/pupil", of_2012=True),
    Indicator("teachers", "teachers", 100, "teachers/100 pupils", of_2012=True),
    Indicator("mid_title_teachers", "teachers_mid_title", 100, "teachers/100 pupils", of_2012=True),
)
"""The seven of 2017 (教督〔2017〕6号), then those that only the eight of 2012 (教督〔2012〕3号) have."""


def weighted_cv(amounts: npt.ArrayLike, pupils: npt.ArrayLike) -> float:
    """Return the coefficient of variation of amounts per pupil, weighted by pupils (差异系数).

    With X_i = x_i / P_i and the mean of all pupils X̄ = Σ x_i / Σ P_i, it is
    sqrt(Σ (P_i / Σ P) (X_i − X̄)²) / X̄ (教督〔2012〕3号; 教督〔2017〕6号).

    Parameters
    ----------
    amounts, pupils
        One a school; pupils above 0.

    Returns
    -------
    float
        0 where every pupil has the same; not a number without schools, or where nobody has anything.

    Examples
    --------
    The worked example that accompanies the formula: books of five schools.

    >>> round(weighted_cv([279, 137, 935, 160, 402], [45, 37, 89, 76, 55]), 4)
    0.5153
    """
    spread, mean = weighted_spread(amounts, pupils)
    return spread / mean if mean > 0 else float("nan")


def weighted_spread(amounts: npt.ArrayLike, pupils: npt.ArrayLike) -> tuple[float, float]:
    """Return the pupil-weighted standard deviation and the mean of amounts per pupil.

    Parameters
    ----------
    amounts
        Amount of each school, such as m² or teachers.
    pupils
        Pupils of each school, the weights; same length.

    Returns
    -------
    tuple[float, float]
        Standard deviation and mean, per pupil; nan for both without pupils.

    Examples
    --------
    >>> [round(figure, 4) for figure in weighted_spread([279, 137, 935, 160, 402], [45, 37, 89, 76, 55])]
    [3.2639, 6.3344]
    """
    amount, weight = np.asarray(amounts, dtype=float), np.asarray(pupils, dtype=float)
    if not weight.sum() > 0:
        return float("nan"), float("nan")
    mean = float(amount.sum() / weight.sum())
    each = amount / weight
    spread = float(np.sqrt((weight * (each - mean) ** 2).sum() / weight.sum()))
    # Schools that are equal but for rounding are equal.
    return (0.0 if spread <= np.finfo(float).eps * 8 * abs(mean) else spread), mean


def composite_cv(cvs: npt.ArrayLike) -> float:
    """Return the composite coefficient of variation (综合差异系数): the mean of the CVs.

    Parameters
    ----------
    cvs
        CVs of the indicators.

    Returns
    -------
    float
        nan if one of them is nan, or if there are none.

    Examples
    --------
    Jiujiang district 2023, primary: standard deviation over mean of each indicator.

    >>> mean = [5.515273, 0.887611, 0.879277, 4.563288, 7.925946, 2496.674864, 2.784743]
    >>> spread = [1.643162, 0.445392, 0.353427, 1.316139, 2.975795, 780.914372, 1.097759]
    >>> round(composite_cv([one / of for one, of in zip(spread, mean)]), 6)
    0.367503
    """
    values = np.asarray(cvs, dtype=float)
    return float(values.mean()) if values.size else float("nan")


def school_indicators(inputs: RuleInputs, *, only: Sequence[str] = ()) -> pd.DataFrame:
    """Return the resources of each school per pupil, by stage and indicator, against the year's standard.

    Figures are those of the base year, else of the last year before it; pupils are those of table
    ``resources``, else the enrolment. A school is listed but not counted (``left_out``) where it has no
    pupils (``no_pupils``), is a special school (``special``), or is a teaching point of fewer pupils than
    ``equity.smallest_school`` (``small``): one that states its ``grades``, or, where no school does, any
    school that small.

    Parameters
    ----------
    inputs
        Study and stage results of the run.
    only
        Ids of the indicators wanted; all unless given.

    Returns
    -------
    DataFrame
        Result table ``school_indicators``: by school, stage and indicator, in the order of
        :data:`INDICATORS`; amounts that are not given make no row.
    """
    table = result_table("school_indicators")
    rows = inputs.once(_resources)
    wanted = [one for one in INDICATORS if not only or one.id in only]
    given = [one for one in wanted if rows[one.column].notna().any()]
    if rows.empty or not given:
        return empty_frame(table)
    found = inputs.once(_all_indicators)
    return found[found["indicator"].isin([one.id for one in given])].reset_index(drop=True)


def _all_indicators(inputs: RuleInputs) -> pd.DataFrame:
    """Return the rows of every indicator that is given; there is one at least."""
    table = result_table("school_indicators")
    rows = inputs.once(_resources)
    parts = [_one_indicator(rows, one, inputs) for one in INDICATORS if rows[one.column].notna().any()]
    order = {one.id: place for place, one in enumerate(INDICATORS)}
    found = pd.concat(parts, ignore_index=True)
    found = found.assign(
        _place=found["indicator"].map(order), _stage=found["stage"].map(inputs.compulsory.index)
    )
    found = found.sort_values(["school_id", "_stage", "_place"], kind="stable", ignore_index=True)
    return found.reindex(columns=list(table.column_names)).astype(empty_frame(table).dtypes)


def _resources(inputs: RuleInputs) -> pd.DataFrame:
    """Return the latest resources of every school and stage, with pupils and why it is left out."""
    table, schools = inputs.city.tables["resources"], inputs.city.schools
    year = table["year"].astype("Float64").fillna(float(inputs.base_year))
    stages = inputs.compulsory
    known = table["stage"].isin(stages) & table["school_id"].isin(schools.index)
    rows = table.assign(year=year)[known & (year <= inputs.base_year)]
    rows = rows.sort_values(["school_id", "stage", "year"]).drop_duplicates(
        ["school_id", "stage"], keep="last"
    )
    rows = rows.reset_index(drop=True)
    own = pd.DataFrame(schools).reindex(rows["school_id"])
    closed = own["closed_year"].astype("Float64").to_numpy(dtype=float, na_value=np.inf)
    by_school = by_stage(own, "enrolment", stages)
    enrolled = [by_school[stage].iloc[place] for place, stage in enumerate(rows["stage"].astype(str))]
    stated = rows["pupils"].astype(float)
    pupils = stated.where(stated.notna(), pd.Series(enrolled, index=rows.index).astype(float))
    rows = rows.assign(
        pupils=pupils,
        name=own["name"].to_numpy(),
        district_id=own["district_id"].to_numpy(),
        left_out=_left_out(own, pupils, inputs),
    )
    return rows[closed > inputs.base_year].reset_index(drop=True)


def _left_out(own: pd.DataFrame, pupils: pd.Series, inputs: RuleInputs) -> npt.NDArray[np.object_]:
    """Return why each row is not counted, ``None`` where it is."""
    all_grades = inputs.city.schools["grades"]
    in_part = own["grades"].map(bool, na_action="ignore").fillna(value=False).to_numpy(dtype=bool)
    if not all_grades.map(bool, na_action="ignore").fillna(value=False).any():
        in_part = np.ones(len(own), dtype=bool)
    smallest = inputs.limit("equity.smallest_school") or 0.0
    count = pupils.to_numpy(dtype=float)
    small = in_part & (count < smallest)
    why = np.full(len(own), None, dtype=object)
    why[small] = "small"
    why[(own["school_type"] == "special").to_numpy(dtype=bool)] = "special"
    why[~(count > 0)] = "no_pupils"
    return why


def _one_indicator(rows: pd.DataFrame, indicator: Indicator, inputs: RuleInputs) -> pd.DataFrame:
    """Return the rows of one indicator: value, standard, whether it is attained, and what is lacking."""
    rows = rows[rows[indicator.column].notna()]
    amount = rows[indicator.column].astype(float)
    pupils = rows["pupils"].astype(float)
    value = amount / pupils.where(pupils > 0) * indicator.per
    limits = {
        stage: inputs.limit(indicator.standard, stage) if indicator.standard else None
        for stage in rows["stage"].unique()
    }
    standard = rows["stage"].map(limits).astype(float)
    reached = value / standard.where(standard > 0)
    lacking = (standard * pupils / indicator.per - amount).clip(lower=0.0)
    return rows.assign(
        indicator=indicator.id,
        amount=amount,
        pupils=pupils,
        value=value,
        unit=indicator.unit,
        standard=standard,
        attained=(value >= standard * (1 - 1e-9)).astype("boolean").where(value.notna() & standard.notna()),
        share_attained=reached,
        lacking=lacking.where(value.notna()),
    )
