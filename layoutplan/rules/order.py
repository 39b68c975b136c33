"""Order rules (先建后撤、三同时): whose seats come too late, and which pupils have none in which year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.rules.closures import Closure, closures
from layoutplan.rules.estate_schools import EstateStage, estate_stages, homes_by_catchment
from layoutplan.rules.rule_inputs import RuleInputs

BUILD_FIRST, TOGETHER = "build_first", "together"
LATER, NEVER = "school_later", "school_never"


def order_breaches(inputs: RuleInputs) -> pd.DataFrame:
    """Return table ``order_breaches``: pupils without a seat by case, catchment and year.

    ``build_first``: pupils of a closing school (:func:`~layoutplan.rules.closures.closures`) for whom its
    successor has no seat in that year, divided over the catchments the school serves in proportion to their
    demand; the pupils are those of the base year. ``together``: pupils of the new dwellings of an estate with
    an attached school, in the years in which the estate is inhabited and that school has no seats, by the
    catchments they live in. ``catchment_shortfall`` is the balance's figure for that catchment and year:
    where it is 0, other schools have room for these pupils.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    DataFrame
        One row per case, catchment and year; empty where every order is kept.
    """
    rows = [row for one in closures(inputs) for row in _of_closure(inputs, one)]
    rows += [row for one in inputs.once(estate_stages) for row in _of_estate(inputs, one)]
    table = result_table("order_breaches")
    blank = empty_frame(table)
    if not rows:
        return blank
    balance = inputs.balance.catchments.set_index(["catchment_id", "year"])
    found = pd.DataFrame(rows)
    key = pd.MultiIndex.from_frame(found[["catchment_id", "year"]])
    for name, column in (("catchment_shortfall", "shortfall"), ("district_id", "district_id")):
        found[name] = balance[column].reindex(key).to_numpy()
    return found.reindex(columns=[*table.column_names]).astype(blank.dtypes)


def _of_closure(inputs: RuleInputs, one: Closure) -> Iterator[dict[str, object]]:
    years = inputs.city.years
    for place in np.flatnonzero(one.unserved > 0):
        for catchment, share in _catchments_of(inputs, one, year=years[place]).items():
            yield {
                "rule": BUILD_FIRST,
                "case_id": one.id,
                "name": one.name,
                "stage": one.stage,
                "year": years[place],
                "catchment_id": catchment,
                "reason": one.reason,
                "pupils": float(one.unserved[place]) * share,
                "needed_year": one.closing_year,
                "seats_year": one.seats_year,
                "school_ids": one.school_id,
                "successor_school_id": one.successor,
                "state": one.state,
                "responsible_unit": one.responsible_unit,
            }


def _catchments_of(inputs: RuleInputs, one: Closure, *, year: int) -> dict[str | None, float]:
    """Return the catchments a school serves in a stage, with their shares of the demand of a year."""
    links = inputs.zoning.catchment_schools
    own = links.loc[(links["school_id"] == one.school_id) & (links["stage"] == one.stage), "catchment_id"]
    balance = inputs.balance.catchments
    served = balance[balance["catchment_id"].isin(own) & (balance["year"] == year)]
    demand = served.set_index("catchment_id")["demand"].astype(float)
    if demand.empty:
        return {None: 1.0}
    total = demand.sum()
    return {str(name): value / total if total > 0 else 1 / len(demand) for name, value in demand.items()}


def _of_estate(inputs: RuleInputs, one: EstateStage) -> Iterator[dict[str, object]]:
    if not one.attached:
        return
    years = inputs.city.years
    late = one.without_school(years) & (one.arriving > 0)
    for place in np.flatnonzero(late):
        for catchment, share in homes_by_catchment(inputs, one).items():
            yield {
                "rule": TOGETHER,
                "case_id": one.id,
                "name": one.name,
                "stage": one.stage,
                "year": years[place],
                "catchment_id": catchment,
                "reason": NEVER if one.school_year is None else LATER,
                "pupils": float(one.arriving[place]) * share,
                "needed_year": one.first_year,
                "seats_year": one.school_year,
                "school_ids": ";".join(one.attached),
                "responsible_unit": one.row["responsible_unit"],
            }
