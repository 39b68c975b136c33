"""Districts whose ratios are known, for the tests of the forecast."""

import numpy as np
import pandas as pd

from layoutplan.standards import load_profile

FIRST = 2010
PROFILE = load_profile("cn-national")
GRADES = range(1, 7)
NO_BIRTHS = pd.DataFrame({"area_id": [], "year": [], "births": []})


def births_table(by_year):
    return pd.DataFrame({"area_id": None, "year": list(by_year), "births": list(by_year.values())})


def history_table(counts, *, stage="primary", first_grade=1, first_year=FIRST):
    """Return the table of ``{place: grades × years}``; nan makes no row."""
    rows = [
        (place, None, stage, first_grade + grade, first_year + year, float(pupils))
        for place, values in counts.items()
        for (grade, year), pupils in np.ndenumerate(np.asarray(values, dtype=float))
        if not np.isnan(pupils)
    ]
    return pd.DataFrame(rows, columns=["school_id", "area_id", "stage", "grade", "year", "pupils"])


def aged(entry, *, years, ratio=1.0, grades=6):
    """Return grades × years of a school whose entry by year is ``entry`` (``years + grades`` of them)."""
    return np.array(
        [[entry[year + grades - grade] * ratio**grade for year in range(years)] for grade in range(grades)]
    )


def noisy_district(seed, *, schools=5, years=10):
    """Return tables of a district with noise in entry and ratios, and births of its cohorts."""
    random = np.random.default_rng(seed)
    births = {FIRST - 16 + step: 300.0 + random.integers(-30, 30) for step in range(years + 17)}
    counts = {}
    for school in range(schools):
        size = random.uniform(0.5, 1.5) / schools
        values = np.zeros((6, years))
        for year in range(years):
            for grade in range(6):
                before = values[grade - 1, year - 1] if grade and year else births[FIRST + year - 7] * size
                values[grade, year] = np.round(max(before, 1.0) * random.normal(1.0, 0.04))
        counts[f"S{school}"] = values
    return history_table(counts), births_table(births)
