"""The plan: ``plan.toml`` read into frozen settings, scenarios, and where each value came from."""

from layoutplan.config.plan import Plan, load_plan
from layoutplan.config.settings import (
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
)
from layoutplan.config.template import write_plan_template

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
    "load_plan",
    "write_plan_template",
]
