"""At which level of demand proposals are sized: the forecast, or a quantile of its draws (分位数需求)."""

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
    """Return the level wanted, or the forecast where no draws were made."""
    return wanted if outlook.draws else "expected"


def demand_at(study: Study, outlook: Outlook, *, level: DemandLevel) -> Demand:
    """Return the demand at a level: every unit multiplied by quantile ÷ forecast of where it lies.

    That is its catchment of the stage (table ``demand_bands``), else its district, else the whole city (table
    ``total_bands``); where nothing is expected, the forecast stands. ``p90`` builds for
    high demand, ``p10`` only what is needed even if demand stays low. Each catchment is taken at its own
    quantile, so the sum is further from the forecast than the quantile of the whole city: catchments are
    seldom all high at once. Only ``pupils`` changes.
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
    """Return the place of every unit and the ratios of places (× years): the city first, catchments last."""
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
    """Return quantile ÷ forecast by place (rows) and year (columns); 1 where nothing is expected."""
    demand = bands["demand"].to_numpy(dtype=float)
    quantile = bands[level].to_numpy(dtype=float)
    ratio = np.divide(quantile, demand, out=np.ones_like(demand), where=demand > 0)
    table = pd.DataFrame({"place": bands[key].to_numpy(), "year": bands["year"].to_numpy(), "ratio": ratio})
    return table.pivot_table(index="place", columns="year", values="ratio").reindex(columns=[*city.years])
