"""Demand level at which proposals are sized (分位数需求): the forecast or a quantile of its draws."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.outlook import Outlook
from layoutplan.study import Study

DemandLevel = Literal["expected", "p10", "p50", "p90"]


def usable_level(outlook: Outlook, wanted: DemandLevel) -> DemandLevel:
    """Return the wanted level, or ``expected`` where no draws were made.

    Parameters
    ----------
    outlook
        Quantiles of demand.
    wanted
        Level of the plan.

    Returns
    -------
    DemandLevel
        The level that can be used.
    """
    return wanted if outlook.draws else "expected"


def demand_at(study: Study, outlook: Outlook, *, level: DemandLevel) -> Demand:
    """Return the demand at a level: every unit's forecast × quantile ÷ forecast of its area.

    The area is the unit's catchment of the stage (table ``demand_bands``), otherwise its district, otherwise
    the whole city (table ``total_bands``); where the forecast is 0 it stays 0. ``p90`` sizes for high demand,
    ``p10`` for seats that are needed even if demand stays low. Each catchment has its own quantile, so their
    sum deviates more from the forecast than the quantile of the whole city, since catchments are seldom all
    high at once.

    Parameters
    ----------
    study
        Forecast demand and catchments.
    outlook
        Quantiles of demand.
    level
        The level.

    Returns
    -------
    Demand
        Only ``pupils`` differs from the forecast.
    """
    demand = study.demand
    if level == "expected":
        return demand
    found = {}
    for stage, pupils in demand.pupils.items():
        factors = np.ones(pupils.shape)
        for of_unit, ratios in _places(study, outlook, stage, level):
            at = ratios.index.get_indexer(pd.Index(of_unit))
            rows = at >= 0
            factors[rows] = ratios.to_numpy()[at[rows]]
        found[stage] = pupils * factors
    return replace(demand, pupils=MappingProxyType(found))


def _places(
    study: Study, outlook: Outlook, stage: str, level: str
) -> list[tuple[pd.Series[str], pd.DataFrame]]:
    """Return pairs of the units' areas and the ratios of the areas (× years): city, district, catchment."""
    city, zoning = study.city, study.today.zoning
    totals = outlook.totals[outlook.totals["stage"] == stage]
    everywhere = pd.Series("", index=city.units.index)
    found = [
        (everywhere, _ratios(totals[totals["level"] == "city"], "place_id", city, level)),
        (city.units["district_id"], _ratios(totals[totals["level"] == "district"], "place_id", city, level)),
    ]
    if stage in zoning.unit_catchments:
        own = outlook.bands[outlook.bands["stage"] == stage]
        found.append((zoning.held(stage), _ratios(own, "catchment_id", city, level)))
    return found


def _ratios(bands: pd.DataFrame, key: str, city: City, level: str) -> pd.DataFrame:
    """Return quantile ÷ forecast by area (rows) and year (columns); 1 where the forecast is 0."""
    demand = bands["demand"].to_numpy(dtype=float)
    quantile = bands[level].to_numpy(dtype=float)
    ratio = np.divide(quantile, demand, out=np.ones_like(demand), where=demand > 0)
    table = pd.DataFrame({"place": bands[key].to_numpy(), "year": bands["year"].to_numpy(), "ratio": ratio})
    return table.pivot_table(index="place", columns="year", values="ratio").reindex(columns=[*city.years])
