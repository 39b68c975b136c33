"""The plan: ``plan.toml`` read into frozen settings and scenarios, with the origin of each value."""

from layoutplan.plan.load import Plan, default_plan, load_plan
from layoutplan.plan.settings import (
    SECTIONS,
    AccessSettings,
    DemandSettings,
    HotspotSettings,
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
from layoutplan.plan.template import write_plan_template

__all__ = [
    "SECTIONS",
    "AccessSettings",
    "DemandSettings",
    "HotspotSettings",
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
    "default_plan",
    "load_plan",
    "write_plan_template",
]
