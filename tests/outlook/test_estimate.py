"""The outlook of the toy town: tables as the dictionary has them, agreeing with the balance."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from layoutplan.balance import evaluate
from layoutplan.city.estates import with_estate_units
from layoutplan.dictionary import result_table
from layoutplan.outlook import Shocks, estimate_outlook, expected_shocks
from layoutplan.plan import DemandSettings, UncertaintySettings
from layoutplan.standards.rules import Rule
from tests.small_city import small_city, small_profile
from tests.studies import study_of

TABLES = {
    "bands": "demand_bands",
    "totals": "total_bands",
    "peaks": "peaks",
    "streams": "demand_streams",
    "area_bases": "area_bases",
    "estate_gaps": "estate_gaps",
}
HOUSING = [
    {"housing_id": "H1", "phase": "1", "name": "新苑", "dwellings": 3000.0, "first_occupancy_year": 2026}
    | {"x": 500.0, "y": 500.0, "school_ids": ("S1",), "yield_primary": 0.4},
    {"housing_id": "H2", "phase": "1", "name": "北苑", "dwellings": 2000.0, "first_occupancy_year": 2027}
    | {"x": 500.0, "y": 2500.0, "yield_primary": 0.5},
]
SPREAD = {"district": 0.02, "zone": 0.05, "births": 0.03, "delay": (0.7, 0.3)}
PROFILE = small_profile(
    extra=(
        Rule("demand.lasting_years", "", 4.0, "years", "test", "D", 2000),
        *(Rule(f"demand.spread_{name}", "", value, "", "test", "D", 2000) for name, value in SPREAD.items()),
    )
)


def looked_at(city, *, migration_rate=0.01, births_factor=1.0, draws=200, lang="en", seed=5, **settings):
    """Return a study whose forecasts are as far off as ``SPREAD`` says, and its outlook."""
    study = study_of(
        city,
        profile=PROFILE,
        reach_m=dict.fromkeys(city.stages, 3000.0),
        demand_settings=DemandSettings(migration_rate=migration_rate, births_factor=births_factor),
        uncertainty=UncertaintySettings(draws=draws, **settings),
        lang=lang,
        seed=seed,
    )
    return estimate_outlook(study), study


def outlook_of(city, **given):
    return looked_at(city, **given)[0]


@cache
def town():
    city = small_city(tables={"housing": HOUSING})
    areas = city.areas.assign(
        migrants_primary=[10.0] * 6,
        children_primary=[60.0 * n for n in range(1, 7)],
        hukou_primary=[90.0] * 6,
    )
    return with_estate_units(replace(city, areas=areas))


def test_every_table_has_its_columns_and_keys():
    outlook = outlook_of(town())
    for name, table in TABLES.items():
        frame, described = getattr(outlook, name), result_table(table)
        assert list(frame.columns) == list(described.column_names)
        assert not frame.duplicated(list(described.key)).any()
        assert len(frame) > 0, name


def test_demand_and_seats_are_those_of_the_balance():
    outlook, study = looked_at(town())
    balance = evaluate(study)
    keys = ["catchment_id", "stage", "year"]
    both = outlook.bands.merge(balance.catchments, on=keys, suffixes=("", "_judged"))
    assert len(both) == len(outlook.bands)
    assert both["demand"].to_numpy() == pytest.approx(both["demand_judged"].to_numpy())
    assert both["seats"].to_numpy() == pytest.approx(both["seats_judged"].to_numpy())
    whole = outlook.totals[outlook.totals["level"] == "city"].merge(balance.city, on=["stage", "year"])
    assert whole["demand_x"].to_numpy() == pytest.approx(whole["demand_y"].to_numpy())
    districts = (
        outlook.totals[outlook.totals["level"] == "district"].groupby(["stage", "year"])["demand"].sum()
    )
    assert districts.to_numpy() == pytest.approx(
        whole.set_index(["stage", "year"])["demand_x"].loc[districts.index]
    )


def test_the_spread_is_the_profiles_and_without_it_nothing_is_drawn():
    """A profile that states none leaves the forecast alone, and the outlook says so."""
    study = looked_at(town())[1]
    assert expected_shocks(study) == Shocks.of(PROFILE.at(2025), ahead=5)
    assert expected_shocks(study).delays == (0.7, 0.3)
    unknown = estimate_outlook(study_of(town()))
    assert unknown.bands.empty
    assert [note.code for note in unknown.notes] == ["spread_unknown"]


def test_bands_hold_the_forecast_and_widen():
    outlook = outlook_of(small_city(), draws=2000)
    bands = outlook.bands
    assert (bands["p10"] <= bands["p50"]).all()
    assert (bands["p50"] <= bands["p90"]).all()
    wide = (bands["p90"] - bands["p10"]) / bands["p50"]
    by_year = wide.groupby(bands["year"]).mean()
    assert by_year.iloc[0] == 0
    assert by_year.is_monotonic_increasing


def test_the_same_seed_gives_the_same_tables_and_no_draws_none():
    one, other = outlook_of(town()), outlook_of(town())
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    quiet = outlook_of(town(), enabled=False)
    assert quiet.bands.empty
    assert quiet.draws == 0
    assert quiet.peaks["likely_short_year"].isna().all()
    assert len(quiet.peaks) == len(one.peaks)


def test_shuffled_rows_change_nothing():
    one = outlook_of(town())
    units = town().units.index[::-1]
    mixed = replace(
        town(),
        units=town().units.loc[units],
        population=town().population.loc[units],
        unit_catchments=town().unit_catchments.loc[units],
        catchments=town().catchments.iloc[::-1],
    )
    other = outlook_of(mixed)
    for name in ("bands", "peaks", "streams"):
        key = list(result_table(TABLES[name]).key)
        left, right = (getattr(found, name).sort_values(key, ignore_index=True) for found in (one, other))
        pd.testing.assert_frame_equal(left, right)


def test_more_births_never_mean_fewer_pupils():
    city = replace(town(), years=tuple(range(2025, 2036)))
    fewer, more = (looked_at(city, births_factor=factor)[1].demand for factor in (1.0, 1.3))
    for stage in city.stages:
        assert (more.pupils[stage] >= fewer.pupils[stage] - 1e-9).all(axis=None)
    assert more.pupils["primary"].sum().iloc[-1] > fewer.pupils["primary"].sum().iloc[-1]


def test_streams_add_up_and_bases_stand_side_by_side():
    streams = outlook_of(town()).streams
    parts = streams[["of_residents", "of_migrants", "of_estates"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(streams["demand"].to_numpy())
    base = streams[(streams["year"] == 2025) & (streams["catchment_id"] == "C2")].iloc[0]
    # units U1-U3: 60 + 120 + 180 children, 90 registered in each
    assert base["by_hukou"] / base["by_residence"] == pytest.approx(270 / 360)
    assert base["hukou_less_residence"] == pytest.approx(base["by_hukou"] - base["demand"])
    assert base["of_migrants"] / base["demand"] == pytest.approx(30 / 360)
    assert streams["by_permit"].isna().all()


def test_bases_of_units_add_up_to_those_of_their_catchments():
    """In each unit 90 are registered and 10 have a permit, of 60, 120 and 180 who live there."""
    areas = town().areas.assign(permit_primary=10.0)
    outlook = outlook_of(replace(town(), areas=areas))
    units = outlook.area_bases.query("stage == 'primary'").set_index("area_id")
    first = units.loc["U1"]
    assert first["by_hukou"] / first["demand"] == pytest.approx(90 / 60)
    assert first["by_hukou_and_permit"] / first["demand"] == pytest.approx(100 / 60)
    assert first["hukou_less_residence"] == pytest.approx(first["demand"] / 2)
    assert (units["year"] == 2025).all()
    streams = outlook.streams.query("year == 2025 and catchment_id == 'C2'").iloc[0]
    for name in ("by_residence", "by_hukou", "by_permit", "hukou_and_permit_less_residence"):
        assert streams[name] == pytest.approx(units.loc[["U1", "U2", "U3"], name].sum())
    one_basis = town().areas.drop(columns=["hukou_primary"])
    assert outlook_of(replace(town(), areas=one_basis)).area_bases.empty


def test_a_basis_left_blank_is_estimated_in_catchments_and_null_in_its_unit():
    """90 of the 60 + 120 children of U1 and U2 are registered, half of them: so 90 of the 180 of U3."""
    areas = town().areas.assign(hukou_primary=[30.0, 60.0, None, 120.0, 150.0, 180.0])
    outlook = outlook_of(replace(town(), areas=areas))
    base = outlook.streams.query("year == 2025 and catchment_id == 'C2'").iloc[0]
    assert base["by_hukou"] / base["by_residence"] == pytest.approx(180 / 360)
    units = outlook.area_bases.set_index("area_id")
    assert units.loc["U3", ["by_hukou", "hukou_less_residence"]].isna().all()
    assert units.loc["U2", "by_hukou"] == pytest.approx(units.loc["U2", "demand"] / 2)
    assert "basis_estimated" in [note.code for note in outlook.notes]


def test_peaks_say_when_how_high_and_what_lasts():
    outlook = outlook_of(town(), lang="zh")
    for row in outlook.peaks.to_dict("records"):
        bands = outlook.bands[outlook.bands["catchment_id"] == row["catchment_id"]]
        assert row["peak_demand"] == pytest.approx(bands["demand"].max())
        assert row["years_short"] == ((bands["demand"] - bands["seats"]) >= 0.5).sum()
        assert row["lasting_shortfall"] + row["passing_shortfall"] == pytest.approx(
            row["peak_shortfall"] if row["peak_shortfall"] >= 0.5 else 0.0, abs=1.0
        )
        likely = bands[bands["probability_short"] > 0.5]["year"]
        assert row["likely_short_year"] is pd.NA or row["likely_short_year"] == likely.min()
        assert (row["kind"] == "none") == (row["advice"] is None)
    assert outlook.peaks["advice"].dropna().str.contains("学位").all()


def test_estates_whose_schools_lag_are_listed():
    gaps = outlook_of(town()).estate_gaps.set_index("housing_id")
    assert gaps.loc["H2", "reason"] == "none"  # nothing attached, C1 is short
    assert "H1" not in gaps.index  # S1 has seats today
    later = [dict(HOUSING[0], first_occupancy_year=2020, occupancy=0.1), HOUSING[1]]
    schools = small_city().schools.assign(opened_year=pd.array([2023, None, None], dtype="Int64"))
    city = with_estate_units(replace(small_city(tables={"housing": later}), schools=schools))
    gap = outlook_of(city).estate_gaps.set_index("housing_id").loc["H1"]
    assert (gap["reason"], gap["school_year"], gap["years_late"]) == ("late", 2023, 3)


def test_a_town_without_catchments_has_totals_only():
    plain = small_city()
    city = replace(
        plain, catchments=plain.catchments.iloc[:0], catchment_schools=plain.catchment_schools.iloc[:0]
    )
    nowhere = pd.DataFrame(None, index=plain.units.index, columns=["primary", "junior"], dtype=object)
    outlook = outlook_of(replace(city, unit_catchments=nowhere))
    assert outlook.bands.empty
    assert outlook.peaks.empty
    assert len(outlook.totals) > 0


def test_no_argument_is_changed():
    city = town()
    before = city.units.copy(), city.population.copy()
    outlook_of(city)
    pd.testing.assert_frame_equal(city.units, before[0])
    assert np.array_equal(city.population, before[1])


def test_total_bands_reach_both_roads_of_the_reconciliation():
    study = looked_at(small_city())[1]
    city = estimate_outlook(study).totals.query("level == 'city' and stage == 'primary'").set_index("year")
    demand = city["demand"].to_numpy()
    roads = {"by_residents": demand * 0.9, "by_enrolment": demand * 1.15}
    table = pd.DataFrame({"stage": "primary", "year": city.index, **roads, "demand": demand})
    wide = estimate_outlook(replace(study, reconciliation=table)).totals
    wide = wide.query("level == 'city' and stage == 'primary'").set_index("year")
    assert (wide["p10"] <= demand * 0.9 * 1.02).all()
    assert (wide["p90"] >= demand * 1.15 * 0.98).all()
    assert (wide["p10"] < city["p10"]).all()
