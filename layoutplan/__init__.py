"""layoutplan: where a city's school seats must be. 学校布局规划工具.

The whole job::

    import layoutplan as lp

    plan = lp.load_plan("plan.toml")
    run = lp.run_plan(plan)
    run.balance.catchments                  # seats against demand by catchment, stage and year
    lp.write_run(run, "out/base")           # tables, workbook and one offline map

Every stage can be called alone: ``load_city``, ``make_study``, ``estimate_demand``, ``build_network``,
``walk_matrix``, ``evaluate``, ``estimate_outlook``, ``flag_schools``, ``update_ledger``, ``find_hotspots``,
``propose``, ``redraw``, ``forecast_enrolment``, ``backtest``, ``measure_access``, ``service_areas``,
``render_map``.
Each takes frozen values and settings and returns a frozen value; none changes its arguments.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layoutplan.access import Access, gini, measure_access, service_areas, two_step_access
    from layoutplan.balance import Balance, evaluate
    from layoutplan.city import City, load_city
    from layoutplan.demand import Demand, estimate_demand
    from layoutplan.enrolment import Backtest, Forecast, backtest, forecast_enrolment
    from layoutplan.errors import DefectError, Fault, InputError, LayoutplanError, NoPlanError
    from layoutplan.hotspots import Hotspots, find_hotspots
    from layoutplan.layouts import Layout, Seats, Zoning
    from layoutplan.outlook import Outlook, estimate_outlook
    from layoutplan.outputs.map import render_map
    from layoutplan.plan import Plan, load_plan
    from layoutplan.rules import flag_schools, update_ledger
    from layoutplan.runs import Run, compare_runs, make_study, result_frames, run_plan, write_run
    from layoutplan.siting import Proposal, propose
    from layoutplan.standards import Profile, load_profile
    from layoutplan.study import Study
    from layoutplan.travel import Network, WalkMatrix, build_network, walk_matrix
    from layoutplan.zoning import Redraw, redraw

_HOMES = {
    "layoutplan.access": "Access gini measure_access service_areas two_step_access",
    "layoutplan.balance": "Balance evaluate",
    "layoutplan.city": "City load_city",
    "layoutplan.demand": "Demand estimate_demand",
    "layoutplan.enrolment": "Backtest Forecast backtest forecast_enrolment",
    "layoutplan.errors": "DefectError Fault InputError LayoutplanError NoPlanError",
    "layoutplan.hotspots": "Hotspots find_hotspots",
    "layoutplan.layouts": "Layout Seats Zoning",
    "layoutplan.outlook": "Outlook estimate_outlook",
    "layoutplan.outputs.map": "render_map",
    "layoutplan.plan": "Plan load_plan",
    "layoutplan.rules": "flag_schools update_ledger",
    "layoutplan.runs": "Run compare_runs make_study result_frames run_plan write_run",
    "layoutplan.siting": "Proposal propose",
    "layoutplan.standards": "Profile load_profile",
    "layoutplan.study": "Study",
    "layoutplan.travel": "Network WalkMatrix build_network walk_matrix",
    "layoutplan.zoning": "Redraw redraw",
}

__all__ = [
    "Access",
    "Backtest",
    "Balance",
    "City",
    "DefectError",
    "Demand",
    "Fault",
    "Forecast",
    "Hotspots",
    "InputError",
    "Layout",
    "LayoutplanError",
    "Network",
    "NoPlanError",
    "Outlook",
    "Plan",
    "Profile",
    "Proposal",
    "Redraw",
    "Run",
    "Seats",
    "Study",
    "WalkMatrix",
    "Zoning",
    "backtest",
    "build_network",
    "compare_runs",
    "estimate_demand",
    "estimate_outlook",
    "evaluate",
    "find_hotspots",
    "flag_schools",
    "forecast_enrolment",
    "gini",
    "load_city",
    "load_plan",
    "load_profile",
    "make_study",
    "measure_access",
    "propose",
    "redraw",
    "render_map",
    "result_frames",
    "run_plan",
    "service_areas",
    "two_step_access",
    "update_ledger",
    "walk_matrix",
    "write_run",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that ``import layoutplan`` stays fast."""
    for module, names in _HOMES.items():
        if name in names.split():
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
