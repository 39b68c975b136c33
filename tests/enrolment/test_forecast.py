"""The forecast: laws of ageing, scale and sums; known ratios found again; schools that open and close."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from layoutplan.dictionary import result_tables
from layoutplan.enrolment import forecast_enrolment
from tests.enrolment.district import (
    FIRST,
    NO_BIRTHS,
    PROFILE,
    aged,
    births_table,
    history_table,
    noisy_district,
)
from tests.examples import examples

law = settings(max_examples=examples(5))
seeds = st.integers(0, 10_000)


def forecast(table, births=NO_BIRTHS, **options):
    return forecast_enrolment(table, births, **{"profile": PROFILE, "horizon": 4, **options})


def codes(ahead):
    return [note.code for note in ahead.notes]


@pytest.mark.slow
@law
@given(st.lists(st.lists(st.integers(30, 60), min_size=16, max_size=16), min_size=1, max_size=4))
def test_with_ratios_of_one_every_pupil_goes_up_and_none_is_lost(entries):
    schools = {f"S{row}": aged(np.array(entry), years=9) for row, entry in enumerate(entries)}
    ahead = forecast(history_table(schools)).schools
    for place, counts in schools.items():
        for grade in range(1, 6):
            for step in range(1, min(grade, 4) + 1):
                came = ahead.loc[place, "primary", grade + 1][FIRST + 8 + step]
                # last year's pupils again has a weight of a few percent in the mean
                assert came == pytest.approx(counts[grade - step, -1], rel=0.06, abs=0.1 * counts.max())


def test_known_ratios_are_found_again():
    schools = {
        place: aged(np.full(20, size), years=14, ratio=1.03) for place, size in (("A", 60.0), ("B", 25.0))
    }
    ahead = forecast(history_table(schools))
    assert ahead.grades.to_numpy() == pytest.approx(
        85.0 * 1.03 ** np.arange(6)[:, None].repeat(4, 1), rel=5e-3
    )


def test_a_school_that_keeps_more_than_its_district_is_seen_and_shrunk():
    large, small = np.full(20, 100.0), np.full(20, 5.0)
    table = history_table(
        {
            "big": aged(large, years=12, ratio=1.05),
            "tiny": aged(small, years=12, ratio=1.05),
            "rest": aged(np.full(20, 400.0), years=12, ratio=0.98),
        }
    )
    ahead = forecast(table)
    believed = dict(zip(ahead.history.places, ahead.credibility, strict=True))
    assert 0 < believed["tiny"] < believed["big"] < 1
    effects = dict(zip(ahead.history.places, ahead.effects[:, 3], strict=True))
    assert effects["rest"] < 0 < effects["tiny"] < effects["big"]


def test_entry_follows_the_births_of_the_cohort():
    born = dict.fromkeys(range(2000, 2015), 100.0) | dict.fromkeys(range(2015, 2020), 60.0)
    entry = [0.9 * (born[year - 7] / 3 + born[year - 6] * 2 / 3) for year in range(FIRST - 3, FIRST + 10)]
    table = history_table({"A": aged(np.array(entry[:3] * 2 + entry[3:]), years=10)})
    ahead = forecast(table, births_table(born))
    assert ahead.grades.loc["primary", 1].to_numpy() == pytest.approx(
        [0.9 * (born[year - 7] / 3 + born[year - 6] * 2 / 3) for year in range(2020, 2024)], rel=0.06
    )


@law
@given(seeds)
def test_schools_sum_to_the_district(seed):
    ahead = forecast(*noisy_district(seed))
    by_grade = ahead.schools.groupby(level=["stage", "grade"]).sum()
    pd.testing.assert_frame_equal(by_grade, ahead.grades)


@law
@given(seeds, st.sampled_from([0.5, 3.0, 10.0]))
def test_a_district_so_many_times_as_large_has_so_many_times_the_pupils(seed, times):
    table, births = noisy_district(seed)
    larger = forecast(
        table.assign(pupils=table["pupils"] * times), births.assign(births=births["births"] * times)
    )
    plain = forecast(table, births)
    # counts are of children: what is chance in a small district is less so in a large one
    assert larger.place_pupils == pytest.approx(plain.place_pupils * times, rel=0.04)
    assert larger.spread.place == pytest.approx(plain.spread.place, rel=0.25)


@law
@given(seeds)
def test_the_order_of_rows_changes_nothing(seed):
    table, births = noisy_district(seed)
    shuffled = forecast(table.sample(frac=1, random_state=seed), births.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(shuffled.table(), forecast(table, births).table())


@law
@given(seeds, st.floats(1.0, 1.5))
def test_more_births_never_mean_fewer_pupils(seed, factor):
    table, births = noisy_district(seed)
    known = births[births["year"] <= FIRST + 9]
    more = forecast(table, known, horizon=9, births_factor=factor)
    plain = forecast(table, known, horizon=9)
    assert (more.place_pupils.sum(axis=1) >= plain.place_pupils.sum(axis=1) - 1e-9).all()
    assert (more.district_pupils >= plain.district_pupils - 1e-9).all()


def test_years_after_the_origin_are_not_looked_at():
    table, births = noisy_district(5)
    born = births[births["year"] <= FIRST + 6]
    early = forecast(table[table["year"] <= FIRST + 6], born)
    pd.testing.assert_frame_equal(forecast(table, born, origin=FIRST + 6).table(), early.table())


def test_inputs_are_left_as_they_are():
    table, births = noisy_district(7)
    copies = table.copy(), births.copy()
    forecast(table, births)
    pd.testing.assert_frame_equal(table, copies[0])
    pd.testing.assert_frame_equal(births, copies[1])


def test_the_result_table_is_the_dictionarys():
    table = forecast(*noisy_district(2)).table()
    assert tuple(table.columns) == result_tables()["enrolment_forecast"].column_names
    assert (table["p10"] < table["pupils"]).all()
    assert (table["pupils"] < table["p90"]).all()


def test_the_pupils_of_a_closed_school_go_on_in_the_others():
    values = aged(np.full(20, 50.0), years=10)
    closed = values.copy()
    closed[:, 8:] = np.nan
    taking = values.copy()
    taking[:, 8:] *= 2
    ahead = forecast(history_table({"A": closed, "B": taking, "C": values}))
    assert codes(ahead).count("history_places_closed") == 1
    assert "A" not in ahead.schools.index.get_level_values("place_id")
    assert ahead.grades.sum().to_numpy() == pytest.approx(900.0)


def test_a_school_under_a_new_name_goes_on():
    values = aged(np.full(20, 50.0), years=10)
    old, new = values.copy(), values.copy()
    old[:, 9:], new[:, :9] = np.nan, np.nan
    renamed = forecast(history_table({"old": old, "new": new, "C": values * 2})).schools
    assert renamed.loc["new"].sum().to_numpy() == pytest.approx(300.0)


def test_a_school_growing_grade_by_grade_fills_up():
    values = aged(np.full(20, 50.0), years=8)
    growing = values.copy()
    for grade in range(6):
        growing[grade, : 6 + grade] = np.nan
    others = np.where(np.isnan(growing), 75.0, 50.0)
    ahead = forecast(history_table({"A": others, "B": others, "new": growing})).schools.loc["new"]
    assert ahead.to_numpy()[:, -1] == pytest.approx([50.0] * 6, rel=0.02)
    assert ahead.to_numpy()[:, 0] == pytest.approx([50.0] * 3 + [0.0] * 3, rel=0.02)


def test_a_school_that_ends_early_hands_its_pupils_on():
    values = aged(np.full(20, 50.0), years=9)
    lower, upper = values.copy(), values.copy()
    lower[3:], upper[:3] = np.nan, np.nan
    ahead = forecast(history_table({"lower": lower, "upper": upper})).schools
    assert ahead.loc["lower"].to_numpy()[:3] == pytest.approx(50.0)
    assert ahead.loc["lower"].to_numpy()[3:] == pytest.approx(0.0)
    assert ahead.loc["upper"].to_numpy()[3:] == pytest.approx(50.0)


def test_junior_schools_take_the_primary_leavers_of_the_district():
    primary = aged(np.full(20, 60.0), years=9)
    junior = aged(np.full(20, 57.0), years=9, grades=3)
    table = pd.concat(
        [
            history_table({"P1": primary, "P2": primary}),
            history_table({"J": junior * 2}, stage="junior", first_grade=7),
        ]
    ).reset_index(drop=True)
    ahead = forecast(table).schools
    assert ahead.loc["J", "junior", 7].to_numpy() == pytest.approx(114.0)


def test_one_year_of_history_is_carried_on_with_the_spread_of_the_profile():
    ahead = forecast(history_table({"A": np.array([[30.0]] * 6)}))
    assert ahead.grades.to_numpy() == pytest.approx(30.0)
    years = np.arange(1, 5)
    few = student.ppf(0.9, 8) / student.ppf(0.9, np.inf)
    beforehand = np.sqrt(0.015**2 * (years * (1 + 4 / 1) + (8 * years / 3) ** 2) + 0.25 * years / 180)
    assert ahead.spread.stages["primary"].district == pytest.approx(few * beforehand)
    assert ahead.spread.district == ahead.spread.stages["primary"].district
    assert ahead.spread.place == pytest.approx(few * np.hypot(0.06 * years**0.4, beforehand))
    assert "history_short" in codes(ahead)


def test_no_year_ahead_is_a_defect_of_the_caller():
    with pytest.raises(ValueError, match="horizon"):
        forecast(history_table({"A": np.ones((6, 3))}), horizon=0)


@pytest.mark.parametrize("seed", range(6))
def test_a_torn_history_of_three_stages_still_gives_pupils_that_add_up(seed):
    random = np.random.default_rng(seed)
    tables = []
    for stage, first, grades in (("kindergarten", 1, 3), ("primary", 1, 6), ("junior", 7, 3)):
        counts = {}
        for school in range(4):
            values = np.round(random.gamma(3, 10, (grades, 9)))
            values[:, : random.integers(0, 8)] = np.nan  # opened late
            values[random.random(values.shape) < 0.15] = np.nan
            values[random.random(values.shape) < 0.05] = 0.0
            counts[f"{stage}{school}"] = values
        tables.append(history_table(counts, stage=stage, first_grade=first))
    births = births_table({year: float(random.integers(50, 200)) for year in range(2006, 2016)})
    ahead = forecast(pd.concat(tables, ignore_index=True), births, horizon=6)
    assert np.isfinite(ahead.table()[["pupils", "p10", "p90"]]).all(axis=None)
    assert (ahead.place_pupils >= 0).all()
    assert ahead.place_pupils.sum(axis=0) == pytest.approx(ahead.district_pupils)
