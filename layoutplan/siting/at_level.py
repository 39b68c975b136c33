"""Siting for the plan's level of demand, with the use of each proposal at the planning horizon."""

from __future__ import annotations

from dataclasses import replace

from layoutplan.balance import Balance, evaluate
from layoutplan.hotspots import Hotspots
from layoutplan.outlook import Outlook
from layoutplan.siting.demand_level import demand_at, usable_level
from layoutplan.siting.horizon import HorizonInputs, evaluate_horizon
from layoutplan.siting.propose import Proposal, propose_for_target
from layoutplan.study import Study


def propose(study: Study, balance: Balance, hotspots: Hotspots, outlook: Outlook) -> Proposal:
    """Propose schools to open or enlarge for the demand level of the plan, ``demand_level`` in ``[siting]``.

    The objectives and their order are described in :func:`~layoutplan.siting.propose.propose_for_target`, the
    use of a proposal at the horizon in :mod:`layoutplan.siting.horizon`.

    Parameters
    ----------
    study
        Demand, today's layout and the limits of the plan.
    balance, hotspots
        Of today's layout.
    outlook
        Quantiles of demand by catchment and area, and demand peaks.

    Returns
    -------
    Proposal
        With the proposed layout.

    Raises
    ------
    DefectError
        If the audit contradicts the solver, or siting contradicts the balance.
    """
    level = usable_level(outlook, study.plan.siting.demand_level)
    sized = replace(study, demand=demand_at(study, outlook, level=level))
    if level != "expected":
        balance = evaluate(sized)
    proposal = propose_for_target(sized, balance, hotspots)
    return evaluate_horizon(
        proposal, HorizonInputs(study=sized, peaks=outlook.peaks, level=level, lang=study.lang)
    )
