"""layoutplan: where a city's school seats must be. 学校布局规划工具.

The whole job::

    import layoutplan as lp

    plan = lp.load_plan("plan.toml")
    run = lp.run_plan(plan)
    run.balance.catchments                  # seats against demand by catchment, stage and year
    lp.write_run(run, "out/base")           # tables, workbook and one offline map

Every stage can be called alone: ``load_city``, ``make_study``, ``estimate_demand``, ``build_network``,
``walk_matrix``, ``evaluate``, ``estimate_outlook``, ``flag_schools``, ``update_ledger``, ``find_hotspots``,
``propose``, ``forecast_enrolment``, ``backtest``, ``measure_access``, ``service_areas``, ``render_map``.
Each takes frozen values and settings and returns a frozen value; none changes its arguments.
"""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

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
    "render_map",
    "result_frames",
    "run_plan",
    "service_areas",
    "two_step_access",
    "update_ledger",
    "walk_matrix",
    "write_run",
]

lazy_package(__name__)
