"""layoutplan: where a city's school seats must be. 学校布局规划工具.

The whole job::

    import layoutplan as lp

    run = lp.run_plan("plan.toml")          # or lp.run_plan(lp.demo()), the bundled city
    run.map()                               # in a notebook: one offline map
    run.balance.catchments                  # seats against demand by catchment, stage and year
    lp.write_run(run, "out/base")           # tables, workbook, report, atlas, map

    more = run.plan.vary({"demand.births_factor": 1.2}, name="more-births")
    run.compare(lp.run_plan(more))

Each stage is a function that can be called alone. It takes frozen values and settings, and returns a frozen
value; none changes its arguments. In the order of a run:

==================  ==============================================================================
"""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.access import Access, Decay, gini, measure_access, service_areas, two_step_access
    from layoutplan.adjacency import Adjacency
    from layoutplan.balance import Balance, evaluate
    from layoutplan.city import City, Source, load_city
    from layoutplan.demand import Demand, Estates, estimate_demand
    from layoutplan.enrolment import (
        Backtest,
        ErrorSpread,
        Forecast,
        PlannedPlaces,
        backtest,
        forecast_enrolment,
    )
    from layoutplan.enrolment.backtest import Verdict
    from layoutplan.enrolment.ensemble import Combined
    from layoutplan.enrolment.history import Grade, History
    from layoutplan.enrolment.prior import Prior
    from layoutplan.enrolment.spread import StageSpread
    from layoutplan.errors import DefectError, Fault, InputError, LayoutplanError, NoPlanError
    from layoutplan.hotspots import Hotspots, find_hotspots
    from layoutplan.layouts import Boarding, Layout, Seats, WalkSettings, Zoning
    from layoutplan.outlook import Outlook, estimate_outlook
    from layoutplan.outputs.map import MapMeta, Tiles, render_map
    from layoutplan.plan import (
        AccessSettings,
        DemandSettings,
        HotspotSettings,
        JoinSettings,
        LongSettings,
        Override,
        Plan,
        PlanSettings,
        PopulationSettings,
        Settings,
        SitingSettings,
        SpaceSettings,
        SupplySettings,
        TableSettings,
        TravelSettings,
        UncertaintySettings,
        ZoningSettings,
        load_plan,
    )
    from layoutplan.rules import SafeWalks, flag_schools, update_ledger
    from layoutplan.runs import (
        Evaluation,
        MapView,
        Run,
        StageStore,
        compare_runs,
        make_study,
        result_frames,
        run_plan,
        write_run,
    )
    from layoutplan.runs.batch import (
        Batch,
        Variation,
        batch,
        driver_swings,
        pareto,
        robust_choice,
        sobol_indices,
    )
    from layoutplan.runs.stage_store import StageReuse
    from layoutplan.siting import Proposal, Sensitivity, propose, sensitivity
    from layoutplan.standards import (
        Profile,
        Rule,
        Schooling,
        SchoolType,
        Stage,
        Standards,
        System,
        load_profile,
    )
    from layoutplan.study import Study
    from layoutplan.synthetic import demo
    from layoutplan.texts import Language
    from layoutplan.travel import (
        Network,
        NetworkReport,
        WalkMatrix,
        WalkMatrixStore,
        build_network,
        walk_matrix,
    )
    from layoutplan.travel.barring import Barring
    from layoutplan.zoning import Redraw, redraw

__all__ = [
    "Access",
    "AccessSettings",
    "Adjacency",
    "Backtest",
    "Balance",
    "Barring",
    "Batch",
    "Boarding",
    "City",
    "Combined",
    "Decay",
    "DefectError",
    "Demand",
    "DemandSettings",
    "ErrorSpread",
    "Estates",
    "Evaluation",
    "Fault",
    "Forecast",
    "Grade",
    "History",
    "HotspotSettings",
    "Hotspots",
    "InputError",
    "JoinSettings",
    "Language",
    "Layout",
    "LayoutplanError",
    "LongSettings",
    "MapMeta",
    "MapView",
    "Network",
    "NetworkReport",
    "NoPlanError",
    "Outlook",
    "Override",
    "Plan",
    "PlanSettings",
    "PlannedPlaces",
    "PopulationSettings",
    "Prior",
    "Profile",
    "Proposal",
    "Redraw",
    "Rule",
    "Run",
    "SafeWalks",
    "SchoolType",
    "Schooling",
    "Seats",
    "Sensitivity",
    "Settings",
    "SitingSettings",
    "Source",
    "SpaceSettings",
    "Stage",
    "StageReuse",
    "StageSpread",
    "StageStore",
    "Standards",
    "Study",
    "SupplySettings",
    "System",
    "TableSettings",
    "Tiles",
    "TravelSettings",
    "UncertaintySettings",
    "Variation",
    "Verdict",
    "WalkMatrix",
    "WalkMatrixStore",
    "WalkSettings",
    "Zoning",
    "ZoningSettings",
    "backtest",
    "batch",
    "build_network",
    "compare_runs",
    "demo",
    "driver_swings",
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
    "pareto",
    "propose",
    "redraw",
    "render_map",
    "result_frames",
    "robust_choice",
    "run_plan",
    "sensitivity",
    "service_areas",
    "sobol_indices",
    "two_step_access",
    "update_ledger",
    "walk_matrix",
    "write_run",
]

lazy_package(__name__)
