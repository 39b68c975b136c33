"""Land for schools (section A): 教育用地预留、保护与确权."""

from __future__ import annotations

from math import ceil

import geopandas as gpd
import pandas as pd

from layoutplan.city.links import district_of
from layoutplan.layouts.school_land import guide_m2, has_tenure, least_m2, net_areas
from layoutplan.rules.blank_figures import with_blanks
from layoutplan.rules.measured import CITY, by_area, measured
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.seat_sources import shortfalls
from layoutplan.standards import Standards


def schools_for(seats: float, standards: Standards, school_type: str) -> tuple[int, ...]:
    """Return the sizes of the fewest allowed schools that offer a number of seats, largest first.

    All but the last are of the largest allowed size; the last is the smallest that suffices.

    Parameters
    ----------
    seats
        Seats to offer.
    standards
        The rules in force in one year.
    school_type
        School type; its allowed sizes are those of the profile.

    Returns
    -------
    tuple[int, ...]
        Classes of each school; empty for less than one class, or where the profile allows no size.

    Examples
    --------
    2,160 seats are 48 classes: not one school, which the size cap forbids, but two.

    >>> from layoutplan.standards import load_profile
    >>> schools_for(2160, load_profile("cn-zhengzhou-gaoxin-2020").at(2025), "primary")
    (36, 12)
    """
    levels = standards.allowed_levels(school_type)
    offered = {level: sum(standards.level_seats(school_type, level).values()) for level in levels}
    if not levels or seats < standards.class_size(standards.schooling.taught_by(school_type)[0]):
        return ()
    largest = levels[-1]
    full = max(ceil(seats / offered[largest]) - 1, 0)
    rest = seats - full * offered[largest]
    last = next(level for level in levels if offered[level] >= rest)
    return (*[largest] * full, last)


def land_m2(classes: int, standards: Standards, stage: str) -> float:
    """Return the land that the standards advise for a school of one stage; 0 where they say nothing.

    The same function serves the siting: :func:`layoutplan.layouts.school_land.guide_m2`.

    Parameters
    ----------
    classes
        Size of the school.
    standards
        The rules in force in one year.
    stage
        Id of the stage.

    Returns
    -------
    float
        m².

    Examples
    --------
    >>> from layoutplan.standards import load_profile
    >>> land_m2(24, load_profile("cn-national").at(2025), "primary")  # 24 × 45 × 20.6
    22248.0
    """
    return guide_m2(standards, {stage: classes * standards.class_size(stage)}) or 0.0


def _sites(inputs: RuleInputs) -> pd.DataFrame:
    """Return the sites table by id, with the district that holds each and its area (its polygon's)."""
    table = inputs.table("sites").set_index("site_id")
    sites = gpd.GeoDataFrame(table, geometry="geometry", crs=inputs.city.crs)
    own = sites.geometry.area
    area = sites["area_m2"].astype(float).where(sites["area_m2"].notna(), own.where(own > 0))
    found: pd.DataFrame = sites.assign(
        area_m2=area, net_area_m2=net_areas(sites), district_id=district_of(sites, inputs.city.districts)
    )
    return found


