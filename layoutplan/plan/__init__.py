"""The plan: ``plan.toml`` read into frozen settings and scenarios, with the origin of each value."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.plan.load import as_plan, default_plan, load_plan
    from layoutplan.plan.manual import (
        AccessSettings,
        DemandSettings,
        HotspotSettings,
        JoinSettings,
        LongSettings,
        Override,
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
    )
    from layoutplan.plan.plan import Plan
    from layoutplan.plan.settings import SECTIONS
    from layoutplan.plan.template import write_plan_template

__all__ = [
    "SECTIONS",
    "AccessSettings",
    "DemandSettings",
    "HotspotSettings",
    "JoinSettings",
    "LongSettings",
    "Override",
    "Plan",
    "PlanSettings",
    "PopulationSettings",
    "Settings",
    "SitingSettings",
    "SpaceSettings",
    "SupplySettings",
    "TableSettings",
    "TravelSettings",
    "UncertaintySettings",
    "ZoningSettings",
    "as_plan",
    "default_plan",
    "load_plan",
    "write_plan_template",
]

lazy_package(__name__)
