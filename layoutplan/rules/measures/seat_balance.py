"""Seats against pupils (section A): 学位平衡、片区缺口、初中学区学位平衡."""

from __future__ import annotations

import pandas as pd

from layoutplan.rules.measured import CITY, list_ids, measured
from layoutplan.rules.rule_inputs import RuleInputs


def seat_balance(inputs: RuleInputs) -> pd.DataFrame:
    """Measure seats against pupils: the city in base and target year, districts and catchments in the latter.

    ``numerator``: seats; ``denominator``: pupils who need one; ``value``: seats − pupils; ``need``: the seats
    lacking in the area as a whole, 0 where there are enough; ``case_ids``: the catchments that are short
    (:func:`short_in_catchments` sums what they lack).

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [540]}, units={"unit_id": ["U"], "age_6": [600]}, target_year=2025)
    >>> rows = seat_balance(case)
    >>> rows[["area_id", "numerator", "denominator", "value", "need"]].values.tolist()
    [['city', 540.0, 600.0, -60.0, 60.0]]
    """
    balance, years = inputs.balance, dict.fromkeys((inputs.base_year, inputs.target_year))
    city = balance.city[balance.city["year"].isin(years)].assign(area_kind=CITY, area_id=CITY)
    target = {
        kind: frame[frame["year"] == inputs.target_year].assign(area_kind=kind, area_id=frame[key])
        for kind, frame, key in (
            ("district", balance.districts, "district_id"),
            ("catchment", balance.catchments, "catchment_id"),
        )
    }
    rows = pd.concat([city.assign(name=inputs.city.name), *target.values()], ignore_index=True)
    short = balance.catchments[balance.catchments["shortfall"] > 0]
    return measured(
        pd.DataFrame(
            {
                "area_kind": rows["area_kind"],
                "area_id": rows["area_id"],
                "area": rows["name"],
                "stage": rows["stage"],
                "year": rows["year"],
                "numerator": rows["seats"],
                "denominator": rows["demand"],
                "value": rows["seats"].astype(float) - rows["demand"].astype(float),
                "need": (rows["demand"].astype(float) - rows["seats"].astype(float)).clip(lower=0.0),
                "need_unit": "seats",
                "case_ids": [
                    _short_in(short, kind, area_id, stage=stage, year=year)
                    for kind, area_id, stage, year in rows[
                        ["area_kind", "area_id", "stage", "year"]
                    ].itertuples(index=False)
                ],
            }
        )
    )


def short_in_catchments(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the gross shortage: seats lacking within catchments, before schools share, in the target year.

    ``numerator``, ``value`` and ``need``: Σ max(0, demand − seats) over the catchments of the city or
    district (a catchment across a border in proportion to its demand on either side); ``denominator``: the
    demand; ``case_ids``: the catchments that are short. A neighbour's spare seats do not count here: what has
    to be built is the net shortage. A stage without catchments has no row.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Ten seats too many in all, and yet the western catchment lacks 60.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], target_year=2025,
    ...     schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2, "seats_primary": [540, 270],
    ...              "x": [100, 900], "y": [100, 100]},
    ...     units={"unit_id": ["U", "V"], "x": [110, 890], "y": [100, 100], "age_6": [600, 200]},
    ...     catchments={"catchment_id": ["C1", "C2"], "stage": ["primary"] * 2,
    ...                 "box": [(0, 0, 500, 900), (500, 0, 999, 900)]})
    >>> short_in_catchments(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[60.0, 800.0, 'C1']]
    """
    balance, year = inputs.balance, inputs.target_year
    zoned = set(balance.catchments["stage"])
    city = balance.city.assign(area_kind=CITY, area_id=CITY, name=inputs.city.name)
    districts = balance.districts.assign(area_kind="district", area_id=balance.districts["district_id"])
    rows = pd.concat([city, districts], ignore_index=True)
    rows = rows[(rows["year"] == year) & rows["stage"].isin(zoned)]
    short = balance.catchments[balance.catchments["shortfall"] > 0]
    lacking = rows["shortfall"].astype(float)
    return measured(
        pd.DataFrame(
            {
                "area_kind": rows["area_kind"],
                "area_id": rows["area_id"],
                "area": rows["name"],
                "stage": rows["stage"],
                "year": rows["year"],
                "numerator": lacking,
                "denominator": rows["demand"],
                "value": lacking,
                "need": lacking,
                "need_unit": "seats",
                "case_ids": [
                    _short_in(short, kind, area_id, stage=stage, year=year)
                    for kind, area_id, stage in rows[["area_kind", "area_id", "stage"]].itertuples(
                        index=False
                    )
                ],
            }
        )
    )


def _short_in(short: pd.DataFrame, kind: str, area_id: str, *, stage: str, year: int) -> str | None:
    """Return the catchments of an area that lack seats in a stage and year."""
    if kind == "catchment":
        return None
    mine = short[(short["stage"] == stage) & (short["year"] == year)]
    return list_ids(mine.loc[(kind == CITY) | (mine["district_id"] == area_id), "catchment_id"].tolist())


def school_district_seats(inputs: RuleInputs) -> pd.DataFrame:
    """Measure junior seats against pupils by school district (学区) in the target year.

    A school district groups catchments that share their schools: seats and demand are sums of the catchments'
    balance, and ``need`` is what the school district lacks as a whole. Without school districts the rows are
    the administrative districts'.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["junior"], "seats_junior": [100]},
    ...     units={"unit_id": ["U"], "x": [500], "y": [500], "age_12": [150]}, target_year=2025,
    ...     districts={"district_id": ["D1"], "name": ["d"], "box": [(0, 0, 900, 900)]})
    >>> school_district_seats(case)[["area_kind", "area_id", "value"]].values.tolist()
    [['district', 'D1', -50.0]]
    """
    catchments, city = inputs.balance.catchments, inputs.city
    junior = catchments[(catchments["stage"] == "junior") & (catchments["year"] == inputs.target_year)]
    groups = city.catchments["school_district_id"] if "school_district_id" in city.catchments else pd.Series()
    mine = junior.assign(group=junior["catchment_id"].map(groups.to_dict()))
    found = mine.dropna(subset="group").groupby("group", sort=True)[["seats", "demand"]].sum()
    if found.empty:
        whole = inputs.balance.districts
        district = whole[(whole["stage"] == "junior") & (whole["year"] == inputs.target_year)]
        found = district.set_index("district_id")[["seats", "demand"]]
        kind, names = "district", city.districts["name"]
    else:
        kind, names = "school_district", city.school_districts["name"]
    return measured(
        [
            {
                "area_kind": kind,
                "area_id": str(area_id),
                "area": str(names.get(area_id, area_id)),
                "stage": "junior",
                "year": inputs.target_year,
                "numerator": row["seats"],
                "denominator": row["demand"],
                "value": row["seats"] - row["demand"],
                "need": max(row["demand"] - row["seats"], 0.0),
                "need_unit": "seats",
            }
            for area_id, row in found.iterrows()
        ]
    )
