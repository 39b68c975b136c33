"""layoutplan: where a city's school seats must be. 学校布局规划工具.

The whole job::

    import layoutplan as lp

    plan = lp.load_plan("plan.toml")
    run = lp.run_plan(plan)
    run.balance.catchments                  # seats against demand by catchment, stage and year
    lp.write_run(run, "out/base")           # tables, workbook and one offline map

Every stage can be called alone: ``load_city``, ``seats_by_year``, ``estimate_demand``, ``build_network``,
``walking_pairs``, ``judge``, ``look_ahead``, ``flag_schools``, ``keep_ledger``, ``find_hotspots``,
``propose``, ``render_map``.
Each takes frozen values and settings and returns a frozen value; none changes its arguments.
"""

from layoutplan.balance import Balance, Seats, judge, seats_by_year
from layoutplan.config import Plan, load_plan
from layoutplan.demand import Demand, estimate_demand
from layoutplan.errors import DefectError, Fault, InputError, LayoutplanError, NoPlanError
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
    "Balance",
    "City",
    "DefectError",
    "Demand",
    "Fault",
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
    "build_network",
    "compare_runs",
    "estimate_demand",
    "find_hotspots",
    "flag_schools",
    "judge",
    "keep_ledger",
    "load_city",
    "load_plan",
    "load_profile",
    "look_ahead",
    "propose",
    "render_map",
    "result_frames",
    "run_plan",
    "seats_by_year",
    "walking_pairs",
    "write_run",
]
