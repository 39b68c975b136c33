"""What becomes of a proposal when the peak has passed, held against placing all pupils again."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance import evaluate
from layoutplan.dictionary import result_table
from layoutplan.plan.settings import SitingSettings, TravelSettings
from layoutplan.siting import propose
from layoutplan.siting.horizon import HorizonInputs, evaluate_horizon
from tests.siting.town import REACH, random_town
from tests.small_city import YEARS

TARGET = 2027
PEAKS = pd.DataFrame(columns=[*result_table("peaks").column_names])


def falling(here, share):
    """Return the town with its pupils from the year after the target on times ``share``."""
    later = np.where(np.array(YEARS) > TARGET, share, 1.0)
    pupils = {stage: frame * later for stage, frame in here.demand.pupils.items()}
    demand = replace(here.demand, pupils=MappingProxyType(pupils))
    balance = evaluate(here.city, demand, here.seats, here.pairs, here.profile, reach_m=REACH)
    return replace(here, demand=demand, balance=balance)


def proposed(here, *, year=TARGET, lang="en", peaks=PEAKS, **plan):
    given = SitingSettings(relative_gap=0.0, min_pupils=0.0, generate_sites=False, enlarge=True, **plan)
    sited = propose(
        here.city,
        here.demand,
        here.seats,
        here.balance,
        here.pairs,
        here.hotspots,
        here.profile,
        given,
        year=year,
        network=None,
        travel=TravelSettings(detour_factor=1.3),
        reach_m=REACH,
        lang=lang,
    )
    ahead = HorizonInputs(
        city=here.city,
        demand=here.demand,
        seats=here.seats,
        peaks=peaks,
        reach_m=REACH,
        settings=given,
        level="expected",
        year=year,
        lang=lang,
    )
    return evaluate_horizon(sited, ahead), sited


def unserved(here, seats, pairs):
    city = evaluate(here.city, here.demand, seats, pairs, here.profile, reach_m=REACH).city
    return city.loc[city["year"] == YEARS[-1], "unserved"].sum()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), st.floats(0.3, 1.2), st.booleans())
def test_the_need_at_the_horizon_is_that_of_the_balance(seed, share, boarding):
    """Take the seats of one proposal away and judge the last year again."""
    here = falling(random_town(seed, boarding=boarding), share)
    found, _ = proposed(here)
    whole = unserved(here, found.seats, found.pairs)
    for row in found.proposals.to_dict("records"):
        frames = {stage: frame.copy() for stage, frame in found.seats.seats.items()}
        for stage, frame in frames.items():
            later = [year for year in YEARS if year >= TARGET]
            frame.loc[row["school_id"], later] -= row[f"seats_{stage}"]
        without = replace(found.seats, seats=MappingProxyType(frames))
        lost = unserved(here, without, found.pairs) - whole
        assert row["needed_at_horizon"] == pytest.approx(lost, abs=1e-3)


@pytest.fixture(scope="module")
def town():
    """Return a town where something is proposed."""
    return random_town(3)


@pytest.mark.parametrize(("share", "advice"), [(1.0, "build"), (0.2, "temporary")])
def test_what_stays_is_built_and_what_passes_is_not(town, share, advice):
    found, _ = proposed(falling(town, share))
    assert len(found.proposals) > 0
    assert set(found.proposals["advice"]) == {advice}
    words = "it lasts" if advice == "build" else "temporary classes"
    assert found.proposals["reason"].str.contains(words).all()


def test_the_share_that_lasts_is_the_plans(town):
    here = falling(town, 0.7)
    strict, _ = proposed(here, lasting_share=1.0)
    loose, _ = proposed(here, lasting_share=0.0)
    assert set(strict.proposals["advice"]) == {"temporary"}
    assert set(loose.proposals["advice"]) == {"build"}


def test_of_what_others_replace_nothing_is_told(town):
    """Two proposals that each suffice: neither alone is needed, now or later."""
    found, sited = proposed(town)
    alone = sited.proposals.assign(pupils_served=0.0)
    nobody = {stage: frame * 0.0 for stage, frame in town.demand.pupils.items()}
    quiet = replace(town, demand=replace(town.demand, pupils=MappingProxyType(nobody)))
    ahead = HorizonInputs(
        city=quiet.city,
        demand=quiet.demand,
        seats=quiet.seats,
        peaks=PEAKS,
        reach_m=REACH,
        settings=SitingSettings(),
        level="expected",
        year=TARGET,
        lang="en",
    )
    told = evaluate_horizon(replace(sited, proposals=alone), ahead).proposals
    assert told["advice"].isna().all()
    assert found.proposals["advice"].notna().all()


def test_nothing_is_said_beyond_the_last_year(town):
    found, sited = proposed(town, year=YEARS[-1])
    assert found.proposals["advice"].isna().all()
    assert found.proposals["needed_at_horizon"].isna().all()
    assert found.proposals["reason"].tolist() == sited.proposals["reason"].tolist()


def test_the_peak_of_the_catchment_is_told(town):
    _, sited = proposed(town)
    held = town.city.catchments.index[
        town.city.catchments.intersects(sited.proposals.geometry.iloc[0]).to_numpy()
    ]
    stage = "primary"
    peaks = pd.DataFrame(
        {"catchment_id": held, "name": "北片", "stage": stage, "peak_year": 2026}
        | {"peak_demand": 1234.0, "horizon_demand": 617.0, "horizon_share": 0.5}
    )
    found, _ = proposed(town, lang="zh", peaks=peaks)
    own = found.proposals[found.proposals["seats_primary"] > 0]
    assert own["reason"].str.contains("北片需求2026学年达峰（1,234人），2030学年降至峰值的50%").any()


def test_without_proposals_nothing_is_added():
    rich = random_town(5, sites=0)
    empty = replace(
        rich, demand=replace(rich.demand, pupils={s: f * 0 for s, f in rich.demand.pupils.items()})
    )
    empty = falling(empty, 1.0)
    found, sited = proposed(empty)
    assert found.proposals.empty
    assert found.notes == sited.notes
