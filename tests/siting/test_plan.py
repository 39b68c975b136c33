"""The plan over the years from end to end, judged by the balance, on towns small enough to reason about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.dictionary import result_table
from layoutplan.errors import InputError
from layoutplan.plan import Override
from layoutplan.runs.answers import bridging
from layoutplan.siting.outcome_table import outcome_table
from layoutplan.siting.propose import committed_cost
from layoutplan.siting.remedies import REMEDIES
from layoutplan.solve.outcome import Outcome
from layoutplan.standards import load_profile, with_overrides
from tests.every import every
from tests.examples import examples
from tests.siting.town import YEAR, random_town, town
from tests.small_city import YEARS, small_city, small_profile, small_rule

SEEDS = st.integers(0, 10_000)
AHEAD = YEARS[1:]
PRICED = small_profile(
    extra=(
        small_rule("cost.temporary_class", "", 60_000.0),
        small_rule("temporary.classes", "", 2.0),
        small_rule("cost.running_share", "", 0.04),
        small_rule("cost.discount_rate", "", 0.04),
        small_rule("cost.life_years", "", 40.0),
        small_rule("lead_years.new", "", 2.0),
        small_rule("lead_years.enlarge", "", 1.0),
    )
)


def unserved(balance, year=YEAR):
    rows = balance.city[balance.city["year"] == year]
    return float(rows["unserved"].sum())


def row(proposal, step):
    return proposal.outcome.set_index("step").loc[step]


def small_town(**changes):
    """One school of 100 primary seats beside 900 pupils, a site 300 m off; more by request."""
    given = {
        "units": np.array([[500.0, 500.0], [600.0, 500.0]]),
        "pupils": {"primary": np.array([500.0, 400.0]), "junior": np.zeros(2)},
        "schools": [
            {
                "school_id": "S1",
                "name": "First",
                "school_type": "primary",
                "ownership": "public",
                "x": 550.0,
                "y": 500.0,
                "seats_primary": 100.0,
                "classes_primary": 2,
            }
        ],
        "sites": [{"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 40_000.0}],
        "hotspots": [("primary-1", "primary", [0, 1])],
    }
    return town(**{**given, **changes})


@settings(max_examples=examples(6))
@given(SEEDS, st.booleans())
def test_what_is_promised_is_what_the_balance_finds(seed, boarding):
    """In every year the common evaluation of the planned layout finds as many pupils without a seat."""
    here = random_town(seed, hotspots=[("primary-1", "primary", [0, 1, 2, 3])], boarding=boarding)
    proposal = here.propose(generate_sites=True, enlarge=True)
    judged = here.judged(proposal)
    for year, promised in proposal.tables["plan_costs"].set_index("year")["unserved"].items():
        found = unserved(judged, year)
        assert found <= promised + 0.2
        if not boarding:
            assert found == pytest.approx(promised, abs=0.2)
    assert (proposal.outcome["bound"] <= proposal.outcome["objective"] + 1e-4).all()
    steps = proposal.outcome[proposal.outcome["outcome"].isin(["OPTIMAL", "FEASIBLE"])]
    assert steps["audited"].to_numpy() == pytest.approx(steps["objective"].to_numpy(), rel=1e-4, abs=0.2)


@settings(max_examples=examples(4))
@given(SEEDS, st.sampled_from([0.0, 4e7, 1e8]), st.sampled_from([None, 0, 1]))
def test_limits_are_kept(seed, budget, most):
    proposal = random_town(seed).propose(budget=budget, max_new_schools=most, enlarge=True)
    found = proposal.proposals
    assert found["cost"].sum() <= budget
    assert most is None or (found["action"] == "new").sum() <= most
    sized = found[(found["action"] == "new") & found["site_area_m2"].notna()]
    assert (sized["land_m2"] <= sized["site_area_m2"]).all()


@settings(max_examples=examples(4))
@given(SEEDS)
def test_parts_add_up_to_their_totals(seed):
    here = random_town(seed, profile=PRICED)
    plan, proposal = here.planned(enlarge=True)
    measures, tables = proposal.tables["measures"], proposal.tables
    served = sum(
        unserved(here.balance, year) - lost
        for year, lost in tables["plan_costs"].set_index("year")["unserved"].items()
    )
    assert measures["added"].sum() == pytest.approx(served, abs=0.5)
    assert measures["discounted"].sum() == pytest.approx(plan.found.figures.cost, rel=1e-6, abs=1.0)
    assert tables["measure_years"]["capital"].sum() == pytest.approx(measures["capital"].sum())
    assert tables["plan_costs"]["capital"].sum() == pytest.approx(measures["capital"].sum())
    assert measures["measure_id"].is_unique
    remedies = tables["remedies"]
    assert remedies[[*REMEDIES]].sum(axis=1).to_numpy() == pytest.approx(remedies["shortfall"].to_numpy())


def test_the_same_input_gives_the_same_plan_whatever_the_order():
    first = random_town(7, size=8, profile=PRICED).propose(enlarge=True)
    again = random_town(7, size=8, profile=PRICED).propose(enlarge=True)
    shuffled = random_town(7, size=8, profile=PRICED, order=np.random.default_rng(1).permutation(8)).propose(
        enlarge=True
    )
    assert first.tables["measures"].to_csv() == again.tables["measures"].to_csv()
    assert shuffled.tables["plan_costs"]["unserved"].sum() == pytest.approx(
        first.tables["plan_costs"]["unserved"].sum(), abs=0.5
    )
    assert row(shuffled, "cost")["objective"] == pytest.approx(row(first, "cost")["objective"], rel=1e-3)


def test_nothing_given_is_changed():
    here = random_town(3)
    today, before = here.study.today, {}
    for stage, frame in today.seats.seats.items():
        before[stage] = frame.copy()
    links = today.zoning.catchment_schools.copy()
    here.propose(enlarge=True)
    for stage, frame in today.seats.seats.items():
        pd.testing.assert_frame_equal(frame, before[stage])
    pd.testing.assert_frame_equal(today.zoning.catchment_schools, links)


def test_a_town_by_hand():
    """800 pupils lack a seat: 18 classes (810 seats) are the cheapest level that serves them all."""
    here = small_town()
    proposal = here.propose()
    only = proposal.proposals.iloc[0]
    assert len(proposal.proposals) == 1
    for name in ("proposals", "measures"):
        frame = proposal.proposals if name == "proposals" else proposal.tables[name]
        assert [*frame.columns] == [*result_table(name).column_names, "geometry"]
    for name in ("measure_years", "plan_costs", "remedies", "remedy_totals"):
        assert [*proposal.tables[name].columns] == [*result_table(name).column_names]
    assert [*proposal.outcome.columns] == [*result_table("siting_outcome").column_names]
    assert (only["proposal_id"], only["action"], only["site_id"]) == ("P1", "new", "L1")
    assert (only["school_type"], only["classes"], only["seats_primary"]) == ("primary", 18, 810.0)
    assert only["target_year"] == AHEAD[0]
    assert only["pupils_served"] == pytest.approx(800.0)
    assert only["cost"] == 810 * 70_000
    assert "Without it" in only["rejected"]
    assert "leaves 4,000 more pupil-years" in only["rejected"]  # 800 pupils, five years
    assert all(unserved(here.judged(proposal), year) == pytest.approx(0, abs=1e-6) for year in AHEAD)
    assert proposal.outcome["step"].tolist() == ["serve", "cost", "walk"]
    measure = proposal.tables["measures"].iloc[0]
    assert (measure["measure_id"], measure["kind"], measure["first_year"]) == ("build:L1", "build", AHEAD[0])
    assert measure["pupil_years"] == pytest.approx(4000.0)


def test_reasons_are_in_the_language_of_the_run():
    only = small_town().propose(lang="zh").proposals.iloc[0]
    assert "年启用" in only["reason"]
    assert "Opens in" in only["reason_translated"]


def test_a_school_is_paid_for_before_it_opens():
    """With two years to build, temporary classes bridge the first years as far as they go."""
    proposal = small_town(profile=PRICED).propose()
    by_year = proposal.tables["measure_years"].pivot_table(index="year", columns="kind", values="seats")
    assert by_year["temporary"].loc[[2026, 2027]].tolist() == [90.0, 90.0]
    built = proposal.tables["measures"].set_index("kind").loc["build"]
    assert (built["first_year"], built["paid_from"]) == (2028, 2026)
    paid = proposal.tables["plan_costs"].set_index("year")["capital"]
    assert paid[2026] == built["capital"]
    assert paid.drop(2026).sum() == 0


def test_a_budget_by_year_puts_off_what_it_can_not_pay():
    rich = small_town(profile=PRICED).propose(budget_a_year=1e9)
    poor = small_town(profile=PRICED).propose(budget_a_year=40e6)
    assert rich.tables["plan_costs"]["unserved"].sum() < poor.tables["plan_costs"]["unserved"].sum()
    assert poor.tables["plan_costs"]["capital"].max() <= 40e6


def test_a_passing_peak_is_bridged():
    """90 pupils too many in two years of five: temporary classes; in every year: an enlargement."""
    few = {"primary": np.array([100.0, 90.0]), "junior": np.zeros(2)}
    here = small_town(profile=PRICED, sites=[], pupils=few)
    for year in AHEAD:
        if year > 2027:
            here.study.demand.pupils["primary"][year] = 40.0
    kinds = here.propose(enlarge=True).tables["measures"]["kind"].tolist()
    assert kinds == ["temporary"]


def test_temporary_classes_of_a_school_are_told_by_stage():
    """What bridges each stage adds up to what the plan pays for bridging; the cap is that of the school."""
    school = {"school_id": "S1", "name": "First", "school_type": "nine_year", "ownership": "public"}
    school |= {"x": 550.0, "y": 500.0, "seats_primary": 100.0, "seats_junior": 100.0}
    pupils = {"primary": np.array([90.0, 40.0]), "junior": np.array([80.0, 40.0])}
    proposal = small_town(profile=PRICED, sites=[], schools=[school], pupils=pupils).propose()
    measures, costs = proposal.tables["measures"], proposal.tables["plan_costs"]
    assert measures["measure_id"].tolist() == ["temporary:S1:primary", "temporary:S1:junior"]
    assert measures["stage"].tolist() == ["primary", "junior"]
    assert costs["temporary"].tolist() == [2 * 60_000.0] * len(AHEAD)
    told = [bridging(proposal.tables, stage) for stage in ("primary", "junior")]
    assert told == [60_000.0 * len(AHEAD)] * 2
    audit = proposal.tables["plan_audit"].set_index("limit")
    assert audit.loc["temporary_classes", "found"] == 2


def test_nothing_needed():
    here = small_town(pupils={"primary": np.array([60.0, 40.0]), "junior": np.zeros(2)})
    proposal = here.propose()
    assert proposal.outcome["outcome"].tolist() == ["NOTHING_NEEDED"]
    assert len(proposal.proposals) == 0
    assert [*proposal.proposals.columns] == [*result_table("proposals").column_names, "geometry"]
    assert proposal.layout.seats.schools.index.tolist() == ["S1"]


def test_nothing_possible_is_said_with_what_is_left():
    field = {"site_id": "L1", "x": 800.0, "y": 500.0, "area_m2": 40_000.0}

    def check(site, given):
        proposal = small_town(sites=[] if site is None else [site]).propose(**given)
        only = proposal.outcome.iloc[0]
        assert only["outcome"] == "NOTHING_POSSIBLE"
        assert "4,000 pupil-years" in only["message"]
        assert len(proposal.proposals) == 0
        assert "siting_left" in [note.code for note in proposal.notes]

    every(
        [
            (None, {}),
            ({**field, "x": 9000.0, "y": 9000.0}, {}),
            ({**field, "area_m2": 5000.0}, {}),
            (field, {"budget": 0.0}),
            (field, {"max_new_schools": 0}),
            ({**field, "status": "occupied"}, {}),
            ({**field, "available_year": YEAR + 1}, {}),
        ],
        check,
    )


def test_land_opens_when_it_is_available():
    site = {"site_id": "L1", "x": 800.0, "y": 500.0, "area_m2": 40_000.0, "available_year": 2028}
    tables = small_town(sites=[site]).propose().tables
    assert tables["measures"]["first_year"].tolist() == [2028]
    assert tables["measure_years"]["year"].tolist() == [2028, 2029, 2030]


def test_less_land_never_makes_the_plan_cheaper():
    site = {"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0}
    costs, lost = [], []
    for area in (40_000.0, 14_000.0, 9_000.0):
        proposal = small_town(sites=[{**site, "area_m2": area}]).propose(generate_sites=True)
        costs.append(row(proposal, "cost")["objective"])
        lost.append(proposal.tables["plan_costs"]["unserved"].sum())
    assert lost == sorted(lost)
    assert costs == sorted(costs)


def test_known_land_and_generated_places_are_decided_together():
    """The field is too small for all 800: one generated place for all is cheaper than field and place."""
    site = {"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 12_000.0}
    proposal = small_town(sites=[site]).propose(generate_sites=True)
    assert proposal.proposals["cost"].sum() == 810 * 70_000
    enough = small_town().propose(generate_sites=True)
    assert enough.proposals["cost"].sum() == 810 * 70_000


def test_the_limits_of_a_site_and_its_uses_are_kept():
    site = {"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 40_000.0}
    classes = small_town(sites=[{**site, "max_classes": 12}]).propose().proposals
    assert classes["classes"].tolist() == [12]
    typed = small_town(sites=[{**site, "school_types": ["junior"]}]).propose()
    assert typed.outcome["outcome"].tolist() == ["NOTHING_POSSIBLE"]


def test_a_school_of_48_classes_is_never_offered():
    """48 primary classes are 2,160 seats: more than 2,000. The next level below is taken."""
    levels = small_rule("school.levels", "primary", 0.0)
    rules = (
        type(levels)(**{**{name: getattr(levels, name) for name in levels.__slots__}, "value": (36.0, 48.0)}),
    )
    here = small_town(
        profile=small_profile(extra=(*rules, small_rule("school.max_classes", "primary", 60.0))),
        pupils={"primary": np.array([1500.0, 800.0]), "junior": np.zeros(2)},
        sites=[{"site_id": "L1", "x": 800.0, "y": 500.0, "area_m2": 400_000.0, "school_types": ["primary"]}],
    )
    assert here.propose().proposals["classes"].tolist() == [36]


def test_no_level_of_the_shipped_profiles_breaks_its_own_rules():
    for profile in ("cn-national", "cn-zhengzhou-gaoxin-2020"):
        standards = load_profile(profile).at(YEAR)
        for school_type in ("primary", "junior", "nine_year"):
            for level in standards.allowed_levels(school_type):
                seats = sum(standards.level_seats(school_type, level).values())
                assert seats <= standards.number("school_size.cap", school_type)


def test_a_school_grows_if_its_land_allows():
    here = small_town(sites=[])
    proposal = here.propose(enlarge=True)
    only = proposal.proposals.iloc[0]
    assert (only["action"], only["school_id"], only["classes"], only["seats"]) == ("enlarge", "S1", 10, 440.0)
    assert pd.isna(only["land_m2"])
    assert "must be checked" in only["reason"]
    assert "siting_land_unknown" in [note.code for note in proposal.notes]
    assert proposal.layout.seats.seats["primary"].loc["S1"].tolist() == [100.0] + [540.0] * 5
    assert proposal.layout.walks is here.study.today.walks


def test_a_generated_place_is_labelled():
    proposal = small_town(sites=[]).propose(generate_sites=True)
    only = proposal.proposals.iloc[0]
    assert only["site_id"] == "primary-U000"
    assert "not a known site" in only["reason"]
    assert proposal.tables["measures"]["kind"].tolist() == ["build_indicative"]
    assert "siting_generated" in [note.code for note in proposal.notes]


def test_of_equal_sites_the_nearer_and_of_unequal_the_cheaper_is_taken():
    sites = [
        {"site_id": "L1", "name": "Near", "x": 600.0, "y": 500.0, "area_m2": 40_000.0},
        {"site_id": "L2", "name": "Far", "x": 1200.0, "y": 500.0, "area_m2": 40_000.0},
        {"site_id": "L3", "name": "Dear", "x": 550.0, "y": 500.0, "area_m2": 40_000.0, "land_cost": 5e6},
    ]
    priced = small_profile(extra=(small_rule("cost.discount_rate", "", 0.04),))
    only = small_town(sites=sites, profile=priced).propose().proposals.iloc[0]
    assert only["site_id"] == "L1"
    assert "as good within the gap" in only["rejected"] or "costs" in only["rejected"]


def test_buses_reach_beyond_the_walk_where_they_have_a_price():
    far = [{"site_id": "L1", "x": 1640.0, "y": 500.0, "area_m2": 40_000.0}]
    without = small_town(sites=far).propose()
    bused = small_town(
        sites=far, profile=small_profile(extra=(small_rule("cost.bus", "", 3000.0),))
    ).propose()
    assert without.outcome["outcome"].tolist() == ["NOTHING_POSSIBLE"]
    kinds = bused.tables["measures"].set_index("kind")
    assert kinds.loc["bus", "pupils_peak"] == pytest.approx(800.0)
    assert bused.tables["plan_costs"]["bus"].tolist() == pytest.approx([800 * 3000.0] * 5)


def test_without_prices_seats_are_compared():
    profile = small_profile()
    kept = tuple(rule for rule in profile.rules if rule.key != "cost.per_seat")
    unpriced = replace(profile, rules=kept)
    proposal = small_town(profile=unpriced).propose()
    assert proposal.proposals["classes"].tolist() == [18]
    assert pd.isna(proposal.proposals["cost"][0])
    assert row(proposal, "cost")["objective"] == 810.0
    assert "siting_unpriced" in [note.code for note in proposal.notes]


def test_a_nine_year_school_serves_two_stages_when_both_lack_seats():
    here = small_town(pupils={"primary": np.array([400.0, 200.0]), "junior": np.array([150.0, 100.0])})
    proposal = here.propose()
    only = proposal.proposals.iloc[0]
    assert (only["school_type"], only["classes"]) == ("nine_year", 18)
    assert (only["seats_primary"], only["seats_junior"]) == (540.0, 300.0)
    assert unserved(here.judged(proposal)) == pytest.approx(0, abs=1e-6)
    assert len(proposal.tables["measures"]) == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cost.bus", -1.0),
        ("cost.temporary_class", -60_000.0),
        ("lead_years.new", -1.0),
        ("lead_years.new", 1.5),
    ],
)
def test_prices_and_times_that_can_not_be_are_refused(key, value):
    rules = [small_rule("cost.bus", "", 3000.0), small_rule("cost.temporary_class", "", 60_000.0)]
    profile = small_profile(extra=(*rules, small_rule("lead_years.new", "", 2.0)))
    with pytest.raises(InputError) as error:
        with_overrides(profile, [Override(key=key, value=value)])
    assert key in str(error.value)


def test_where_nothing_opens_within_the_years_nothing_is_built():
    """A school takes longer than the plan: temporary classes bridge, and what is left is told."""
    profile = with_overrides(PRICED, [Override(key="lead_years.new", value=15)])
    plan, proposal = small_town(profile=profile).planned()
    assert not [one for one in plan.measures if one.lasts]
    assert {one.kind for one in plan.measures} == {"temporary"}
    assert "siting_left" in [note.code for note in proposal.notes]


def test_a_budget_below_the_committed_projects_is_told():
    """What projects still cost after the base year counts, less what is paid; others do not."""
    here = small_town()
    given = [
        {"project_id": "P1", "state": "approved", "opening_year": 2027, "cost": 9e7, "paid": 1e7},
        {"project_id": "P2", "state": "idea", "opening_year": 2028, "cost": 5e8},
        {"project_id": "P3", "state": "approved", "opening_year": 2020, "cost": 5e8},
    ]
    projects = small_city(tables={"projects": given}).tables["projects"]
    study = replace(
        here.study, city=replace(here.study.city, tables={**here.study.city.tables, "projects": projects})
    )
    assert committed_cost(study) == 8e7
    told = replace(here, study=study).propose(budget=7.9e7).notes
    (note,) = (one for one in told if one.code == "siting_budget_committed")
    assert "CNY 79.0 million" in note.what("en")
    assert "CNY 80.0 million" in note.what("en")
    enough = replace(here, study=study).propose(budget=8e7).notes
    assert "siting_budget_committed" not in [one.code for one in enough]


def test_optimal_in_the_table_means_that_nothing_is_better():
    """A step that stopped within the gap asked for is a plan with a gap, whatever the solver calls it."""
    plan, proposal = small_town().planned()
    assert row(proposal, "cost")["outcome"] == "OPTIMAL"
    steps = tuple(replace(step, gap=0.01, bound=0.99 * step.value) for step in plan.found.steps)
    assert {step.outcome for step in steps} == {Outcome.OPTIMAL}
    loose = outcome_table(replace(plan, found=replace(plan.found, steps=steps)))
    assert set(loose["outcome"]) == {"FEASIBLE"}
    assert loose["gap"].tolist() == [0.01] * len(steps)
