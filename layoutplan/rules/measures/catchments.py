"""Catchments (section C): 划片、就近、热点、户籍与常住、对口升学与学区."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from layoutplan.city.point_lookup import polygon_of
from layoutplan.rules.measured import CITY, by_area, list_ids, measured, stack_rows
from layoutplan.rules.partition import gap_m2, overlaps, pieces, plan_ground
from layoutplan.rules.rule_inputs import RuleInputs

_FIGURES: Final = {
    "seats_per_child": ("seats", "children"),
    "within_radius": ("within_radius", "demand"),
    "within_circle": ("within_circle", "demand"),
    "placed": ("served", "demand"),
    "outside": ("outside_catchments", "demand"),
}
"""Numerator and denominator of each figure of the balance."""


def gaps(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the land that lies in no catchment of a stage, m²: the plan area and each district.

    The plan area is the districts, else the units drawn as areas. ``denominator`` is its area, ``value`` and
    ``need`` the gap. Pieces up to the profile's ``catchment.sliver`` are attributed to the rounding of
    borders.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(
    ...     districts={"district_id": ["D"], "name": ["d"], "box": [(0, 0, 1000, 1000)]},
    ...     catchments={"catchment_id": ["C"], "stage": ["primary"], "box": [(0, 0, 1000, 990)]})
    >>> gaps(case)[["area_id", "stage", "numerator", "denominator", "value"]].values.tolist()
    [['city', 'primary', 10000.0, 1000000.0, 10000.0], ['D', 'primary', 10000.0, 1000000.0, 10000.0]]
    """
    city = inputs.city
    ground = plan_ground(city)
    if ground is None:
        return measured([{**_row(inputs, CITY, CITY, city.name), "missing": "districts.district_id"}])
    areas = [(CITY, CITY, city.name, ground)]
    areas += [
        ("district", str(key), str(row["name"]), row.geometry) for key, row in city.districts.iterrows()
    ]
    rows = []
    for stage, own in _by_stage(inputs):
        covered = shapely.union_all(own.geometry.to_numpy())
        for kind, area_id, name, shape in areas:
            gap = gap_m2(shape, covered, sliver_m2=_sliver(inputs))
            rows.append(
                {
                    **_row(inputs, kind, area_id, name),
                    "stage": stage,
                    "numerator": gap,
                    "denominator": float(shape.area),
                    "value": gap,
                    "need": gap,
                    "need_unit": "m2",
                }
            )
    return measured(rows)


