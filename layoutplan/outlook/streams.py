"""Demand by origin and by population basis (构成与口径), for every catchment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.balance.measures import sums
from layoutplan.city.blanks import estimate_blanks
from layoutplan.demand.migrants import children_of_areas
from layoutplan.errors import FaultLog
from layoutplan.outlook.inputs import StageInputs
from layoutplan.plan.settings import PopulationSettings

_PREFIX: Final = {"residence": "children", "hukou": "hukou", "permit": "permit"}
_OTHER_BASES: Final = ("hukou_less_residence", "permit_less_residence")


def stream_rows(inputs: StageInputs, settings: PopulationSettings) -> pd.DataFrame:
    """Return table ``demand_streams`` of one stage: one row per catchment and year.

    The origins (residents, migrants, estates) sum to the demand. Demand on the plan's own basis
    (``settings.basis``) is the demand itself; on another basis stated by the units table for the stage
    (columns ``children_*``, ``hukou_*``, ``permit_*``) it is

        demand(t) × children on that basis / children on the plan's basis, both of the base year.

    Holders of residence permits have no local hukou, so the sum of both is also given: the children entitled
    to a public school where a permit suffices (以居住证为主的随迁子女入学政策).

    Parameters
    ----------
    inputs
        Stage inputs.
    settings
        ``[population]`` of the plan: ``basis``.

    Returns
    -------
    pandas.DataFrame
        Columns of the result table; null where a basis or the migrants are not stated.
    """
    stage, demand, count = inputs.stage, inputs.demand, len(inputs.catchments)
    years, whole = inputs.city.years, inputs.parts.demand[:count]
    nothing = np.full_like(whole, np.nan)
    estates = inputs.by_place(demand.of_estates[stage])[:count] if stage in demand.of_estates else nothing * 0
    is_known = stage in demand.of_migrants
    migrants = inputs.by_place(demand.of_migrants[stage])[:count] if is_known else nothing
    bases = _bases(whole, inputs.by_place, inputs, settings, count=count)
    columns = {
        "demand": whole,
        "of_residents": whole - estates - (migrants if is_known else 0.0),
        "of_migrants": migrants,
        "of_estates": estates,
        **bases,
    }
    rows = inputs.catchment_rows()
    long = rows.loc[rows.index.repeat(len(years))].reset_index(drop=True)
    return long.assign(
        year=np.tile(years, len(rows)), **{name: values.ravel() for name, values in columns.items()}
    )


def area_basis_rows(inputs: StageInputs, settings: PopulationSettings) -> pd.DataFrame:
    """Return table ``area_bases`` of one stage: the base-year demand of every area on each basis.

    An area is a row of the units table; what it leaves blank is null here. Where an area has no children on
    the plan's own basis, its demand on another is null, or 0 if it has no children on that basis either.

    Parameters
    ----------
    inputs
        Stage inputs.
    settings
        ``[population]`` of the plan: ``basis``.

    Returns
    -------
    pandas.DataFrame
        Columns of the result table; no rows where no basis can be compared with residence.
    """
    city, demand = inputs.city, inputs.demand
    place = city.areas.index.get_indexer(city.units["area_id"])

    def by_area(frame: pd.DataFrame) -> FloatArray:
        return sums(frame.to_numpy(dtype=float)[:, :1], place, count=len(city.areas))

    whole = by_area(demand.pupils[inputs.stage])
    known = {name: values[:, 0] for name, values in _bases(whole, by_area, inputs, settings).items()}
    for basis, prefix in _PREFIX.items():
        column = f"{prefix}_{inputs.stage}"
        if basis != settings.basis and column in city.areas:
            of_basis = [name for name in known if basis in name]
            blank = city.areas[column].isna().to_numpy()
            known |= {name: np.where(blank, np.nan, known[name]) for name in of_basis}
    rows = pd.DataFrame(
        {
            "area_id": city.areas.index,
            "name": city.areas["name"].to_numpy(),
            "district_id": city.areas["district_id"].to_numpy(),
            "stage": inputs.stage,
            "year": city.base_year,
            "demand": whole[:, 0],
            **known,
        }
    )
    return rows if rows[[*_OTHER_BASES]].notna().any(axis=None) else rows.iloc[:0]


def _bases(
    whole: FloatArray,
    by_place: Callable[[pd.DataFrame], FloatArray],
    inputs: StageInputs,
    settings: PopulationSettings,
    *,
    count: int | None = None,
) -> dict[str, FloatArray]:
    """Return demand on each basis and the differences, for the first ``count`` places of ``by_place``.

    A basis that the units table does not state is null.
    """
    children = by_place(inputs.demand.children[inputs.stage].iloc[:, :1])[:count]
    found = {}
    for basis in _PREFIX:
        stated = _stated(inputs, basis)
        if basis == settings.basis:
            found[f"by_{basis}"] = whole
        elif stated is None:
            found[f"by_{basis}"] = np.full_like(whole, np.nan)
        else:
            other = by_place(_by_unit(inputs, stated))[:count]
            nothing = np.where(other > 0, np.nan, 0.0)
            found[f"by_{basis}"] = whole * np.divide(other, children, out=nothing, where=children > 0)
    entitled = found["by_hukou"] + found["by_permit"]
    return found | {
        "by_hukou_and_permit": entitled,
        "hukou_less_residence": found["by_hukou"] - found["by_residence"],
        "permit_less_residence": found["by_permit"] - found["by_residence"],
        "hukou_and_permit_less_residence": entitled - found["by_residence"],
    }


def _stated(inputs: StageInputs, basis: str) -> pd.Series[float] | None:
    """Return the stage's children of every area on a basis, or ``None`` if no area states them.

    A blank is the area's children × the share that the areas with both figures have; it is null where no area
    with children states a figure.
    """
    areas, column = inputs.city.areas, f"{_PREFIX[basis]}_{inputs.stage}"
    if column not in areas or not areas[column].notna().any():
        return None
    children = inputs.demand.children[inputs.stage].iloc[:, 0].to_numpy(dtype=float)
    stated = areas[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.Series(estimate_blanks(stated, children_of_areas(inputs.city, children)), index=areas.index)


def note_blank_bases(inputs: StageInputs, settings: PopulationSettings, log: FaultLog) -> None:
    """Warn of areas that leave the children on a basis blank, which are estimated from the others' share.

    Parameters
    ----------
    inputs
        Stage inputs.
    settings
        ``[population]`` of the plan: ``basis``, whose blanks are reported where the residents are read.
    log
        Receives one warning for each basis.
    """
    areas = inputs.city.areas
    for basis, prefix in _PREFIX.items():
        found = _stated(inputs, basis) if basis != settings.basis else None
        if found is None:
            continue
        column = f"{prefix}_{inputs.stage}"
        blank = areas[column].isna() & (found != 0)
        if blank.any():
            log.add(
                "basis_estimated",
                severity="warning",
                table="units",
                column=column,
                rows=areas.index[blank],
                stage=inputs.stage,
                count=int(blank.sum()),
                children=float(found[blank].sum()),
            )


def _by_unit(inputs: StageInputs, by_area: pd.Series[float]) -> pd.DataFrame:
    """Distribute a figure of the areas over their units, by residents (equally where there are none)."""
    city = inputs.city
    place = city.areas.index.get_indexer(city.units["area_id"])
    residents = city.units["residents"].to_numpy(dtype=float, na_value=0.0)
    living = np.where(place >= 0, residents, 0.0)
    in_area = np.bincount(np.maximum(place, 0), weights=living, minlength=len(city.areas))
    members = np.bincount(place[place >= 0], minlength=len(city.areas))
    at = np.maximum(place, 0)
    even = 1.0 / np.maximum(members[at], 1)
    share = np.divide(living, in_area[at], out=even, where=in_area[at] > 0)
    return pd.DataFrame(np.where(place >= 0, by_area.to_numpy()[at] * share, 0.0), index=city.units.index)
