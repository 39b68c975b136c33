"""Shortage over draws: components against assigning all pupils again; probabilities as shares of draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance import Balance, evaluate
from layoutplan.balance.arcs import walks_of
from layoutplan.balance.assignment import place_stage
from layoutplan.hotspots import DemandDraws, draw_factors, find, find_hotspots
from layoutplan.hotspots.demand_draws import ShortageComponents, shortage_components
from layoutplan.outlook import Shocks
from layoutplan.plan import HotspotSettings
from layoutplan.study import Study
from tests.balance.towns import child_counts, seat_counts, study, town
from tests.examples import examples
from tests.small_city import small_profile, small_rule
from tests.studies import with_plan

REACH_M = 2000.0
UNSURE = small_profile(
    extra=(small_rule("demand.spread_district", "", 0.03), small_rule("demand.spread_zone", "", 0.08))
)
"""Without a spread the demand is not drawn."""


@dataclass(frozen=True)
class Case:
    """An evaluated town, and its primary demand and unserved pupils in the base year."""

    study: Study
    balance: Balance
    demand: np.ndarray
    unserved: np.ndarray

    def components(self, factor: np.ndarray) -> ShortageComponents:
        """Return the components if every unit is a place of its own."""
        drawn = DemandDraws(place=np.arange(len(self.demand)), factor=factor, reach_m=REACH_M)
        figures = {"demand": self.demand, "unserved": self.unserved}
        return shortage_components(
            drawn, self.balance, self.study.today.walks, stage="primary", year=2025, **figures
        )

    def unserved_when_assigned_again(self, demand: np.ndarray) -> float:
        """Return the unserved pupils if this demand is assigned."""
        today = self.study.today
        walks = walks_of(today.walks)
        counted = today.seats.counted("primary").to_numpy(dtype=float)[:, :1]
        placed = place_stage(demand[:, None], counted, walks.where(walks.metres <= REACH_M))
        return float((demand - placed.served[:, 0]).sum())


def case(seats: list[float], children: list[float]) -> Case:
    city = town(seats, children)
    here = study(city, profile=UNSURE)
    balance = evaluate(here)
    rows = balance.units[(balance.units["stage"] == "primary") & (balance.units["year"] == 2025)]
    figures = rows.set_index("unit_id").reindex(city.units.index)
    demand, unserved = (figures[name].to_numpy() for name in ("demand", "unserved"))
    return Case(here, balance, demand, unserved)


@settings(max_examples=examples(15))
@given(seats=seat_counts, children=child_counts, seed=st.integers(0, 99))
def test_components_lack_what_assigning_every_pupil_again_lacks(seats, children, seed):
    """Exactly where only the components' demand rises; never more where it falls."""
    here, random = case(seats, children), np.random.default_rng(seed)
    in_component = here.components(np.ones((6, 1))).of_unit >= 0
    more = np.where(in_component, random.uniform(1.0, 1.5, 6), 1.0)
    less = np.where(in_component, random.uniform(0.5, 1.0, 6), 1.0)
    components = here.components(np.column_stack([np.ones(6), more, less]))
    by_unit = components.unserved_by_group(here.unserved, np.arange(6), groups=6)
    np.testing.assert_allclose(by_unit[:, 0], here.unserved, atol=1e-6)
    lacks = by_unit.sum(axis=0)
    assert lacks[1] == pytest.approx(here.unserved_when_assigned_again(here.demand * more), abs=1e-6)
    assert lacks[2] <= here.unserved_when_assigned_again(here.demand * less) + 1e-6


def test_the_probability_is_the_share_of_draws_with_a_hotspot_s_pupils(monkeypatch):
    """360 pupils and 300 seats that all of them share: 60, 0, 24 and 132 short in the draws."""
    here = case([120.0, 180.0, 0.0], [10.0] * 6)
    factor = np.array([[1.0, 0.5, 0.9, 1.2]])
    drawn = DemandDraws(place=np.zeros(6, dtype=np.int64), factor=factor, reach_m=REACH_M)
    monkeypatch.setattr(find, "draw_factors", lambda *_, **__: {"primary": drawn})
    found = find_hotspots(
        with_plan(
            here.study,
            target_year=2025,
            sections={"hotspots": HotspotSettings(cluster_radius_m=3000.0, neighbours=2, permutations=99)},
        ),
        here.balance,
    )
    rows = found.hotspots.set_index("stage")
    assert rows.loc["primary", "pupils_short"] == pytest.approx(60.0)
    assert rows.loc["primary", "probability"] == 0.5
    areas = found.areas.set_index("stage")
    assert areas.loc["primary", "probability"].between(0, 1).all()
    assert areas.loc["junior", "probability"].isna().all()


def test_factors_are_those_of_the_outlook_s_draws():
    city = town(None, [10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
    shocks = Shocks(district=(0.03,), zone=(0.08,))
    here = study(city, seed=7)
    now = draw_factors(here, shocks, year=2025, draws=400)
    then = draw_factors(here, shocks, year=2030, draws=400)
    again = draw_factors(here, shocks, year=2030, draws=400)
    assert (now["primary"].factor == 1).all()
    assert (then["primary"].factor == again["primary"].factor).all()
    wanted = here.demand.pupils["primary"][2030].to_numpy()
    place = then["primary"].place
    total = (wanted[:, None] * then["primary"].factor[place]).sum(axis=0)
    assert np.log(total / wanted.sum()).std() == pytest.approx(0.03, rel=0.15)
