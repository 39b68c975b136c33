"""Proposals from end to end, judged by the balance, on towns small enough to reason about."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layoutplan.dictionary import result_table
from layoutplan.errors import DefectError
from layoutplan.siting.decision import PUPILS_TOLERANCE
from layoutplan.standards import load_profile
from tests.examples import examples
from tests.siting.town import REACH, YEAR, random_town, town
from tests.small_city import YEARS, small_profile, small_rule

SEEDS = st.integers(0, 10_000)


def unserved(balance, year=YEAR):
    rows = balance.city[balance.city["year"] == year]
    return float(rows["unserved"].sum())


def row(proposal, step):
    return proposal.outcome.set_index("step").loc[step]


@settings(max_examples=examples(20))
@given(SEEDS, st.booleans())
def test_what_is_promised_is_what_the_balance_finds(seed, boarding):
    here = random_town(seed, hotspots=[("primary-1", "primary", [0, 1, 2, 3])], boarding=boarding)
    proposal = here.propose(generate_sites=True, enlarge=True)
    assume(len(proposal.proposals) > 0)
    gained = unserved(here.balance) - unserved(here.judged(proposal))
    serve = row(proposal, "serve")
    assert serve["outcome"] == "OPTIMAL"
    assert serve["audited"] == pytest.approx(serve["objective"], abs=1e-3)
    assert serve["bound"] >= serve["objective"] - 1e-6
    steps = proposal.outcome.set_index("step")["audited"]
    assert gained == pytest.approx(steps.filter(like="serve").sum(), abs=2 * PUPILS_TOLERANCE + 1e-3)
    assert steps.filter(like="cost").sum() == pytest.approx(proposal.proposals["cost"].sum())
    costs = proposal.outcome[proposal.outcome["step"].str.startswith("cost")]
    assert (costs["bound"] <= costs["objective"] + 1e-6).all()
    assert proposal.proposals["pupils_served"].sum() <= unserved(here.balance) * len(proposal.proposals) + 1
    assert (
        proposal.proposals["assigned"]
        <= proposal.proposals["seats"] + 1e-6 + 10_000 * (proposal.proposals["action"] == "enlarge")
    ).all()


def test_where_pupils_board_fewer_need_a_new_seat():
    """Siting sees the beds that the balance sees: else it would contradict it, and build for boarders."""
    day, boarding = (random_town(5, boarding=lets) for lets in (False, True))
    boarders = boarding.balance.city.query("year == @YEAR")["boarders"].sum()
    assert boarders > 100
    assert unserved(boarding.balance) < unserved(day.balance) - 100
    for here in (day, boarding):
        proposal = here.propose(enlarge=True)
        after = here.judged(proposal).city.query("year == @YEAR")
        assert unserved(here.balance) - after["unserved"].sum() == pytest.approx(
            row(proposal, "serve")["audited"], abs=1e-3
        )


@settings(max_examples=examples(10))
@given(SEEDS)
def test_the_order_of_the_units_changes_nothing(seed):
    order = np.random.default_rng(seed + 1).permutation(12)
    one = random_town(seed).propose(enlarge=True)
    other = random_town(seed, order=order).propose(enlarge=True)
    for name in ("objective", "audited"):
        left, right = (proposal.outcome[name].tolist()[:2] for proposal in (one, other))
        assert left == pytest.approx(right, abs=1e-3)


def test_the_same_input_gives_the_same_bytes():
    texts = []
    for _ in range(2):
        here = random_town(3, hotspots=[("primary-1", "primary", [0, 1, 2])])
        proposal = here.propose(generate_sites=True, enlarge=True)
        texts.append(proposal.proposals.to_json() + proposal.outcome.to_json())
    assert texts[0] == texts[1]


def test_nothing_given_is_changed():
    here = random_town(4)
    today = here.study.today
    before = (
        today.seats.schools.copy(),
        {stage: frame.copy() for stage, frame in today.seats.seats.items()},
        today.zoning.catchment_schools.copy(),
        today.walks.metres.tobytes(),
    )
    here.propose(enlarge=True)
    pd.testing.assert_frame_equal(today.seats.schools, before[0])
    for stage, frame in today.seats.seats.items():
        pd.testing.assert_frame_equal(frame, before[1][stage])
    pd.testing.assert_frame_equal(today.zoning.catchment_schools, before[2])
    assert today.walks.metres.tobytes() == before[3]


@settings(max_examples=examples(10))
@given(SEEDS, st.sampled_from([0.0, 4e7, 1e8]), st.sampled_from([None, 0, 1]))
def test_limits_are_kept(seed, budget, most):
    proposal = random_town(seed).propose(budget=budget, max_new_schools=most, enlarge=True)
    found = proposal.proposals
    assert found["cost"].sum() <= budget
    assert most is None or (found["action"] == "new").sum() <= most
    sized = found[(found["action"] == "new") & found["site_area_m2"].notna()]
    assert (sized["land_m2"] <= sized["site_area_m2"]).all()


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


def test_a_town_by_hand():
    """800 pupils lack a seat: 18 classes (810 seats) are the cheapest level that serves them all."""
    here = small_town()
    proposal = here.propose()
    only = proposal.proposals.iloc[0]
    assert len(proposal.proposals) == 1
    assert [*proposal.proposals.columns] == [*result_table("proposals").column_names, "geometry"]
    assert [*proposal.outcome.columns] == [*result_table("siting_outcome").column_names]
    assert (only["proposal_id"], only["action"], only["site_id"]) == ("P1", "new", "L1")
    assert (only["school_type"], only["classes"], only["seats_primary"]) == ("primary", 18, 810.0)
    assert only["pupils_served"] == pytest.approx(800.0)
    assert only["cost"] == 810 * 70_000
    assert only["land_m2"] == 810 * 20
    assert only["hotspot_id"] == "primary-1"
    assert "would leave 260 more pupils" in only["reason"]  # 12 classes: 540 of the 800
    assert "24 classes) would place no more" in only["reason"]
    assert unserved(here.judged(proposal)) == pytest.approx(0, abs=1e-6)
    assert proposal.outcome["step"].tolist() == ["serve", "cost", "walk"]
    walked = here.judged(proposal).assignment.query("year == @YEAR")
    assert row(proposal, "walk")["audited"] == pytest.approx(
        float((walked["pupils"] * walked["metres"]).sum()), rel=1e-5
    )


def test_reasons_are_in_the_language_of_the_run():
    only = small_town().propose(lang="zh").proposals.iloc[0]
    assert "将多出260名学生没有学位" in only["reason"]
    assert "没有其他候选" in only["rejected"]


def test_the_proposed_plan_opens_in_the_target_year_in_its_catchment():
    here = small_town()
    proposal = here.propose()
    school = proposal.layout.seats.schools.loc["NEW-L1"]
    assert (school["status"], bool(school["counts"]), school["ownership"]) == ("proposed", True, "public")
    assert school["name"] == "New primary school: Field"
    seats = proposal.layout.seats.seats["primary"].loc["NEW-L1"]
    assert seats.tolist() == [0.0 if year < YEAR else 810.0 for year in YEARS]
    links = proposal.layout.zoning.catchment_schools
    assert links[links["school_id"] == "NEW-L1"]["catchment_id"].tolist() == ["C2"]
    assert (
        proposal.layout.walks.destinations.tolist()
        == proposal.layout.seats.schools.index.tolist()
        == ["S1", "NEW-L1"]
    )
    assert proposal.layout.walks.origins.equals(here.study.today.walks.origins)
    np.testing.assert_allclose(proposal.layout.walks.to_csr().toarray()[:, 1], [390.0, 260.0], rtol=1e-5)
    assert [note.code for note in proposal.notes] == ["siting_from_year"]
    assert proposal.layout.seats.schools.dtypes.equals(here.study.today.seats.schools.dtypes)


def test_nothing_needed():
    here = small_town(pupils={"primary": np.array([60.0, 40.0]), "junior": np.zeros(2)})
    proposal = here.propose()
    assert proposal.outcome["outcome"].tolist() == ["NOTHING_NEEDED"]
    assert len(proposal.proposals) == 0
    assert [*proposal.proposals.columns] == [*result_table("proposals").column_names, "geometry"]
    assert proposal.layout.seats.schools.index.tolist() == ["S1"]


@pytest.mark.parametrize(
    ("sites", "settings_", "said"),
    [
        ([], {}, "there is no candidate"),
        ([{"x": 9000.0, "y": 9000.0, "area_m2": 40_000.0}], {}, "within reach of a pupil"),
        ([{"x": 800.0, "y": 500.0, "area_m2": 5000.0}], {}, "it needs 10,800 m² of land and there are 5,000"),
        ([{"x": 800.0, "y": 500.0, "area_m2": 40_000.0}], {"budget": 0.0}, "budget 0"),
        ([{"x": 800.0, "y": 500.0, "area_m2": 40_000.0}], {"max_new_schools": 0}, "new schools 0"),
        ([{"x": 800.0, "y": 500.0, "status": "occupied"}], {}, "there is no candidate"),
        ([{"x": 800.0, "y": 500.0, "available_year": YEAR + 1}], {}, "there is no candidate"),
    ],
)
def test_nothing_possible_says_why(sites, settings_, said):
    rows = [{"site_id": f"L{number}", **site} for number, site in enumerate(sites)]
    proposal = small_town(sites=rows).propose(**settings_)
    only = proposal.outcome.iloc[0]
    assert only["outcome"] == "NOTHING_POSSIBLE"
    assert said in only["message"]
    assert "800 pupils" in only["message"]
    assert len(proposal.proposals) == 0
    assert proposal.outcome["candidates"].tolist() == [len(rows) if "no candidate" not in said else 0]


def test_the_limits_of_a_site_and_its_uses_are_kept():
    site = {"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 40_000.0}
    classes = small_town(sites=[{**site, "max_classes": 12}]).propose().proposals
    assert classes["classes"].tolist() == [12]
    assert "18 classes) is not allowed: 18 classes, above the 12 stated" in classes["reason"][0]
    typed = small_town(sites=[{**site, "school_types": ["junior"]}]).propose()
    assert typed.outcome["outcome"].tolist() == ["NOTHING_POSSIBLE"]


def test_a_school_of_48_classes_is_never_offered():
    """48 primary classes are 2,160 seats: more than 2,000. The next level below is taken, and it says why."""
    levels = small_rule("school.levels", "primary", 0.0)
    rules = (
        type(levels)(**{**{name: getattr(levels, name) for name in levels.__slots__}, "value": (36.0, 48.0)}),
    )
    profile = small_profile(extra=(*rules, small_rule("school.max_classes", "primary", 60.0)))
    here = small_town(
        profile=profile,
        pupils={"primary": np.array([1500.0, 800.0]), "junior": np.zeros(2)},
        sites=[
            {
                "site_id": "L1",
                "name": "Field",
                "x": 800.0,
                "y": 500.0,
                "area_m2": 400_000.0,
                "school_types": ["primary"],
            }
        ],
    )
    found = here.propose().proposals
    assert found["classes"].tolist() == [36]
    assert "48 classes) is not allowed: 2,160 pupils, above the cap of 2,000" in found["reason"][0]


def test_no_level_of_the_shipped_profiles_breaks_its_own_rules():
    for profile in ("cn-national", "cn-zhengzhou-gaoxin-2020"):
        standards = load_profile(profile).at(YEAR)
        for school_type in ("primary", "junior", "nine_year"):
            for level in standards.allowed_levels(school_type):
                seats = sum(standards.level_seats(school_type, level).values())
                assert seats <= standards.number("school_size.cap", school_type)


def test_a_school_grows_to_the_next_level_if_its_land_allows():
    here = small_town(sites=[])
    proposal = here.propose(enlarge=True)
    only = proposal.proposals.iloc[0]
    assert (only["action"], only["school_id"], only["classes"], only["seats"]) == ("enlarge", "S1", 10, 440.0)
    assert pd.isna(only["land_m2"])
    assert "from 100 to 540 seats" in only["reason"]
    assert "must be checked" in only["reason"]
    assert [note.code for note in proposal.notes] == ["siting_from_year", "siting_land_unknown"]
    assert proposal.layout.seats.seats["primary"].loc["S1"].tolist() == [100.0] * 5 + [540.0]
    assert proposal.layout.walks is here.study.today.walks
    campus = {
        "school_id": "S1",
        "name": "First",
        "school_type": "primary",
        "ownership": "public",
        "x": 550.0,
        "y": 500.0,
        "seats_primary": 100.0,
        "site_area_m2": 10_000.0,
    }
    tight = small_town(sites=[], schools=[campus]).propose(enlarge=True)
    assert "it needs 10,800 m² of land and there are 10,000 m²" in tight.outcome["message"][0]
    private = small_town(sites=[], schools=[{**campus, "ownership": "inclusive", "site_area_m2": None}])
    assert "there is no candidate" in private.propose(enlarge=True).outcome["message"][0]


def test_a_generated_place_is_labelled():
    proposal = small_town(sites=[]).propose(generate_sites=True)
    only = proposal.proposals.iloc[0]
    assert only["site_id"] == "primary-1-G1"
    assert only["name"] == "Place primary-1 G1"
    assert "not a known site" in only["reason"]
    assert pd.isna(only["site_area_m2"])
    assert "siting_generated" in [note.code for note in proposal.notes]


def test_known_land_comes_before_generated_places():
    """The field is too small for all 800: it is used first, and a place is generated for the rest."""
    site = {"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 12_000.0}
    proposal = small_town(sites=[site]).propose(generate_sites=True)
    assert proposal.outcome["step"].tolist() == ["serve", "cost", "serve_generated", "cost_generated", "walk"]
    assert proposal.outcome["audited"][:4].tolist() == [540.0, 540 * 70_000, 260.0, 540 * 70_000]
    assert proposal.proposals["site_id"].tolist() == ["L1", "primary-1-G1"]
    assert "540 of 800" in proposal.outcome["message"][0]
    assert proposal.layout.seats.schools.index.tolist() == proposal.layout.walks.destinations.tolist()
    enough = small_town().propose(generate_sites=True)
    assert enough.proposals["site_id"].tolist() == ["L1"]


def test_a_nearer_or_cheaper_site_is_preferred_and_the_other_says_why_not():
    sites = [
        {"site_id": "L1", "name": "Near", "x": 800.0, "y": 500.0, "area_m2": 40_000.0},
        {"site_id": "L2", "name": "Dear", "x": 700.0, "y": 500.0, "area_m2": 40_000.0, "land_cost": 5e6},
        {"site_id": "L3", "name": "Tiny", "x": 600.0, "y": 600.0, "area_m2": 9000.0},
        {"site_id": "L4", "name": "Tight", "x": 600.0, "y": 400.0, "area_m2": 12_000.0},
    ]
    only = small_town(sites=sites).propose().proposals.iloc[0]
    assert only["site_id"] == "L1"
    assert "Dear (100 m away), 18 classes: would serve as many, at 5,000,000 more" in only["rejected"]
    assert "Tiny (224 m away): it needs 10,800 m² of land and there are 9,000 m²" in only["rejected"]
    assert "Tight (224 m away), 12 classes: would serve 260 fewer pupils" in only["rejected"]


def test_without_prices_seats_are_compared_and_the_budget_is_said_to_be_ignored():
    profile = small_profile()
    kept = tuple(rule for rule in profile.rules if rule.key != "cost.per_seat")
    unpriced = type(profile)("test", "Test", "测试", "CNY", kept)
    proposal = small_town(profile=unpriced).propose(budget=1.0)
    assert proposal.proposals["classes"].tolist() == [18]
    assert pd.isna(proposal.proposals["cost"][0])
    assert row(proposal, "cost")["objective"] == 810.0
    assert "siting_unpriced" in [note.code for note in proposal.notes]


def test_a_balance_that_disagrees_is_a_defect():
    here = small_town()
    wrong = here.balance.city.assign(unserved=here.balance.city["unserved"] + 10)
    other = type(here)(
        **{**vars(here), "balance": type(here.balance)(**{**vars(here.balance), "city": wrong})}
    )
    with pytest.raises(DefectError, match="the balance"):
        other.propose()


def test_a_nine_year_school_serves_two_stages_when_both_lack_seats():
    here = small_town(pupils={"primary": np.array([400.0, 200.0]), "junior": np.array([150.0, 100.0])})
    proposal = here.propose()
    only = proposal.proposals.iloc[0]
    assert (only["school_type"], only["classes"]) == ("nine_year", 18)
    assert (only["seats_primary"], only["seats_junior"]) == (540.0, 300.0)
    assert unserved(here.judged(proposal)) == pytest.approx(0, abs=1e-6)
    assert REACH["junior"] > REACH["primary"]
