"""Schools that close, shrink, are converted or reopened; land and estates: each limit kept, and said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layoutplan.dictionary import result_table
from layoutplan.errors import DefectError
from layoutplan.siting.existing import NotOffered
from layoutplan.siting.promises import check_promises
from tests.every import every
from tests.siting.test_plan import AHEAD, PRICED, row, small_town, unserved
from tests.small_city import small_city, small_profile, small_rule
from tests.studies import with_plan

CONVERTED = replace(
    PRICED,
    rules=(
        *PRICED.rules,
        small_rule("cost.convert_per_seat", "primary", 10_000.0),
        small_rule("cost.convert_per_seat", "junior", 10_000.0),
        small_rule("lead_years.convert", "", 1.0),
    ),
)
A_YEAR = 0.04 * 70_000  # running cost of a primary seat


def school(name, x, seats, **more):
    given = {"school_id": name, "name": f"School {name}", "school_type": "primary", "ownership": "public"}
    return {**given, "x": x, "y": 500.0, "seats_primary": seats, **more}


def field(**more):
    return {"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 40_000.0, **more}


def pupils(primary, junior=0.0):
    return {"primary": np.array([primary, 0.0]), "junior": np.array([junior, 0.0])}


def measures(proposal):
    return proposal.tables["measures"].set_index("measure_id")


def audit(proposal):
    return proposal.tables["plan_audit"].set_index("limit")["found"]


def test_a_school_without_need_closes_where_the_plan_allows_it():
    """Two schools of 300 seats, 100 pupils: one closes at once and saves its running cost every year."""
    here = small_town(
        profile=PRICED,
        sites=[],
        pupils=pupils(100.0),
        schools=[school("S1", 500, 300.0), school("S2", 600, 300.0)],
    )
    assert here.propose().outcome["outcome"].tolist() == ["NOTHING_NEEDED"]
    proposal = here.propose(close={"S2": "S1"})
    only = measures(proposal).loc["close:S2"]
    assert (only["kind"], only["first_year"], only["seats"]) == ("close", AHEAD[0], -300.0)
    assert only["running"] == pytest.approx(-300 * A_YEAR)
    saved = sum(300 * A_YEAR * 1.04 ** -(year + 1) for year in range(len(AHEAD)))
    assert only["discounted"] == pytest.approx(-saved)
    assert proposal.tables["plan_costs"]["running"].tolist() == pytest.approx([-300 * A_YEAR] * len(AHEAD))
    assert row(proposal, "cost")["outcome"] == "OPTIMAL"
    assert proposal.layout.seats.seats["primary"].loc["S2"].tolist() == [300.0] + [0.0] * len(AHEAD)
    assert len(proposal.proposals) == 0
    assert audit(proposal)["without_seat_by_closing"] == 0
    assert audit(proposal)["successor_first"] == 0
    assert all(unserved(here.judged(proposal), year) == 0 for year in AHEAD)


def test_nobody_loses_a_seat_by_a_closing():
    """The 100 pupils need both schools: none closes, and where seats lack already none closes either."""
    schools = [school("S1", 500, 60.0), school("S2", 600, 60.0)]
    for count in (100.0, 150.0):
        here = small_town(profile=PRICED, sites=[], pupils=pupils(count), schools=schools)
        proposal = here.propose(close={"S2": "", "S1": ""}, shrink=["S1"])
        assert "close" not in set(proposal.tables["measures"]["kind"])


def test_first_built_then_closed():
    """The successor takes two years to build; the old school closes in the year in which it opens."""
    schools = [school("S1", 500, 100.0), school("S2", 600, 500.0)]
    here = small_town(profile=PRICED, pupils=pupils(1000.0), schools=schools)
    proposal = here.propose(close={"S2": "L1"})
    plan = measures(proposal)
    built = plan.loc["build:L1"]
    assert built["first_year"] == AHEAD[2]
    if "close:S2" in plan.index:
        assert plan.loc["close:S2", "first_year"] >= built["first_year"]
    alone = small_town(profile=PRICED, pupils=pupils(100.0), schools=schools).propose(close={"S2": "L1"})
    assert alone.outcome["outcome"].tolist() == ["NOTHING_NEEDED"] or not len(measures(alone))


def test_a_closing_with_a_successor_that_is_built_waits_for_it():
    """900 pupils, schools of 400 and 45: with 540 new seats the larger one serves all, the small one goes."""
    schools = [school("S1", 500, 400.0), school("S2", 600, 45.0)]
    proposal = small_town(profile=PRICED, pupils=pupils(900.0), schools=schools).propose(close={"S2": "L1"})
    plan = measures(proposal)
    assert plan.loc["close:S2", "first_year"] == plan.loc["build:L1", "first_year"] == AHEAD[2]
    assert audit(proposal)["successor_first"] == 0
    links = proposal.layout.zoning.catchment_schools
    assert not len(links) or set(links["school_id"]) <= {"S1", "S2", "NEW-L1"}


def test_a_school_shrinks_to_the_level_that_is_needed():
    """36 classes, 600 pupils: 18 classes (810 seats) would do, 12 (540) would not."""
    here = small_town(profile=PRICED, sites=[], pupils=pupils(600.0), schools=[school("S1", 500, 1620.0)])
    proposal = here.propose(shrink=["S1"])
    only = measures(proposal).loc["shrink:S1"]
    assert (only["seats"], only["classes"]) == (810.0 - 1620.0, 18 - 36)
    assert proposal.layout.seats.seats["primary"].loc["S1", AHEAD[0]] == pytest.approx(810.0)


def test_a_closed_school_reopens_where_that_is_cheaper_than_building():
    schools = [school("S1", 500, 100.0), school("S9", 700, 600.0, closed_year=2020, floor_area_m2=5000.0)]
    here = small_town(profile=CONVERTED, pupils=pupils(500.0), schools=schools)
    assert set(here.propose().tables["measures"]["kind"]) == {"build", "temporary"}
    proposal = here.propose(convert={"S9": "primary"})
    only = measures(proposal).loc["convert:S9"]
    assert (only["seats"], only["capital"]) == (540.0, 540 * 10_000.0)
    assert (only["paid_from"], only["first_year"]) == (AHEAD[0], AHEAD[1])
    assert only["running"] == pytest.approx(540 * A_YEAR)
    assert proposal.proposals["action"].tolist() == ["convert"]
    assert "own site" in proposal.proposals["land_status"][0]
    totals = proposal.tables["remedy_totals"]
    assert [*totals.columns] == [*result_table("remedy_totals").column_names]
    assert unserved(here.judged(proposal), AHEAD[-1]) == pytest.approx(0.0, abs=1e-6)


def test_a_primary_school_becomes_a_nine_year_school():
    """Junior pupils have no school, the primary school is half empty: its building serves both."""
    here = small_town(
        profile=CONVERTED, sites=[], pupils=pupils(500.0, 250.0), schools=[school("S1", 500, 1080.0)]
    )
    proposal = here.propose(convert={"S1": "nine_year"})
    only = measures(proposal).loc["convert:S1"]
    assert (only["seats_primary"], only["seats_junior"]) == (540.0 - 1080.0, 300.0)
    assert only["capital"] == 300 * 10_000.0
    seats = proposal.layout.seats.seats
    assert (seats["primary"].loc["S1", AHEAD[1]], seats["junior"].loc["S1", AHEAD[1]]) == (540.0, 300.0)
    crowded = small_town(
        profile=CONVERTED, sites=[], pupils=pupils(1000.0, 250.0), schools=[school("S1", 500, 1080.0)]
    ).propose(convert={"S1": "nine_year"})
    assert "convert:S1" not in measures(crowded).index or measures(crowded).loc["convert:S1", "seats"] > 0


def test_an_idle_building_is_reused_as_far_as_its_floor_goes():
    """540 seats need 4,320 m²: a building of 5,000 m² is converted to 12 classes, one of 4,000 m² is not."""
    sites = [field(status="idle", floor_area_m2=5000.0, school_types="kindergarten")]
    wide = small_town(profile=CONVERTED, pupils=pupils(600.0), sites=sites).propose(convert={"L1": "primary"})
    only = measures(wide).loc["convert:L1"]
    assert (only["seats"], only["capital"]) == (540.0, 540 * 10_000.0)
    sites[0]["floor_area_m2"] = 4000.0
    small = small_town(profile=CONVERTED, pupils=pupils(600.0), sites=sites).propose(
        convert={"L1": "primary"}
    )
    assert "siting_not_offered_size" in [note.code for note in small.notes]


def town_with_estate(year, **more):
    here = small_town(profile=PRICED, sites=[field(housing_id="H1", **more)])
    housing = [{"housing_id": "H1", "name": "Garden", "dwellings": 900, "first_occupancy_year": year}]
    tables = {**here.study.city.tables, "housing": small_city(tables={"housing": housing}).tables["housing"]}
    return replace(here, study=replace(here.study, city=replace(here.study.city, tables=tables)))


def test_the_school_of_an_estate_opens_with_it_or_as_soon_as_it_can():
    def check(occupied, opens, late):
        proposal = town_with_estate(occupied).propose()
        assert measures(proposal).loc["build:L1", "first_year"] == opens
        assert ("siting_estate_late" in [note.code for note in proposal.notes]) == late
        assert audit(proposal)["with_estate"] <= 0
        assert f"Garden (residents from {occupied})" in proposal.proposals["land_status"][0]

    every([(2030, 2028, False), (2028, 2028, False), (2026, 2028, True)], check)


def test_a_school_that_is_not_needed_with_its_estate_is_told():
    """Pupils come only in the last year: the school would have to open in 2028, and is not worth it then."""
    here = town_with_estate(2028)
    for year in AHEAD[:-1]:
        here.study.demand.pupils["primary"][year] = 40.0
    proposal = here.propose(max_cost_per_pupil=10.0)
    assert "siting_estate_without" in [note.code for note in proposal.notes]


def test_land_of_other_zoning_is_left_out_where_the_plan_says_so():
    def check(zoned, offered):
        here = small_town(profile=PRICED, sites=[field(education_land=zoned)])
        proposal = here.propose(education_land_only=True)
        assert ("build:L1" in measures(proposal).index) == offered
        if offered:
            assert audit(proposal)["education_land"] == 0

    every([(True, True), (False, False), (None, False)], check)


def test_the_status_of_the_land_is_said():
    site = field(
        education_land=False, proposed_use="商业", rezoned_area_m2=4000.0, consent=False, titled=True
    )
    only = small_town(sites=[site]).propose(lang="zh").proposals.iloc[0]
    assert only["land_status"] == (
        "用地：教育用地：否，部分拟变更为商业（余36,000平方米），教育部门未同意，已确权。"
    )
    assert "not zoned for education" in only["land_status_translated"]
    bare = small_town().propose(lang="zh").proposals.iloc[0]
    assert bare["land_status"] == "用地：教育用地：未注明，确权情况未注明。"


def test_what_can_not_be_offered_is_said_with_the_reason():
    def check(given, why):
        schools = [school("S1", 500, 100.0), school("S9", 700, 600.0, closed_year=2020)]
        profile = given.pop("profile", CONVERTED)
        proposal = small_town(profile=profile, pupils=pupils(400.0), schools=schools).propose(**given)
        assert f"siting_not_offered_{why}" in [note.code for note in proposal.notes]

    every(
        [
            ({"close": {"S7": ""}}, "unknown"),
            ({"close": {"S9": ""}}, "unknown"),
            ({"close": {"S1": "S9"}}, "successor"),
            ({"close": {"S1": "S1"}}, "successor"),
            ({"shrink": ("S1",)}, "size"),
            ({"convert": {"S9": "castle"}}, "type"),
            ({"convert": {"S9": "senior"}}, "type"),
            ({"convert": {"L1": "primary"}}, "unknown"),
            ({"convert": {"S9": "primary"}, "profile": PRICED}, "price"),
            ({"close": {"S1": ""}, "stages": ("junior",)}, "stages"),
        ],
        check,
    )
    assert NotOffered("close", "S1", "size").why == "size"


def test_broken_promises_of_closings_are_defects():
    """The plan stays; what it needed is taken away: the audit must see it."""
    schools = [school("S1", 500, 400.0), school("S2", 600, 45.0)]
    plan, _ = small_town(profile=PRICED, pupils=pupils(900.0), schools=schools).planned(close={"S2": "L1"})
    places = plan.model.places
    siting = places.study.plan.siting.model_copy(update={"close": {"S2": "S9"}})
    study = with_plan(places.study, sections={"siting": siting})
    with pytest.raises(DefectError, match="successor_first"):
        check_promises(replace(plan, model=replace(plan.model, places=replace(places, study=study))))
    placements = tuple(replace(one, unserved=one.unserved + 5.0) for one in plan.found.figures.placements)
    figures = replace(plan.found.figures, placements=placements)
    with pytest.raises(DefectError, match="without_seat_by_closing"):
        check_promises(replace(plan, found=replace(plan.found, figures=figures)))


def test_a_plan_that_names_nothing_is_the_same_plan():
    """Prices of conversion alone change nothing."""
    before, after = (small_town(profile=one).propose(enlarge=True) for one in (PRICED, CONVERTED))
    assert before.tables["measures"].to_csv() == after.tables["measures"].to_csv()
    assert small_profile().id == "test"
