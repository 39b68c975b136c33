"""Reconcile two estimates of demand (两种推算的协调): residents by age, and enrolment history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.demand.demand import Demand
from layoutplan.demand.estates import Estates
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.enrolment import Forecast
from layoutplan.errors import FaultLog

_PARTS: Final = ("pupils", "unborn", "of_migrants", "of_estates")


def enrolment_growth(forecast: Forecast, *, base_year: int) -> Mapping[str, pd.Series[float]]:
    """Return the growth of the district's enrolment since the base year, by stage.

    Parameters
    ----------
    forecast
        Enrolment forecast with its history.
    base_year
        Year in which the growth is 1.

    Returns
    -------
    Mapping
        For each stage a Series by year, pupils ÷ pupils of the base year. Stages without pupils in the base
        year are omitted; so are years before it and years not forecast.
    """
    known = forecast.history
    years = [*known.years, *forecast.years]
    found = {}
    for stage in known.stages:
        rows = known.stage_rows(stage)
        past = np.nansum(known.counts[:, rows], axis=(0, 1))
        pupils = pd.Series(
            np.concatenate([past, forecast.district_pupils[rows].sum(axis=0)]), index=years, dtype=float
        )
        if base_year in pupils.index and pupils[base_year] > 0:
            found[stage] = pupils[pupils.index >= base_year] / pupils[base_year]
    return MappingProxyType(found)


def reconcile(
    demand: Demand, growth: Mapping[str, pd.Series[float]], *, weight: float
) -> tuple[Demand, pd.DataFrame]:
    """Scale the demand of all units to a control total between two estimates, by stage and year.

    The estimate from residents gives the city total ``R(t)``. The estimate from enrolment reflects actual
    transfers and retention but not all residents; it gives ``H(t) = R(base) × growth(t)``, times the growth
    of the public share where that changes over the years. Both agree in the base year. The control total is
    their weighted geometric mean ``R(t)^(1 − weight) · H(t)^weight``, and every unit is multiplied by control
    total ÷ ``R(t)``, which keeps the shares of the units. All parts of the demand are scaled alike; the
    children are people of the ages and not scaled.

    Parameters
    ----------
    demand
        Demand from residents.
    growth
        Result of :func:`enrolment_growth`; stages it does not contain, and years in which either estimate is
        not above 0 or the growth is unknown, remain unchanged.
    weight
        Weight of the estimate from enrolment, 0 (residents only) to 1 (enrolment only).

    Returns
    -------
    demand, table
        The reconciled demand, and result table ``reconciliation``: both estimates, the control total and the
        factor.
    """
    factors, rows = {}, []
    years = list(demand.years)
    for stage, pupils in demand.pupils.items():
        residents = pupils.to_numpy(dtype=float).sum(axis=0)
        known = growth.get(stage)
        if known is None or residents[0] <= 0:
            continue
        by_enrolment = (
            residents[0] * known.reindex(years).to_numpy(dtype=float) * _public_growth(demand, stage)
        )
        usable = (by_enrolment > 0) & (residents > 0)
        ratio = np.divide(by_enrolment, residents, out=np.ones_like(residents), where=usable)
        factors[stage] = ratio**weight
        rows.append(
            pd.DataFrame(
                {
                    "stage": stage,
                    "year": years,
                    "by_residents": residents,
                    "by_enrolment": by_enrolment,
                    "by_authority": np.nan,
                    "weight": weight,
                    "factor": factors[stage],
                    "demand": residents * factors[stage],
                },
            ),
        )
    log = FaultLog()
    for row in (part.iloc[-1] for part in rows):
        log.add(
            "roads_reconciled",
            severity="notice",
            table="enrolment_history",
            stage=row["stage"],
            year=int(row["year"]),
            by_residents=float(row["by_residents"]),
            by_enrolment=float(row["by_enrolment"]),
            demand=float(row["demand"]),
            change=float(row["factor"]) - 1.0,
        )
    return scaled(demand, factors, log), _table(rows)


def _public_growth(demand: Demand, stage: str) -> np.ndarray:
    """Return the public share of each year divided by that of the base year."""
    share = demand.public_share.get(stage)
    if share is None or share.iloc[0] <= 0:
        return np.ones(len(demand.years))
    return np.asarray(share.to_numpy(dtype=float) / share.iloc[0])


def scaled(demand: Demand, factors: Mapping[str, np.ndarray], log: FaultLog) -> Demand:
    """Return the demand with all parts of a stage multiplied by its factors; children stay.

    Parameters
    ----------
    demand
        The demand.
    factors
        By stage, one factor per year, or one per unit and year.
    log
        Its notes are added to those of the demand.
    """
    parts: dict[str, Any] = {
        name: MappingProxyType(
            {
                stage: frame * factors[stage] if stage in factors else frame
                for stage, frame in getattr(demand, name).items()
            },
        )
        for name in _PARTS
    }
    bounds = {
        stage: tuple(side * factors[stage] for side in sides) if stage in factors else sides
        for stage, sides in demand.bounds.items()
    }
    parts["bounds"] = MappingProxyType(bounds)
    estates = demand.estates
    if estates is not None:
        pupils = {
            stage: values * _of_estates(estates, factors[stage]) if stage in factors else values
            for stage, values in estates.pupils.items()
        }
        estates = replace(estates, pupils=MappingProxyType(pupils))
    return replace(demand, **parts, estates=estates, notes=(*demand.notes, *log.notes))


def _of_estates(estates: Estates, factors: np.ndarray) -> np.ndarray:
    """Return the factors of each estate: those of the units that hold its homes, by share."""
    if factors.ndim == 1:
        return factors
    homes = estates.homes
    share = homes["share"].to_numpy(dtype=float)[:, None]
    found = np.zeros((len(estates.table), factors.shape[1]))
    weight = np.zeros((len(estates.table), 1))
    np.add.at(found, homes["estate"].to_numpy(dtype=int), factors[homes["unit"].to_numpy(dtype=int)] * share)
    np.add.at(weight, homes["estate"].to_numpy(dtype=int), share)
    return np.divide(found, weight, out=np.ones_like(found), where=weight > 0)


def _table(rows: list[pd.DataFrame]) -> pd.DataFrame:
    table = result_table("reconciliation")
    if not rows:
        return empty_frame(table)
    return pd.concat(rows, ignore_index=True)[[*table.column_names]]
