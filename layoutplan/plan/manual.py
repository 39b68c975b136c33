"""The settings classes as users get them: with every key of the manual in their docstrings, for ``help``."""

from __future__ import annotations

from layoutplan.plan.describe import DESCRIBED, keys_of
from layoutplan.plan.settings import (
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

__all__ = [
    "AccessSettings",
    "DemandSettings",
    "HotspotSettings",
    "JoinSettings",
    "LongSettings",
    "Override",
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
]


def _write_manual() -> None:
    """Add to the docstring of every section what the texts say of its keys."""
    for section, model in DESCRIBED.items():
        lines = [model.__doc__ or "", "", "Attributes", "----------"]
        for key in keys_of(section):
            said = "required" if key.required else f"default {key.default or 'none'}"
            limits = f"; {key.limits['en']}" if key.limits["en"] else ""
            lines += [key.name, f"    {key.meaning('en')} ({said}{limits})"]
        model.__doc__ = "\n".join(lines)


_write_manual()