def overlapping(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the land that lies in two catchments of a stage, m²; ``case_ids`` are the pairs.

    Overlaps up to the profile's ``catchment.sliver`` do not count. ``denominator`` is the catchments' area.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(catchments={"catchment_id": ["C1", "C2"], "stage": ["primary"] * 2,
    ...     "box": [(0, 0, 510, 1000), (500, 0, 1000, 1000)]})
    >>> overlapping(case)[["stage", "value", "case_ids"]].values.tolist()
    [['primary', 10000.0, 'C1+C2']]
    """
    rows = []
    for stage, own in _by_stage(inputs):
        found = overlaps(own.geometry, sliver_m2=_sliver(inputs))
        area = float(found["area_m2"].sum())
        rows.append(
            {
                **_row(inputs, CITY, CITY, inputs.city.name),
                "stage": stage,
                "numerator": area,
                "denominator": float(own.geometry.area.sum()),
                "value": area,
                "need": area,
                "need_unit": "m2",
                "case_ids": list_ids(
                    [f"{one}+{other}" for one, other in zip(found["one"], found["other"], strict=True)]
                ),
            }
        )
    return measured(rows)


def in_parts(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of catchments that are not in one piece; ``case_ids`` names them.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from dataclasses import replace
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(catchments={"catchment_id": ["C1", "C2"], "stage": ["primary"] * 2,
    ...     "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000)]})
    >>> shapes = case.city.catchments
    >>> strips = shapes.geometry.buffer(-240).union_all()
    >>> split = shapes.set_geometry([strips, shapes.geometry["C2"]], crs=shapes.crs)
    >>> study = replace(case.study, city=replace(case.city, catchments=split))
    >>> rows = in_parts(replace(case, study=study))
    >>> rows[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'C1']]
    """
    parts = []
    for stage, own in _by_stage(inputs):
        split = pieces(own.geometry, sliver_m2=_sliver(inputs)) > 1
        things = pd.DataFrame({"numerator": split.astype(float), "denominator": 1.0, "case": split})
        parts.append(by_area(inputs, things.assign(district_id=own["district_id"]), stage=stage))
    return stack_rows(parts)


def of_balance(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure a figure of the balance: city and districts in base and target year, catchments in the target.

    ``need`` is what is lacking: seats, or pupils.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``seats_per_child``: public seats per child of the stage's ages; ``within_radius``: share of the
        demand with a school within the service radius on foot; ``within_circle``: in a straight line;
        ``placed``: share with a seat within reach under the
        best assignment; ``outside``: demand that lives in no catchment, as a share.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [540]}, units={"unit_id": ["U"], "age_6": [600]}, target_year=2025)
    >>> rows = of_balance(case, subject="seats_per_child")
    >>> rows[["numerator", "denominator", "value", "need"]].values.tolist()
    [[540.0, 600.0, 0.9, 60.0]]
    """
    above, below = _FIGURES[subject]
    years = list(dict.fromkeys((inputs.base_year, inputs.target_year)))
    places = inputs.balance.catchments
    parts = [
        inputs.balance.city.assign(area_kind=CITY, area_id=CITY, name=inputs.city.name),
        inputs.balance.districts.assign(area_kind="district", area_id=lambda own: own["district_id"]),
        places[places["year"] == inputs.target_year].assign(
            area_kind="catchment", area_id=lambda own: own["catchment_id"]
        ),
    ]
    rows = pd.concat(parts, ignore_index=True).reindex(columns=[*parts[0].columns])
    rows = rows[rows["year"].isin(years) & rows["stage"].isin(inputs.compulsory)]
    for name in ("within_radius", "within_circle"):
        rows = rows.assign(**{name: rows[f"share_{name}"].astype(float) * rows["demand"]})
    rows = rows[rows[above].notna() & rows[below].notna()]
    numerator, denominator = rows[above].astype(float), rows[below].astype(float)
    lacking = numerator if subject == "outside" else (denominator - numerator).clip(lower=0.0)
    return measured(
        pd.DataFrame(
            {
                "area_kind": rows["area_kind"],
                "area_id": rows["area_id"],
                "area": rows["name"],
                "stage": rows["stage"],
                "year": rows["year"],
                "numerator": numerator,
                "denominator": denominator,
                "need": lacking,
                "need_unit": "seats" if subject == "seats_per_child" else "pupils",
            }
        )
    )


def hotspots(inputs: RuleInputs) -> pd.DataFrame:
    """Count the hotspots whose shortage is significant (Gi*, FDR of the plan): city and districts, by stage.

    A hotspot belongs to the district that holds its centre. ``value`` is the number of significant hotspots,
    ``denominator`` that of all hotspots, ``need`` the seats they are short of. Result table ``hotspots``
    lists what could relieve each.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    A town too small for a significant hotspot.

    >>> from dataclasses import replace
    >>> from layoutplan.hotspots import find_hotspots
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"],
    ...     units={"unit_id": ["U"], "x": [500], "y": [500], "age_6": [600]})
    >>> found = find_hotspots(case.study, case.balance)
    >>> hotspots(replace(case, hotspots=found))[["stage", "value", "denominator"]].values.tolist()
    [['primary', 0.0, 1.0]]
    """
    if inputs.hotspots is None:
        return measured([])
    table = inputs.hotspots.hotspots.set_index("hotspot_id")
    city = inputs.city
    areas = [(CITY, CITY, city.name)]
    areas += [("district", str(one), str(name)) for one, name in city.districts["name"].items()]
    held = polygon_of(table.geometry.representative_point(), city.districts.geometry)
    rows = []
    for stage in city.stages:
        for kind, area_id, name in areas:
            own = table[(table["stage"] == stage) & ((held == area_id) | (kind == CITY))]
            sure = own[own["significant"].fillna(value=False).astype(bool)]
            rows.append(
                {
                    **_row(inputs, kind, area_id, name),
                    "stage": stage,
                    "year": inputs.target_year,
                    "numerator": len(sure),
                    "denominator": len(own),
                    "value": len(sure),
                    "need": float(sure["seats_short"].astype(float).sum()),
                    "need_unit": "seats",
                    "case_ids": list_ids(sure.index),
                }
            )
    return measured(rows)


def hukou_demand(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the demand of registered children against that of residents: base year, city and districts.

    ``numerator`` is the demand on the basis of registration (户籍), ``denominator`` on that of residence
    (常住); above 1, more are registered than live there. Result table ``area_bases`` has it by unit.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], units={"unit_id": ["U"], "x": [5], "y": [5], "age_6": [600],
    ...     "children_primary": [600], "hukou_primary": [450]})
    >>> hukou_demand(case)[["stage", "numerator", "denominator", "value"]].values.tolist()
    [['primary', 450.0, 600.0, 0.75]]
    """
    if inputs.outlook is None:
        return measured([])
    table = inputs.outlook.area_bases.set_index("area_id")
    table = table[table["by_hukou"].notna() & table["by_residence"].notna()]
    parts = []
    for stage in inputs.city.stages:
        own = table[table["stage"] == stage]
        things = pd.DataFrame(
            {
                "numerator": own["by_hukou"].astype(float),
                "denominator": own["by_residence"].astype(float),
                "district_id": own["district_id"],
            }
        )
        parts.append(by_area(inputs, things, stage=stage))
    return stack_rows(parts)


def published(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of catchments published for the base year or later; ``case_ids`` are the others.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(catchments={"catchment_id": ["C1", "C2"], "stage": ["primary"] * 2,
    ...     "published_year": [2025, 2023], "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000)]})
    >>> published(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'C2']]
    """
    parts = []
    for stage, own in _by_stage(inputs):
        done = (own["published_year"] >= inputs.base_year).fillna(value=False).astype(bool)
        things = pd.DataFrame({"numerator": done.astype(float), "denominator": 1.0, "case": ~done})
        parts.append(by_area(inputs, things.assign(district_id=own["district_id"]), stage=stage))
    return stack_rows(parts)


def _by_stage(inputs: RuleInputs) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the catchments of each stage that has some."""
    shapes = inputs.city.catchments
    for stage in inputs.city.stages:
        own = shapes[shapes["stage"] == stage]
        if len(own):
            yield stage, own


def _sliver(inputs: RuleInputs) -> float:
    return inputs.limit("catchment.sliver") or 0.0


def _row(inputs: RuleInputs, kind: str, area_id: str, name: str) -> dict[str, object]:
    return {"area_kind": kind, "area_id": area_id, "area": name, "year": inputs.base_year}
