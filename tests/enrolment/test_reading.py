"""Past enrolment as it comes: gaps, merged grades, other ways of counting grades, and what cannot be."""

import numpy as np
import pandas as pd
import pytest

from layoutplan.enrolment import forecast_enrolment
from layoutplan.enrolment.births import read_births
from layoutplan.enrolment.reading import read_history
from layoutplan.errors import FaultLog, InputError
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


def test_a_school_silent_in_the_last_year_alone_is_warned_of():
    gappy = STEADY.copy()
    gappy[:, 7] = np.nan
    log = FaultLog()
    read_history(history_table({"A": gappy, "B": STEADY}), RULES, origin=None, log=log)
    (fault,) = log
    assert (fault.code, fault.severity, fault.params["pupils"]) == ("history_places_silent", "warning", 300.0)


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
    assert np.exp(ahead.ratios[1:]) == pytest.approx(1.0)


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
