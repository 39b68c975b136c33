"""A new school must be worth it: pupils without a seat that it places at least."""

from __future__ import annotations

from tests.siting.test_propose import small_town


def test_no_school_is_built_for_a_handful():
    here = small_town(sites=[{"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 40_000.0}])
    assert here.propose(min_pupils=801.0).outcome["outcome"].tolist() == ["NOTHING_POSSIBLE"]
    assert "at least 801 pupils" in here.propose(min_pupils=801.0).outcome["message"][0]
    found = here.propose(min_pupils=799.0)
    assert found.proposals["pupils_served"].tolist() == [800.0]
    assert found.outcome["objective"][0] == 1.0
    assert found.outcome["unit"][0] == "pupils newly served, less 799 for every proposal"
