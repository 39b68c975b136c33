"""Demand by stream and by basis (构成与口径), side by side for every catchment."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layoutplan.balance.measures import sums
from layoutplan.config.settings import PopulationSettings
from layoutplan.outlook.draws import FloatArray
from layoutplan.outlook.scene import Scene

_PREFIX: Final = {"residence": "children", "hukou": "hukou", "permit": "permit"}


def stream_rows(scene: Scene, settings: PopulationSettings) -> pd.DataFrame:
    """Return table ``demand_streams`` of one stage: one row a catchment and year.

    The streams add up to the demand. Demand on the plan's own basis (``settings.basis``) is the demand
    itself; on another basis that the units table gives by stage (columns ``children_*``, ``hukou_*``,
    ``permit_*``) it is

        demand(t) × children on that basis / children on the plan's basis, both of the base year.
    """
    stage, demand, count = scene.stage, scene.demand, len(scene.catchments)
    years, whole = scene.city.years, scene.parts.demand[:count]
    nothing = np.full_like(whole, np.nan)
    estates = scene.by_place(demand.of_estates[stage])[:count] if stage in demand.of_estates else nothing * 0
    told = stage in demand.of_migrants
    migrants = scene.by_place(demand.of_migrants[stage])[:count] if told else nothing
    bases = {basis: _on_basis(scene, basis, settings)[:count] for basis in _PREFIX}
    columns = {
        "demand": whole,
        "of_residents": whole - estates - (migrants if told else 0.0),
        "of_migrants": migrants,
        "of_estates": estates,
        **{f"by_{basis}": values for basis, values in bases.items()},
        "hukou_less_residence": bases["hukou"] - bases["residence"],
        "permit_less_residence": bases["permit"] - bases["residence"],
    }
    rows = scene.catchment_rows()
    long = rows.loc[rows.index.repeat(len(years))].reset_index(drop=True)
    return long.assign(
        year=np.tile(years, len(rows)), **{name: values.ravel() for name, values in columns.items()}
    )


def _on_basis(scene: Scene, basis: str, settings: PopulationSettings) -> FloatArray:
    """Return the demand of every place on a basis, places × years; null where the units table is silent."""
    whole = scene.parts.demand
    if basis == settings.basis:
        return whole
    stated = _stated(scene, basis)
    if stated is None:
        return np.full_like(whole, np.nan)
    children = scene.demand.children[scene.stage].iloc[:, :1]
    own = scene.by_place(children)
    other = sums(_by_unit(scene, stated), scene.of_unit, count=len(whole))
    ratio = np.divide(other, own, out=np.where(other > 0, np.nan, 0.0), where=own > 0)
    return whole * ratio


def _stated(scene: Scene, basis: str) -> pd.Series[float] | None:
    """Return the stage's children of every area on a basis, or ``None`` where no area tells."""
    areas, column = scene.city.areas, f"{_PREFIX[basis]}_{scene.stage}"
    if column in areas and areas[column].notna().any():
        return pd.Series(areas[column].fillna(0.0), dtype=float)
    return None


def _by_unit(scene: Scene, by_area: pd.Series[float]) -> FloatArray:
    """Return a figure of the areas divided over their units, by residents (evenly where there are none)."""
    city = scene.city
    place = city.areas.index.get_indexer(city.units["area_id"])
    residents = city.units["residents"].to_numpy(dtype=float, na_value=0.0)
    living = np.where(place >= 0, residents, 0.0)
    in_area = np.bincount(np.maximum(place, 0), weights=living, minlength=len(city.areas))
    members = np.bincount(place[place >= 0], minlength=len(city.areas))
    at = np.maximum(place, 0)
    even = 1.0 / np.maximum(members[at], 1)
    share = np.divide(living, in_area[at], out=even, where=in_area[at] > 0)
    return np.where(place >= 0, by_area.to_numpy()[at] * share, 0.0)[:, None]
