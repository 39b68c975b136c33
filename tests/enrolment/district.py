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


def shocked_district(seed, *, schools=8, years=20):
    """Return tables of a district whose shocks are known to nobody but the dice.

    Births rise and then fall, with a wandering level; every year has a shock of all ratios and one of entry
    per birth, whose level wanders too; every school has shocks of its own, and its share of entry drifts. How
    large all these are is drawn as well, so that districts differ as real ones do.
    """
    random = np.random.default_rng([seed, 77])
    before = 8  # years in which the schools fill up
    span = years + before
    shared, entry, own = random.uniform(0.004, 0.02), random.uniform(0.01, 0.04), random.uniform(0.02, 0.05)
    drift, lean = random.uniform(0.03, 0.10), random.uniform(-0.01, 0.01)
    turn, slope = random.uniform(0.4, 0.8) * span, random.uniform(0.01, 0.05)
    trend = -slope * np.abs(np.arange(span + 8) - turn) + np.cumsum(random.normal(0, 0.015, span + 8))
    born = np.round(schools * random.uniform(30, 90) * np.exp(trend - trend.max()))
    of_year, wandering = random.normal(0, shared, span), np.cumsum(random.normal(0, entry / 3, span))
    size = np.log(random.gamma(4, 1, schools))
    counts = np.zeros((schools, 6, span))
    for year in range(span):
        size = size + random.normal(0, drift, schools)
        entering = (born[year + 1] / 3 + born[year + 2] * 2 / 3) * np.exp(
            wandering[year] + random.normal(0, entry) + of_year[year]
        )
        counts[:, 0, year] = random.poisson(entering * np.exp(size) / np.exp(size).sum())
        for grade in range(1, 6):
            below = counts[:, grade - 1, year - 1] if year else counts[:, 0, 0]
            shock = (
                lean + of_year[year] + random.normal(0, np.hypot(own, 0.2 / np.sqrt(np.maximum(below, 1))))
            )
            counts[:, grade, year] = np.maximum(np.round(below * np.exp(shock)), 1)
    table = history_table({f"S{school}": counts[school, :, before:] for school in range(schools)})
    first_born = FIRST - before - 8
    return table, births_table({first_born + step: float(value) for step, value in enumerate(born)})
