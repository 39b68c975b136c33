"""Annual records of an education office: pupils by grade, classes, births, resources."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layoutplan.dictionary.rolls import stage_column
from layoutplan.synthetic.arrays import ragged_ranges
from layoutplan.synthetic.schooling import TownSchooling
from layoutplan.synthetic.town import Town, random_stream

BASE_YEAR: Final = 2025
_HISTORY_YEARS: Final = 5
_YEARLY_GROWTH: Final = 0.012  # net in-migration of a cohort per year, share
_BIRTH_YEARS: Final = 12
# Resources per 100 pupils (areas m², value yuan) in primary and junior schools, near the thresholds of the
# 2017 quality-balance rule (教督〔2017〕6号), with the standard deviation of the logarithm over schools.
_RESOURCES: Final = {
    "teachers": (5.6, 8.2, 0.08),
    "teachers_above_degree": (4.7, 5.9, 0.12),
    "teachers_mid_title": (2.3, 3.4, 0.22),
    "teachers_backbone": (1.2, 1.4, 0.34),
    "teachers_arts_sports": (1.0, 1.05, 0.2),
    "teaching_area_m2": (470.0, 600.0, 0.2),
    "sports_area_m2": (760.0, 1_020.0, 0.3),
    "equipment_value": (215_000.0, 268_000.0, 0.22),
    "computers": (14.0, 17.0, 0.2),
    "books": (2_600.0, 3_700.0, 0.2),
    "multimedia_rooms": (2.4, 2.6, 0.16),
}


def classes_table(town: Town, schooling: TownSchooling) -> pd.DataFrame:
    """Return table ``classes``: one row per class, primary to senior, in the base year and the year before.

    A class is promoted as a whole, so in the year before it was one grade lower with slightly different
    numbers; classes of the last grade have left since and are assumed to resemble those that follow them.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools with pupils and classes by grade.

    Returns
    -------
    DataFrame
        One row per class and year.
    """
    grades = schooling.grades
    now = grades[(grades["stage"] != "kindergarten") & (grades["classes"] > 0)].reset_index(drop=True)
    before = _year_before(now, rng=random_stream(town.seed, 35))
    tables = [
        _classes_of(rows, schooling, year=year, rng=random_stream(town.seed, part))
        for rows, year, part in ((now, BASE_YEAR, 31), (before, BASE_YEAR - 1, 36))
    ]
    return pd.concat(tables, ignore_index=True)


def _year_before(grades: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Return pupils and classes by grade a year earlier: those of the grade above, slightly changed."""
    above = grades.groupby(["row", "stage"])[["pupils", "classes"]].shift(-1)
    cohort = above.fillna(grades[["pupils", "classes"]])
    moved = np.exp(rng.normal(0.0, 0.035, len(grades))) / (1.0 + _YEARLY_GROWTH)
    pupils = np.maximum(np.rint(cohort["pupils"].to_numpy() * moved), 1.0).astype(np.int64)
    return grades.assign(pupils=pupils, classes=cohort["classes"].astype(np.int64))


