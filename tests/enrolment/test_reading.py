"""Past enrolment as it comes: gaps, merged grades, other ways of counting grades, and what cannot be."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layoutplan.enrolment import forecast_enrolment
from layoutplan.enrolment.births import read_births
from layoutplan.enrolment.reading import read_history
from layoutplan.errors import FaultLog, InputError
from layoutplan.standards.rules import Rule
from layoutplan.texts import LANGUAGES
from tests.enrolment.district import FIRST, NO_BIRTHS, PROFILE, aged, births_table, history_table

RULES = PROFILE.at(2025)
STEADY = aged(np.full(20, 50.0), years=8)


def read(table, **options):
    log = FaultLog()
    known = read_history(table, RULES, **{"origin": None, "log": log, **options})
    return known, [fault.code for fault in log]


def refused(table, births=NO_BIRTHS, **options):
    with pytest.raises(InputError) as error:
        forecast_enrolment(table, births, **{"profile": PROFILE, "horizon": 2, **options})
    for lang in LANGUAGES:
        assert error.value.report(lang)
    return {fault.code for fault in error.value.faults if fault.severity == "error"}


def test_a_missing_year_is_filled_along_a_steady_ratio():
    gappy = STEADY * 1.1 ** np.arange(8)
    whole = gappy.copy()
    gappy[:, 3:5] = np.nan
    known, codes = read(history_table({"A": gappy, "B": STEADY}))
    assert known.counts[0] == pytest.approx(whole)
    assert codes == ["history_gaps_filled"]


def test_a_long_silence_is_not_filled():
    gappy = STEADY.copy()
    gappy[:, 3:6] = np.nan
    known, codes = read(history_table({"A": gappy, "B": STEADY}))
    assert np.isnan(known.counts[0, :, 3:6]).all()
    assert codes == ["history_gaps_left"]


def test_a_year_nobody_reports_is_filled_for_all():
    gappy = STEADY.copy()
    gappy[:, 4] = np.nan
    known, codes = read(history_table({"A": gappy, "B": gappy}))
    assert known.counts == pytest.approx(np.stack([STEADY, STEADY]))
    assert codes == ["history_gaps_filled"]


def test_a_grade_missing_in_the_last_year_is_carried_up_and_warned_of():
    gappy = STEADY.copy()
    gappy[2, 7] = np.nan
    known, codes = read(history_table({"A": gappy, "B": STEADY}))
    assert known.counts[0] == pytest.approx(STEADY)
    assert codes == ["history_last_filled"]
    gappy[1, 7] = 100.0  # the grade below holds both
    known, codes = read(history_table({"A": gappy, "B": STEADY}))
    assert known.counts[0] == pytest.approx(STEADY)
    assert codes == ["history_grades_merged"]


def silent(others):
    """Return the fault of a school A that is silent in the last year alone, beside others."""
    gappy = STEADY.copy()
    gappy[:, 7] = np.nan
    log = FaultLog()
    known = read_history(history_table({"A": gappy, **others}), RULES, origin=None, log=log)
    (fault,) = log
    assert fault.severity == "warning"
    assert fault.params["pupils"] == pytest.approx(300.0)
    return fault.code, np.nansum(known.counts[0, :, -1])


def test_a_school_silent_in_the_last_year_is_carried_unless_others_took_its_pupils():
    assert silent({"B": STEADY}) == ("history_places_carried", 300.0)
    taken = STEADY.copy()
    taken[:, 7] *= 2
    assert silent({"B": taken}) == ("history_places_silent", 0.0)
    ten = {f"S{row}": STEADY for row in range(30)}  # one of thirty-one does not show among the others
    assert silent(ten) == ("history_places_carried", 300.0)
    larger = {f"S{row}": STEADY * 2 for row in range(30)}
    assert silent(larger) == ("history_places_silent", 0.0)


@pytest.mark.parametrize("held_by", [1, 3])
def test_a_grade_counted_with_its_neighbour_is_split(held_by):
    merged = STEADY.copy()
    merged[held_by, 4] = 100.0
    merged[2, 4] = np.nan
    known, codes = read(history_table({"A": merged, "B": STEADY}))
    assert known.counts[0] == pytest.approx(STEADY)
    assert codes == ["history_grades_merged"]


def test_a_zero_among_pupils_is_a_count_and_a_run_of_zeros_is_no_grade():
    values = STEADY.copy()
    values[0, 4] = 0.0
    values[5] = 0.0
    known, _ = read(history_table({"A": values, "B": STEADY}))
    assert known.counts[0, 0, 4] == 0.0
    assert np.isnan(known.counts[0, 5]).all()


def test_junior_grades_counted_within_the_stage_are_understood():
    values = aged(np.full(20, 30.0), years=5, grades=3)
    known, codes = read(history_table({"J": values}, stage="junior", first_grade=1))
    assert [grade.number for grade in known.grades] == [7, 8, 9]
    assert codes == ["history_grades_within_stage"]


def test_kindergarten_counts_its_own_years_and_a_preparatory_year_joins_the_last():
    values = np.full((4, 5), 20.0)
    known, _ = read(history_table({"K": values}, stage="kindergarten", first_grade=0))
    assert [(grade.age, grade.stage) for grade in known.grades] == [
        (age, "kindergarten") for age in (3, 4, 5)
    ]
    assert known.counts[0, 2].tolist() == [40.0] * 5


def test_a_primary_grade_zero_is_the_first():
    known, _ = read(history_table({"A": STEADY}, first_grade=0))
    assert [grade.age for grade in known.grades] == [6, 7, 8, 9, 10, 11]


def test_a_stage_without_grades_is_spread_and_said():
    table = (
        history_table({"A": STEADY})
        .assign(grade=None)
        .groupby(["school_id", "stage", "year"], as_index=False)
    )
    whole = table["pupils"].sum().assign(grade=None, area_id=None)
    known, codes = read(whole)
    assert known.counts[0] == pytest.approx(STEADY)
    assert codes == ["history_without_grades"]


def test_the_grade_decides_where_the_stage_disagrees():
    table = history_table({"A": STEADY})
    table.loc[table["grade"] == 6, "stage"] = "junior"
    known, codes = read(table)
    assert known.stages == ("primary",)
    assert codes == ["history_other_stage"]


def test_grades_beyond_all_stages_and_grades_that_ended_are_left_out():
    known, codes = read(history_table({"A": np.full((8, 3), 9.0)}, first_grade=6))
    assert [grade.number for grade in known.grades] == [6, 7, 8, 9, 10, 11, 12]
    assert codes == ["history_outside_stages", "history_other_stage"]
    ended = STEADY.copy()
    ended[5, 5:] = np.nan
    known, codes = read(history_table({"A": ended}))
    assert len(known.grades) == 5
    assert codes == ["history_grades_end"]


def test_ratios_over_three_are_left_out_and_said():
    values = STEADY.copy()
    values[:, 4:] *= 4
    ahead = forecast_enrolment(history_table({"A": values}), NO_BIRTHS, profile=PROFILE, horizon=1)
    assert "history_ratio_beyond" in [note.code for note in ahead.notes]
    assert ahead.grades.sum().to_numpy() == pytest.approx(1200.0, rel=0.06)


def test_every_fault_is_said_at_once_in_both_languages():
    table = history_table({"A": STEADY})
    table.loc[0, "pupils"] = -1.0
    table.loc[1, "pupils"] = np.nan
    table.loc[2, "school_id"] = None
    table["grade"] = table["grade"].astype(object)
    table.loc[3, "grade"] = "K"
    assert refused(table) == {
        *("history_negative", "history_no_count", "history_no_place", "history_grade_unread"),
    }


def test_what_could_be_counted_twice_is_refused():
    table = history_table({"A": STEADY})
    assert refused(pd.concat([table, table.head(1)], ignore_index=True)) == {"history_twice"}
    by_area = table.assign(area_id="D1", school_id=None)
    assert refused(pd.concat([table, by_area], ignore_index=True)) == {"history_mixed_places"}


def test_nothing_to_forecast_from():
    assert refused(history_table({})) == {"history_empty"}
    assert refused(history_table({"A": STEADY * 0})) == {"history_empty"}
    assert refused(history_table({"A": STEADY}), origin=FIRST + 20) == {"history_ends_early"}
    assert refused(history_table({"A": STEADY}), origin=FIRST - 1) == {"history_empty"}


def test_a_year_typed_ten_times_too_large_changes_neither_forecast_nor_band():
    random = np.random.default_rng(8)
    counts = {f"S{row}": np.round(STEADY * random.normal(1.0, 0.03, STEADY.shape)) for row in range(4)}
    sound = forecast_enrolment(history_table(counts), NO_BIRTHS, profile=PROFILE, horizon=3)
    for year in (3, 7):  # 7 is the last, which nothing follows
        for places in (["S1"], list(counts)):
            typed = {place: values.copy() for place, values in counts.items()}
            for place in places:
                typed[place][:, year] *= 10
            mended = forecast_enrolment(history_table(typed), NO_BIRTHS, profile=PROFILE, horizon=3)
            case = (year, places)
            assert "history_mistyped" in [note.code for note in mended.notes], case
            everyone = sound.district_pupils.sum(axis=0)
            assert mended.district_pupils.sum(axis=0) == pytest.approx(everyone, rel=0.03), case
            assert mended.spread.district == pytest.approx(sound.spread.district, rel=0.3), case
            assert mended.spread.place == pytest.approx(sound.spread.place, rel=0.3), case


def test_a_grade_between_counted_grades_is_missing_however_long():
    gappy, later = STEADY.copy(), STEADY.copy()
    gappy[2, 3:6] = np.nan  # three years
    later[2, 6:] = np.nan  # the last two
    known, codes = read(history_table({"A": gappy, "B": later, "C": STEADY}))
    assert known.counts == pytest.approx(np.stack([STEADY] * 3))
    assert known.estimated.sum() == 5
    assert set(codes) == {"history_gaps_filled", "history_last_filled"}
    merged = STEADY.copy()
    merged[2, 3:6], merged[1, 3:6] = np.nan, 100.0  # its pupils are counted with the grade below
    known, codes = read(history_table({"A": merged, "C": STEADY}))
    assert known.totals[:, 4].sum() == pytest.approx(600.0)
    assert codes == ["history_gaps_left"]


def test_a_cell_typed_wrongly_is_estimated_and_a_school_that_opens_is_not_a_slip():
    values = STEADY.copy()
    values[2, 4] = 500.0
    known, codes = read(history_table({"A": values, "B": STEADY}))
    assert known.counts[0] == pytest.approx(STEADY)
    assert known.estimated[0, 2, 4]
    assert codes == ["history_mistyped"]
    opened = STEADY.copy()
    opened[:, :4] = np.nan
    _, codes = read(history_table({"A": opened, "B": STEADY}))
    assert codes == []


def test_suppressed_counts_are_estimated_within_their_bounds():
    table = history_table({"A": STEADY, "B": STEADY}).assign(pupils_low=np.nan, pupils_high=np.nan)
    cell = (table["school_id"] == "A") & (table["grade"] == 3) & (table["year"] == FIRST + 4)
    table.loc[cell, ["pupils", "pupils_low", "pupils_high"]] = [5.0, 1.0, 9.0]
    known, codes = read(table)
    assert known.counts[0, 2, 4] == 9.0  # its neighbours say 50
    assert known.estimated[0, 2, 4]
    assert known.estimated.sum() == 1
    assert codes == ["history_suppressed"]
    table.loc[cell, "pupils"] = 12.0
    assert refused(table) == {"history_bounds_crossed"}


@pytest.mark.parametrize("seed", range(4))
def test_a_fifth_of_the_last_years_counts_missing_leaves_the_district_whole(seed):
    random = np.random.default_rng(seed)
    counts = {f"S{row}": np.round(STEADY * random.normal(1.0, 0.04, STEADY.shape)) for row in range(8)}
    truth = sum(values[:, -1].sum() for values in counts.values())
    for values in counts.values():
        values[random.random(6) < 0.2, -1] = np.nan
    known, codes = read(history_table(counts))
    assert known.totals[:, -1].sum() == pytest.approx(truth, rel=0.02)
    assert "history_last_filled" in codes or "history_grades_merged" in codes


@pytest.mark.parametrize(
    ("ages", "first", "last", "age"),
    [
        ({"primary": (5, 10)}, 0, 5, 5),
        ({"primary": (5, 10)}, 1, 5, 6),
        ({"primary": (4, 13)}, 1, 8, 6),
        ({"primary": (4, 10)}, 1, 6, 5),
        ({"primary": (7, 12)}, 1, 6, 7),
        ({"primary": (6, 11)}, 3, 6, 8),
    ],
)
def test_a_grade_is_read_in_the_year_of_its_age(ages, first, last, age):
    rules = with_ages(ages)
    values = np.full((last - first + 1, 3), 20.0)
    known = read_history(history_table({"A": values}, first_grade=first), rules, origin=None, log=FaultLog())
    assert [grade.age for grade in known.grades] == [age + step for step in range(last - first + 1)]


def test_the_upper_grades_alone_are_of_their_own_stage():
    rules = with_ages({"primary": (5, 13), "senior": (14, 17)})
    table = history_table({"H": np.full((4, 3), 90.0)}, stage="senior", first_grade=9)
    known = read_history(table, rules, origin=None, log=FaultLog())
    assert [(grade.age, grade.stage) for grade in known.grades] == [
        (14 + step, "senior") for step in range(4)
    ]


def test_a_year_that_broke_and_passed_is_left_out_of_the_ratios():
    random = np.random.default_rng(4)
    values = aged(np.full(20, 400.0), years=10) * random.normal(1.0, 0.003, (6, 10))
    away = values.copy()
    away[:, 5:] *= 0.9  # a tenth leave in one year, and stay away
    ahead = forecast_enrolment(history_table({"A": away}), NO_BIRTHS, profile=PROFILE, horizon=1)
    assert [note.code for note in ahead.notes if "break" in note.code] == ["history_break_passed"]
    assert ahead.district_pupils.sum() == pytest.approx(away[:, -1].sum(), rel=0.02)
    late = values.copy()
    late[:, 9] *= 0.9
    ahead = forecast_enrolment(history_table({"A": late}), NO_BIRTHS, profile=PROFILE, horizon=1)
    assert [note.code for note in ahead.notes if "break" in note.code] == ["history_break_counts"]


def with_ages(ages):
    """Return the national profile in 2012 with the stages of these ages alone."""
    kept = tuple(rule for rule in PROFILE.rules if rule.key != "stage.ages")
    own = tuple(
        Rule("stage.ages", stage, tuple(map(float, span)), "years", "test", "PLAN", 1900)
        for stage, span in ages.items()
    )
    return replace(PROFILE, rules=(*kept, *own)).at(2012)


def test_births_that_cannot_be():
    table = history_table({"A": STEADY})
    births = births_table({2000: 10.0, 2001: -3.0})
    assert refused(table, births) == {"births_not_counts"}
    births.loc[1, ["births", "area_id"]] = [5.0, "D1"]
    assert refused(table, births) == {"births_mixed_places"}
    twice = births_table({2000: 10.0})
    assert refused(table, pd.concat([twice, twice], ignore_index=True)) == {"births_twice"}


def test_births_after_the_base_year_are_a_projection_and_gaps_are_filled():
    log = FaultLog()
    births = read_births(
        births_table({2020: 10.0, 2022: 30.0, 2026: 70.0}),
        origin=2023,
        factor=2.0,
        born_before=1 / 3,
        log=log,
    )
    assert [births.by_year[year] for year in (2020, 2021, 2022, 2023)] == [10.0, 20.0, 30.0, 40.0]
    assert [births.of(year, born_before=0.0) for year in (2024, 2026, 2030, 2019)] == [
        100.0,
        140.0,
        140.0,
        None,
    ]
    assert [fault.code for fault in log] == ["births_gaps_filled", "births_projected"]
    assert births.until(2021).of(2025, born_before=0.0) == 20.0
    assert births.of(2022, born_before=1 / 3) == pytest.approx(20 / 3 + 20)
