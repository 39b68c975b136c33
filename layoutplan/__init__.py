"""layoutplan: where a city's school seats must be. 学校布局规划工具.

The whole job::

    import layoutplan as lp

    plan = lp.load_plan("plan.toml")
    run = lp.run_plan(plan)
    run.balance.catchments                  # seats against demand by catchment, stage and year
    lp.write_run(run, "out/base")           # tables, workbook and one offline map

Every stage can be called alone: ``load_city``, ``seats_by_year``, ``estimate_demand``, ``build_network``,
``walking_pairs``, ``judge``, ``look_ahead``, ``flag_schools``, ``keep_ledger``, ``find_hotspots``,
``propose``, ``forecast_enrolment``, ``backtest``, ``measure_access``, ``service_areas``, ``render_map``.
Each takes frozen values and settings and returns a frozen value; none changes its arguments.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layoutplan.access import Access, gini, measure_access, service_areas, two_step_access
    from layoutplan.balance import Balance, Seats, judge, seats_by_year
    from layoutplan.config import Plan, load_plan
    from layoutplan.demand import Demand, estimate_demand
    from layoutplan.errors import DefectError, Fault, InputError, LayoutplanError, NoPlanError
    from layoutplan.forecast import Backtest, Forecast, backtest, forecast_enrolment
    from layoutplan.hotspots import Hotspots, find_hotspots
    from layoutplan.inputs import City, load_city
    from layoutplan.maps import render_map
    from layoutplan.outlook import Outlook, look_ahead
    from layoutplan.review import flag_schools, keep_ledger
    from layoutplan.runs import Run, compare_runs, result_frames, run_plan, write_run
    from layoutplan.siting import Proposal, propose
    from layoutplan.standards import Profile, load_profile
    from layoutplan.travel import Network, Pairs, build_network, walking_pairs

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
    "LayoutplanError",
    "Network",
    "NoPlanError",
    "Outlook",
    "Pairs",
    "Plan",
    "Profile",
    "Proposal",
    "Run",
    "Seats",
    "backtest",
    "build_network",
    "compare_runs",
    "estimate_demand",
    "find_hotspots",
    "flag_schools",
    "forecast_enrolment",
    "gini",
    "judge",
    "keep_ledger",
    "load_city",
    "load_plan",
    "load_profile",
    "look_ahead",
    "measure_access",
    "propose",
    "render_map",
    "result_frames",
    "run_plan",
    "seats_by_year",
    "service_areas",
    "two_step_access",
    "walking_pairs",
    "write_run",
]

_HOMES = {
    "layoutplan.access": "Access gini measure_access service_areas two_step_access",
    "layoutplan.balance": "Balance Seats judge seats_by_year",
    "layoutplan.config": "Plan load_plan",
    "layoutplan.demand": "Demand estimate_demand",
    "layoutplan.errors": "DefectError Fault InputError LayoutplanError NoPlanError",
    "layoutplan.forecast": "Backtest Forecast backtest forecast_enrolment",
    "layoutplan.hotspots": "Hotspots find_hotspots",
    "layoutplan.inputs": "City load_city",
    "layoutplan.maps": "render_map",
    "layoutplan.outlook": "Outlook look_ahead",
    "layoutplan.review": "flag_schools keep_ledger",
    "layoutplan.runs": "Run compare_runs result_frames run_plan write_run",
    "layoutplan.siting": "Proposal propose",
    "layoutplan.standards": "Profile load_profile",
    "layoutplan.travel": "Network Pairs build_network walking_pairs",
}


def __getattr__(name: str) -> object:
    """Fetch a public name when it is first used, so that ``import layoutplan`` answers at once."""
    for module, names in _HOMES.items():
        if name in names.split():
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Name what is public."""
    return list(__all__)
