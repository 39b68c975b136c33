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
from layoutplan.plan import SitingSettings
from layoutplan.siting import HorizonInputs, evaluate_horizon, propose_for_target
from tests.examples import examples
from tests.siting.town import random_town
from tests.small_city import YEARS
from tests.studies import with_plan

TARGET = 2027
PEAKS = pd.DataFrame(columns=[*result_table("peaks").column_names])


def falling(here, share):
    """Return the town with its pupils from the year after the target on times ``share``."""
    later = np.where(np.array(YEARS) > TARGET, share, 1.0)
    return with_pupils(here, lambda frame: frame * later)


def with_pupils(here, change):
    """Return the town with other pupils, evaluated."""
    demand = here.study.demand
    pupils = {stage: change(frame) for stage, frame in demand.pupils.items()}
    study = replace(here.study, demand=replace(demand, pupils=MappingProxyType(pupils)))
    return replace(here, study=study, balance=evaluate(study))


def proposed(here, *, year=TARGET, lang="en", peaks=PEAKS, **plan):
    given = SitingSettings(relative_gap=0.0, min_pupils=0.0, generate_sites=False, enlarge=True, **plan)
    study = with_plan(here.study, target_year=year, lang=lang, sections={"siting": given})
    sited = propose_for_target(study, here.balance, here.hotspots)
    ahead = HorizonInputs(study=study, peaks=peaks, level="expected", lang=lang)
    return evaluate_horizon(sited, ahead), sited


def unserved(here, layout):
    city = evaluate(here.study, layout).city
    return city.loc[city["year"] == YEARS[-1], "unserved"].sum()


@settings(max_examples=examples(10))
@given(st.integers(0, 10_000), st.floats(0.3, 1.2), st.booleans())
def test_the_need_at_the_horizon_is_that_of_the_balance(seed, share, boarding):
    """Take the seats of one proposal away and judge the last year again."""
    here = falling(random_town(seed, boarding=boarding), share)
    found, _ = proposed(here)
    layout = found.layout
    whole = unserved(here, layout)
    for row in found.proposals.to_dict("records"):
        frames = {stage: frame.copy() for stage, frame in layout.seats.seats.items()}
        for stage, frame in frames.items():
            later = [year for year in YEARS if year >= TARGET]
            frame.loc[row["school_id"], later] -= row[f"seats_{stage}"]
        without = replace(layout.seats, seats=MappingProxyType(frames))
        lost = unserved(here, replace(layout, seats=without)) - whole
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
    quiet = with_plan(with_pupils(town, lambda frame: frame * 0.0).study, target_year=TARGET)
    ahead = HorizonInputs(study=quiet, peaks=PEAKS, level="expected", lang="en")
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
    catchments = town.study.city.catchments
    held = catchments.index[catchments.intersects(sited.proposals.geometry.iloc[0]).to_numpy()]
    stage = "primary"
    peaks = pd.DataFrame(
        {"catchment_id": held, "name": "北片", "stage": stage, "peak_year": 2026}
        | {"peak_demand": 1234.0, "horizon_demand": 617.0, "horizon_share": 0.5}
    )
    found, _ = proposed(town, lang="zh", peaks=peaks)
    own = found.proposals[found.proposals["seats_primary"] > 0]
    assert own["reason"].str.contains("北片需求2026学年达峰（1,234人），2030学年降至峰值的50%").any()


def test_without_proposals_nothing_is_added():
    empty = with_pupils(random_town(5, sites=0), lambda frame: frame * 0)
    found, sited = proposed(empty)
    assert found.proposals.empty
    assert found.notes == sited.notes