def land_need(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the land that new schools for the net shortage need against the parcels reserved for them.

    ``numerator``: m² for the fewest new primary and junior schools that seat the pupils whom the best
    assignment of the target year leaves without a seat within reach (:func:`schools_for`, :func:`land_m2`).
    ``denominator``: net m² of the reserved parcels (without what is to be rezoned; collective land left out)
    that are large enough for a school. ``value`` and ``need``: m² not covered. A parcel covers only its own
    district: the city's value is the sum of its districts', and ``case_ids`` are the districts that lack
    land.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Of 540 missing seats (a school of 12 classes: 540 × 24.2 m²), one reserved parcel holds a part.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], units={"unit_id": ["U"], "age_6": [540]}, target_year=2025,
    ...     sites={"site_id": ["L1", "L2"], "status": ["reserved", "reserved"], "area_m2": [14_000, 900],
    ...            "x": [500, 500], "y": [500, 500]})
    >>> land_need(case)[["numerator", "denominator", "value"]].round(0).values.tolist()
    [[13068.0, 14000.0, 0.0]]
    """
    standards = inputs.profile.at(inputs.target_year)
    stages = inputs.compulsory
    sites = _sites(inputs)
    reserved = sites[(sites["status"].fillna("reserved") == "reserved") & has_tenure(sites)]
    smallest = [
        least_m2(standards, {one: standards.allowed_levels(one)[0] * standards.class_size(one)})
        for one in stages
        if standards.allowed_levels(one)
    ]
    reserved = reserved[reserved["net_area_m2"] >= min((one or 0.0 for one in smallest), default=0.0)]
    rows, short = [], shortfalls(inputs)
    names_of: dict[str | None, str] = {
        str(one): str(name) for one, name in inputs.city.districts["name"].items()
    }
    for district, name in {**names_of, None: ""}.items():
        need = sum(
            land_m2(classes, standards, stage)
            for stage in stages
            for classes in schools_for(short[stage, district], standards, stage)
        )
        own = reserved["district_id"].isna() if district is None else reserved["district_id"] == district
        rows.append((district, name, need, float(reserved.loc[own.astype(bool), "net_area_m2"].sum())))
    whole = (
        CITY,
        CITY,
        inputs.city.name,
        sum(need for _, _, need, _ in rows),
        sum(held for *_, held in rows),
        sum(max(need - held, 0.0) for _, _, need, held in rows),
        ";".join(district or "-" for district, _, need, held in rows if need > held) or None,
    )
    districts = [
        ("district", district, name, need, held, max(need - held, 0.0), None)
        for district, name, need, held in rows
        if district is not None
    ]
    names = ("area_kind", "area_id", "area", "numerator", "denominator", "value", "case_ids")
    found = pd.DataFrame([whole, *districts], columns=[*names])
    return measured(found.assign(year=inputs.target_year, need=found["value"], need_unit="m2"))


def education_land(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the education land that proposed rezonings take without consent of the education office.

    ``numerator`` (and ``value``): m² lost without consent; ``denominator``: all education land; ``need``: the
    primary seats the lost land would hold (missing without a land norm); ``case_ids``: the parcels. A
    rezoning without a stated area takes the whole parcel. Parcels of unknown area are left out.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(sites={"site_id": ["L1", "L2", "L3"], "education_land": [True, True, True],
    ...     "area_m2": [20_600, 9_000, 5_000], "x": [1, 2, 3], "y": [1, 2, 3],
    ...     "proposed_use": ["商业", "绿地", None], "rezoned_area_m2": [None, 4_000, None],
    ...     "consent": [False, True, None]})
    >>> education_land(case)[["numerator", "denominator", "need", "case_ids"]].round(0).values.tolist()
    [[20600.0, 34600.0, 1000.0, 'L1']]
    """
    sites = _sites(inputs)
    sites = sites[sites["education_land"].fillna(value=False).astype(bool)]
    unmeasured = sites["area_m2"].isna()
    sites = sites[~unmeasured]
    taken = sites["rezoned_area_m2"].astype(float).where(sites["rezoned_area_m2"].notna(), sites["area_m2"])
    agreed = sites["consent"].fillna(value=False).astype(bool)
    lost = taken.where(sites["proposed_use"].notna() & ~agreed, 0.0)
    first = [stage for stage in inputs.schooling.first_compulsory if stage in inputs.city.stages]
    stage = (*first, *inputs.city.stages)[0]
    norm = (*inputs.standards.numbers("land.per_seat", stage), float("nan"))[0]
    things = pd.DataFrame(
        {
            "numerator": lost,
            "denominator": sites["area_m2"],
            "need": lost / norm,
            "case": lost > 0,
            "district_id": sites["district_id"],
        }
    )
    rows = with_blanks(by_area(inputs, things, need_unit="seats"), sites__area_m2=unmeasured)
    return rows.assign(value=rows["numerator"])


def titled(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of parcels with a land title (确权); ``case_ids`` are those without.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(sites={"site_id": ["L1", "L2"], "titled": [True, False], "x": [1, 2],
    ...                              "y": [1, 2]})
    >>> titled(case)[["value", "need", "case_ids"]].values.tolist()
    [[0.5, 1.0, 'L2']]
    """
    sites = _sites(inputs)
    stated = sites[sites["titled"].notna()]
    has = stated["titled"].astype(bool)
    things = pd.DataFrame(
        {
            "numerator": has.astype(float),
            "denominator": 1.0,
            "need": (~has).astype(float),
            "case": ~has,
            "district_id": stated["district_id"],
        }
    )
    return by_area(inputs, things, need_unit="sites")