def _classes_of(
    rows: pd.DataFrame, schooling: TownSchooling, *, year: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Divide the pupils of each grade about evenly among its classes."""
    count = rows["classes"].to_numpy(dtype=np.int64)
    number, owner = ragged_ranges(np.zeros(len(rows), dtype=np.int64), count)
    share = rows["pupils"].to_numpy(dtype=np.float64)[owner] / count[owner]
    low = np.floor(share).astype(np.int64)
    extra = (
        rows["pupils"].to_numpy(dtype=np.int64)[owner] - low * count[owner]
    )  # the first classes have one pupil more
    pupils = low + (number < extra)
    swap = rng.integers(
        -1, 2, len(pupils)
    )  # a pupil may change to the next class, since parents choose teachers
    pair = (number % 2 == 0) & (number + 1 < count[owner]) & (pupils > 10)  # noqa: PLR2004
    move = np.where(pair, swap, 0)
    pupils = pupils + move - np.concatenate([[0], move[:-1]])
    ids = schooling.schools["school_id"].to_numpy()[rows["row"].to_numpy()]
    return pd.DataFrame(
        {
            "school_id": ids[owner],
            "stage": rows["stage"].to_numpy()[owner],
            "grade": rows["grade"].to_numpy()[owner],
            "class_no": np.char.add((number + 1).astype(str), "班"),
            "pupils": pupils,
            "year": year,
        }
    )


def history_table(town: Town, schooling: TownSchooling) -> pd.DataFrame:
    """Return table ``enrolment_history``: pupils by school, stage and grade in the last five years.

    Every cohort of a school is traced back, slightly smaller in each earlier year, with noise. Cohorts that
    have left are assumed to resemble those that follow them, adjusted by the city's age structure.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools with pupils and classes by grade.

    Returns
    -------
    DataFrame
        One row per school, grade and year, primary and junior.
    """
    rng = random_stream(town.seed, 32)
    grades = schooling.grades
    compulsory = grades[grades["stage"].isin(["primary", "junior"])].reset_index(drop=True)
    city = town.settlement.ages.sum(axis=0).astype(np.float64)
    parts = []
    for back in range(_HISTORY_YEARS):
        last = compulsory["stage"].map({"primary": 6, "junior": 9}).to_numpy()
        grade = compulsory["grade"].to_numpy()
        then = np.minimum(
            grade + back, last
        )  # present grade of that cohort, or the last grade if it has left
        beyond = grade + back - then
        key = compulsory.set_index(["row", "grade"])["pupils"]
        cohort = key.reindex(pd.MultiIndex.from_arrays([compulsory["row"], then])).to_numpy(dtype=np.float64)
        age = 5 + then
        ratio = city[np.minimum(age + beyond, 17)] / city[age]
        shrink = (1.0 + _YEARLY_GROWTH) ** -back * np.exp(rng.normal(0.0, 0.012 * back, len(compulsory)))
        pupils = np.rint(cohort * ratio * shrink) if back else cohort
        parts.append(
            pd.DataFrame(
                {
                    "school_id": schooling.schools["school_id"].to_numpy()[compulsory["row"].to_numpy()],
                    "stage": compulsory["stage"],
                    "grade": grade,
                    "year": BASE_YEAR - back,
                    "pupils": pupils.astype(np.int64),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["school_id", "grade", "year"], kind="stable", ignore_index=True)


def births_table(town: Town, *, district_ids: list[str]) -> pd.DataFrame:
    """Return table ``births``: births by district and calendar year, twelve years up to the base year.

    A cohort was smaller at birth than it is now, because families move in.

    Parameters
    ----------
    town
        The town.
    district_ids
        Ids of the districts, in their order.

    Returns
    -------
    DataFrame
        One row per district and year.
    """
    rng = random_stream(town.seed, 33)
    ages = np.arange(_BIRTH_YEARS)
    by_district = np.vstack(
        [
            town.settlement.ages[town.district == number].sum(axis=0)[:_BIRTH_YEARS]
            for number in range(len(district_ids))
        ]
    )
    moved_in = (1.0 + 1.5 * _YEARLY_GROWTH) ** (ages + 0.5)
    births = np.rint(by_district / moved_in * np.exp(rng.normal(0.0, 0.02, by_district.shape)))
    return pd.DataFrame(
        {
            "area_id": np.repeat(district_ids, _BIRTH_YEARS),
            "year": np.tile(BASE_YEAR - ages[::-1], len(district_ids)),
            "births": births[:, ::-1].ravel().astype(np.int64),
        }
    )


def resources_table(town: Town, schooling: TownSchooling) -> pd.DataFrame:
    """Return table ``resources``: the indicators of the balance rules by primary and junior school.

    Values are of the base year and the year before, in which most schools had slightly less.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools with seats and pupils.

    Returns
    -------
    DataFrame
        One row per school, stage and year.
    """
    rng = random_stream(town.seed, 34)
    schools = schooling.schools
    parts = []
    for place, stage in enumerate(("primary", "junior")):
        rows = np.flatnonzero((schools[stage_column("enrolment", stage)] > 0).to_numpy())
        pupils = schools[stage_column("enrolment", stage)].to_numpy(dtype=np.float64)[rows]
        crowd = np.clip(pupils / schools[stage_column("seats", stage)].to_numpy()[rows], 0.6, 1.4)
        table = pd.DataFrame(
            {"school_id": schools["school_id"].to_numpy()[rows], "stage": stage, "year": BASE_YEAR}
        )
        table["pupils"] = pupils.astype(np.int64)
        for name, figures in _RESOURCES.items():
            noise = np.exp(rng.normal(0.0, figures[2], len(rows)))
            table[name] = np.rint(pupils / 100.0 * figures[place] * noise / crowd).astype(np.int64)
        table["teachers_above_degree"] = table[["teachers_above_degree", "teachers"]].min(axis=1)
        parts.append(table)
    now = pd.concat(parts, ignore_index=True)
    less = random_stream(town.seed, 37).uniform(0.9, 1.01, (len(now), len(_RESOURCES)))
    before = now.assign(year=BASE_YEAR - 1)
    before[[*_RESOURCES]] = np.floor(now[[*_RESOURCES]].to_numpy() * less).astype(np.int64)
    for kind in ("above_degree", "mid_title", "backbone", "arts_sports"):
        before[f"teachers_{kind}"] = before[[f"teachers_{kind}", "teachers"]].min(axis=1)
    return pd.concat([now, before], ignore_index=True)
