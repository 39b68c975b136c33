"""The siting stage of a run: proposals for the plan's level of demand, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping

from layoutplan.balance import Balance, evaluate
from layoutplan.city import City
from layoutplan.demand import Demand
from layoutplan.hotspots import Hotspots
from layoutplan.layouts import Seats
from layoutplan.outlook import Outlook
from layoutplan.plan import Plan
from layoutplan.siting import Proposal, demand_at, propose, usable_level
from layoutplan.siting.horizon import HorizonInputs, evaluate_horizon
from layoutplan.travel import Network
from layoutplan.travel.matrix import WalkMatrix


def proposal_of(
    plan: Plan,
    city: City,
    demand: Demand,
    *,
    seats: Seats,
    balance: Balance,
    pairs: WalkMatrix,
    hotspots: Hotspots,
    outlook: Outlook,
    network: Network | None,
    reach_m: Mapping[str, float],
) -> Proposal:
    """Propose for the demand of the plan's level, and say what becomes of the proposals at the horizon."""
    level = usable_level(outlook, plan.siting.demand_level)
    sized_for = demand_at(demand, city, outlook, level=level)
    if level != "expected":
        balance = evaluate(
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
    return evaluate_horizon(
        proposal,
        HorizonInputs(
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
