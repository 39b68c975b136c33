"""The siting stage of a run: proposals for the plan's level of demand, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping

from layoutplan.balance import Balance, Seats, judge
from layoutplan.config import Plan
from layoutplan.demand import Demand
from layoutplan.hotspots import Hotspots
from layoutplan.inputs import City
from layoutplan.outlook import Outlook
from layoutplan.siting import Ahead, Proposal, demand_at, look_beyond, propose, usable_level
from layoutplan.travel import Network, Pairs


def proposal_of(
    plan: Plan,
    city: City,
    demand: Demand,
    *,
    seats: Seats,
    balance: Balance,
    pairs: Pairs,
    hotspots: Hotspots,
    outlook: Outlook,
    network: Network | None,
    reach_m: Mapping[str, float],
) -> Proposal:
    """Propose for the demand of the plan's level, and say what becomes of the proposals at the horizon."""
    level = usable_level(outlook, plan.siting.demand_level)
    sized_for = demand_at(demand, city, outlook, level=level)
    if level != "expected":
        balance = judge(
            city,
            sized_for,
            seats,
            pairs,
            plan.profile,
            reach_m=reach_m,
            own_catchment_m=plan.travel.own_catchment_m,
        )
    proposal = propose(
        city,
        sized_for,
        seats,
        balance,
        pairs,
        hotspots,
        plan.profile,
        plan.siting,
        year=plan.plan.target,
        network=network,
        travel=plan.travel,
        reach_m=reach_m,
        lang=plan.plan.lang,
    )
    return look_beyond(
        proposal,
        Ahead(
            city=city,
            demand=sized_for,
            seats=seats,
            peaks=outlook.peaks,
            reach_m=reach_m,
            settings=plan.siting,
            level=level,
            year=plan.plan.target,
            lang=plan.plan.lang,
        ),
    )
