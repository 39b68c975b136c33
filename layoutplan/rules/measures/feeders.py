"""Feeders and school districts (section C): 对口升学、学区."""

from __future__ import annotations

import pandas as pd

from layoutplan.rules.measured import by_area, measured
from layoutplan.rules.rule_inputs import RuleInputs


def feeders(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of primary catchments that name the junior catchment their leavers transfer to.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(catchments={"catchment_id": ["P1", "P2", "J"],
    ...     "stage": ["primary", "primary", "junior"], "feeds_catchment_ids": ["J", None, None],
    ...     "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000), (0, 0, 1000, 1000)]})
    >>> feeders(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'P2']]
    """
    shapes, (lower, upper) = inputs.city.catchments, _stages(inputs)
    if upper not in set(shapes["stage"]):
        return measured([])
    primary = shapes[shapes["stage"] == lower]
    named = primary.index.isin(_feeder_links(inputs)["catchment_id"])
    things = pd.DataFrame(
        {
            "numerator": named.astype(float),
            "denominator": 1.0,
            "case": ~named,
            "district_id": primary["district_id"],
        },
        index=primary.index,
    )
    return by_area(inputs, things, stage=lower)


def feeder_load(inputs: RuleInputs) -> pd.DataFrame:
    """Measure primary leavers of a year per first-grade seat, for each junior catchment with feeders.

    Leavers are the demand of the feeding primary catchments divided by their grades, shared evenly where one
    feeds several; first-grade seats are the junior catchment's seats divided by its grades. Base and target
    year.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(target_year=2025,
    ...     schools={"school_id": ["S"], "school_type": ["junior"], "seats_junior": [450]},
    ...     units={"unit_id": ["U"], "x": [500], "y": [500], "age_6": [1200]},
    ...     catchments={"catchment_id": ["P", "J"], "stage": ["primary", "junior"],
    ...         "feeds_catchment_ids": ["J", None], "box": [(0, 0, 1000, 1000)] * 2})
    >>> feeder_load(case)[["area_id", "numerator", "denominator", "need"]].values.tolist()
    [['J', 200.0, 150.0, 50.0]]
    """
    links, (lower, upper) = _feeder_links(inputs), _stages(inputs)
    if links.empty:
        return measured([])
    share = 1.0 / links.groupby("catchment_id")["feeds"].transform("size")
    standards = inputs.standards
    rows = []
    for year in dict.fromkeys((inputs.base_year, inputs.target_year)):
        table = inputs.balance.catchments
        table = table[table["year"] == year].set_index("catchment_id")
        each = links["catchment_id"].map(table["demand"]).astype(float) * share / standards.grades(lower)
        for junior, leavers in each.groupby(links["feeds"]).sum().items():
            seats = float(table["seats"].get(junior, 0.0)) / standards.grades(upper)
            rows.append(
                {
                    "area_kind": "catchment",
                    "area_id": str(junior),
                    "area": str(table["name"].get(junior, junior)),
                    "stage": upper,
                    "year": year,
                    "numerator": leavers,
                    "denominator": seats,
                    "need": max(0.0, leavers - seats),
                    "need_unit": "seats",
                }
            )
    return measured(rows)


def school_district_balance(inputs: RuleInputs) -> pd.DataFrame:
    """Measure pupils per seat of every school district (学区), its catchments taken together, by stage.

    Base and target year; ``need`` is the number of seats the school district lacks as a whole.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], target_year=2025,
    ...     schools={"school_id": ["S"], "school_type": ["primary"], "seats_primary": [540]},
    ...     units={"unit_id": ["U"], "x": [500], "y": [500], "age_6": [600]},
    ...     districts={"district_id": ["D", "X"], "name": ["d", "x"], "kind": ["district", "school_district"],
    ...                "box": [(0, 0, 1000, 1000)] * 2},
    ...     catchments={"catchment_id": ["P"], "stage": ["primary"], "box": [(0, 0, 1000, 1000)]})
    >>> school_district_balance(case)[["area_kind", "area_id", "numerator", "denominator"]].values.tolist()
    [['school_district', 'X', 600.0, 540.0]]
    """
    city, table = inputs.city, inputs.balance.catchments
    if "school_district_id" not in city.catchments:
        return measured([])
    group = table["catchment_id"].map(city.catchments["school_district_id"])
    years = [inputs.base_year, inputs.target_year]
    own = table.assign(group=group)[group.notna() & table["year"].isin(years)]
    rows = []
    for (district, stage, year), inside in own.groupby(["group", "stage", "year"], sort=True):
        pupils, seats = float(inside["demand"].sum()), float(inside["seats"].sum())
        name = str(city.school_districts["name"].get(district, district))
        rows.append(
            {
                "area_kind": "school_district",
                "area_id": str(district),
                "area": name,
                "stage": stage,
                "year": year,
                "numerator": pupils,
                "denominator": seats,
                "need": max(0.0, pupils - seats),
                "need_unit": "seats",
            }
        )
    return measured(rows)


def _stages(inputs: RuleInputs) -> tuple[str, str]:
    """Return the first two compulsory stages: primary and junior in China; empty for one there is not."""
    lower, upper, *_ = (*inputs.schooling.compulsory, "", "")
    return lower, upper


def _feeder_links(inputs: RuleInputs) -> pd.DataFrame:
    """Return primary catchments and the junior ones they feed: ``catchment_id``, ``feeds``."""
    shapes = inputs.city.catchments
    lower, upper = _stages(inputs)
    junior = set(shapes.index[shapes["stage"] == upper])
    primary = shapes.loc[shapes["stage"] == lower, "feeds_catchment_ids"]
    pairs = [
        (catchment, feeds)
        for catchment, named in primary.items()
        if isinstance(named, (list, tuple))
        for feeds in named
        if feeds in junior
    ]
    return pd.DataFrame(pairs, columns=["catchment_id", "feeds"], dtype=object)
