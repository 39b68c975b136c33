"""Stage parameters of the synthetic city; the rules of a plan come from a profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class StageSettings:
    """Ages and grades of a stage, class sizes, and participation.

    Attributes
    ----------
    ages
        First and last age, completed years.
    grades, first_grade
        Number of grades, and number of the first.
    seats_per_class
        Seats that a class counts for.
    usual_class
        Mean class size in use (Zhengzhou 2023: 47.14 in primary, 49.76 in junior schools).
    largest_class, largest_school
        Pupils that a class and a school exceed only as a fault.
    participation
        Share of the children who attend.
    seats_per_pupil
        Seats of the whole city per pupil: a few per cent short in primary schools, sufficient elsewhere.
    sizes
        Design sizes of schools, in classes.
    types
        School types that teach the stage.
    """

    ages: tuple[int, int]
    grades: int
    first_grade: int
    seats_per_class: int
    usual_class: float
    largest_class: float
    largest_school: float
    participation: float
    seats_per_pupil: float
    sizes: tuple[int, ...]
    types: tuple[str, ...]


STAGE_FACTS: Final = {
    "kindergarten": StageSettings(
        ages=(3, 5),
        grades=3,
        first_grade=1,
        seats_per_class=30,
        usual_class=26.5,
        largest_class=34.0,
        largest_school=350.0,
        participation=0.9,
        seats_per_pupil=1.06,
        sizes=(3, 6, 9, 12),
        types=("kindergarten",),
    ),
    "primary": StageSettings(
        ages=(6, 11),
        grades=6,
        first_grade=1,
        seats_per_class=45,
        usual_class=47.3,
        largest_class=54.0,
        largest_school=1_950.0,
        participation=1.0,
        seats_per_pupil=0.968,
        sizes=(6, 12, 18, 24, 30, 36),
        types=("primary", "nine_year"),
    ),
    "junior": StageSettings(
        ages=(12, 14),
        grades=3,
        first_grade=7,
        seats_per_class=50,
        usual_class=49.7,
        largest_class=55.0,
        largest_school=1_950.0,
        participation=1.0,
        seats_per_pupil=0.99,
        sizes=(6, 9, 12, 15, 18, 21, 24, 27, 30, 36),
        types=("junior", "nine_year"),
    ),
    "senior": StageSettings(
        ages=(15, 17),
        grades=3,
        first_grade=10,
        seats_per_class=50,
        usual_class=50.6,
        largest_class=55.0,
        largest_school=2_950.0,
        participation=0.6,
        seats_per_pupil=1.0,
        sizes=(6, 12, 18, 24, 30, 36, 42, 48, 54),
        types=("senior",),
    ),
}
