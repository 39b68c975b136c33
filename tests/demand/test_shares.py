"""Participation and public share: the plan, else the profile, else enrolment, else one."""

import pandas as pd
import pytest

from layoutplan.demand import estimate_demand
from layoutplan.demand.shares import participation, resolve_public_share
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from tests.small_city import SCHOOLS, YEARS, small_city, small_profile, small_rule


def share_of(city, *, profile=None, ownership=("public", "inclusive"), **plan):
    log = FaultLog()
    share = resolve_public_share(
        "primary",
        city=city,
        stated=DemandSettings(**plan).public_share,
        profile=profile or small_profile(),
        ownership=ownership,
        residents=1000.0,
        log=log,
    )
    return share, [fault.code for fault in log]


def test_the_plan_wins_over_the_profile():
    ruled = small_profile(extra=(small_rule("demand.public_share", "primary", 0.8),))
    assert share_of(small_city(), profile=ruled, public_share={"primary": 0.7})[0].tolist() == [0.7] * 6
    assert share_of(small_city(), profile=ruled)[0].tolist() == [0.8] * 6


def test_the_share_of_enrolment_in_schools_that_count():
    share, codes = share_of(small_city())
    assert share.tolist() == pytest.approx([(840 + 380) / (840 + 380 + 120)] * 6)
    assert codes == ["public_share_from_enrolment"]
    everyone, _ = share_of(small_city(), ownership=("public", "inclusive", "private"))
    assert everyone.tolist() == [1.0] * 6


def test_when_every_school_counts_their_enrolment_proves_nothing():
    schools = tuple({**school, "ownership": "public", "enrolment_primary": 250.0} for school in SCHOOLS)
    share, codes = share_of(small_city(schools=schools))  # 750 enrolled of 1,000 resident pupils
    assert share.tolist() == [1.0] * 6
    assert codes == ["public_share_unproven"]


@pytest.mark.parametrize(("pupils", "code"), [(969.0, "unproven"), (971.0, "from_enrolment")])
def test_a_few_in_a_hundred_are_no_difference(pupils, code):
    schools = tuple(
        {**school, "ownership": "public", "enrolment_primary": pupils / 3 if rank < 3 else 0.0}
        for rank, school in enumerate(SCHOOLS)
    )
    share, codes = share_of(small_city(schools=schools))  # of 1,000 resident pupils
    assert share.tolist() == [1.0] * 6
    assert codes == [f"public_share_{code}"]


def test_without_enrolment_all_need_a_public_seat():
    schools = tuple({**school, "enrolment_primary": None} for school in SCHOOLS)
    share, codes = share_of(small_city(schools=schools))
    assert share.tolist() == [1.0] * 6
    assert codes == ["public_share_assumed"]


def counting_from(year, *schools):
    """S1, S2 count in all years, ``schools`` from ``year`` on."""
    names = pd.Index(["S1", "S2", "S3"], name="school_id")
    rows = [[name != "S3" or (name in schools and now >= year) for now in YEARS] for name in names]
    return pd.DataFrame(rows, index=names, columns=[*YEARS])


def test_a_school_made_public_brings_its_pupils_with_its_seats():
    log = FaultLog()
    share = resolve_public_share(
        "primary",
        city=small_city(),
        stated={},
        profile=small_profile(),
        ownership=("public", "inclusive"),
        residents=1000.0,
        log=log,
        counting=counting_from(YEARS[2], "S3"),
    )
    today = (840 + 380) / (840 + 380 + 120)
    assert share.tolist() == pytest.approx([today] * 2 + [1.0] * 4)
    assert [fault.code for fault in log] == ["public_share_from_enrolment", "public_share_converted"]
    assert share_of(small_city())[0].tolist() == pytest.approx([today] * 6)  # without such a project


def test_a_stated_share_is_left_alone_by_conversions():
    stated = DemandSettings(public_share={"primary": 0.7}).public_share
    share = resolve_public_share(
        "primary",
        city=small_city(),
        stated=stated,
        profile=small_profile(),
        ownership=("public", "inclusive"),
        residents=1000.0,
        log=FaultLog(),
        counting=counting_from(YEARS[2], "S3"),
    )
    assert share.tolist() == [0.7] * 6


def test_participation_is_dated():
    log = FaultLog()
    kinds = {"stated": {}, "profile": small_profile(), "log": log}
    assert participation("primary", YEARS, **kinds).tolist() == [1.0] * 6
    assert [fault.code for fault in log] == ["participation_assumed"]
    ruled = small_profile(extra=(small_rule("demand.participation", "primary", 0.9),))
    assert participation("primary", YEARS, stated={}, profile=ruled, log=log).tolist() == [0.9] * 6
    assert (
        participation("primary", YEARS, stated={"primary": 0.5}, profile=ruled, log=log).tolist() == [0.5] * 6
    )
    assert len(log) == 1


def _with_enrolment(**pupils):
    return small_city(
        schools=tuple({**school, "enrolment_primary": pupils.get(school["school_id"])} for school in SCHOOLS)
    )


def test_a_blank_enrolment_is_not_zero():
    """Seats: S1 810, S2 9 × 45 = 405 (public), S3 180 (private)."""
    wrong = []
    fill = (405 + 90) / (405 + 180)  # of the two that report: S2 is full, S3 half
    s1 = 810 * fill
    cases = (
        ({"S3": 120.0}, 1.0, "public_share_unknown"),  # no public school reports
        ({"S1": 840.0, "S2": 380.0}, 1.0, "public_share_unknown"),  # the private school is silent
        ({"S2": 405.0, "S3": 90.0}, (s1 + 405) / (s1 + 405 + 90), "enrolment_estimated"),
        (
            {"S1": 0.0, "S2": 380.0, "S3": 120.0},
            380 / 500,
            "public_share_from_enrolment",
        ),  # a stated 0 is one
    )
    for pupils, expected, code in cases:
        share, codes = share_of(_with_enrolment(**pupils))
        if share.tolist() != pytest.approx([expected] * 6) or code not in codes:
            wrong.append((pupils, share.tolist(), codes))
    assert not wrong


def test_a_closed_school_or_one_of_another_stage_is_not_silent():
    changes = {"S1": {"closed_year": YEARS[0], "enrolment_primary": None}}
    schools = tuple({**school, **changes.get(school["school_id"], {})} for school in SCHOOLS)
    share, codes = share_of(small_city(schools=schools))
    assert share.tolist() == pytest.approx([380 / 500] * 6)
    assert codes == ["public_share_from_enrolment"]


def test_demand_that_is_wiped_out_is_said_with_the_children():
    said = {}
    for name, settings in (
        ("share", DemandSettings(public_share={"primary": 0.0})),
        ("participation", DemandSettings(participation={"primary": 0.0})),
    ):
        demand = estimate_demand(small_city(), small_profile(), settings)
        said[name] = [note.params["children"] for note in demand.notes if note.code == "demand_wiped_out"]
    private = tuple({**school, "ownership": "private"} for school in SCHOOLS)
    demand = estimate_demand(small_city(schools=private), small_profile(), DemandSettings())
    said["private"] = [note.params["stage"] for note in demand.notes if note.code == "demand_wiped_out"]
    assert said == {"share": [1260.0], "participation": [1260.0], "private": ["primary", "junior"]}
