"""What schools are recognised as, now and last year: grades, standards, registration, demonstration."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.town import Town, random_stream

_GRADES: Final = ("model", "first", "second", "third", "ungraded")
_ROSE: Final = 0.14  # share of the kindergartens whose grade is better than last year
_NEWLY: Final = 0.08  # share of the schools that meet the standards only since this year
_MODERN: Final = 0.35
_REGISTERED: Final = (0.55, 0.85)  # steps: non-profit, for profit; the rest is not registered
_DEMONSTRATION: Final = ("province", "city", "city")  # the first public senior schools
_MOST_CLASSES: Final = 3


def school_recognitions(
    town: Town,
    schools: pd.DataFrame,
    *,
    rural: Flags,
    standardised: Flags,
    kindergarten_grade: npt.NDArray[np.object_],
) -> dict[str, object]:
    """Return columns of table ``schools`` that say what a school is recognised as, one value per school.

    Parameters
    ----------
    town
        The town.
    schools
        Schools with the columns ``school_type`` and ``ownership``.
    rural, standardised, kindergarten_grade
        Whether each school stands in a village, meets the standards, and its grade; as in the table.

    Returns
    -------
    dict
        Column values by name.
    """
    rng = random_stream(town.seed, 54)
    kind, owner = schools["school_type"].to_numpy(), schools["ownership"].to_numpy()
    count = len(schools)
    draws = rng.random((5, count))
    primary = np.isin(kind, ("primary", "nine_year"))
    taught = np.isin(kind, ("primary", "junior", "nine_year", "senior"))
    rank = np.array([_GRADES.index(str(one)) if one else -1 for one in kindergarten_grade])
    before = np.minimum(rank + (draws[0] < _ROSE), len(_GRADES) - 1)
    grades = np.where(rank >= 0, np.array(_GRADES, dtype=object)[before], None)
    classes = np.array(["non_profit", "for_profit", None], dtype=object)
    registered = classes[np.searchsorted(_REGISTERED, draws[1], side="right")]
    seniors = np.flatnonzero((kind == "senior") & (owner == "public"))[: len(_DEMONSTRATION)]
    demonstration = np.full(count, None, dtype=object)
    demonstration[seniors] = _DEMONSTRATION[: len(seniors)]
    left = np.where(rural, np.floor(draws[4] * _MOST_CLASSES), 0.0)
    return {
        "standardised_before": standardised & ~(draws[2] < _NEWLY),
        "modern_school": taught & standardised & (draws[3] < _MODERN),
        "registration_class": np.where(owner == "public", None, registered),
        "demonstration": demonstration,
        "kindergarten_grade_before": grades,
        "preschool_classes": pd.Series(left).where(pd.Series(primary)).astype("Int64"),
    }
