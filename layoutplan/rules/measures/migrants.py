"""Children of migrant workers (section H): 公办就读、应入尽入、定点学校、居住证."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.demand.migrants import area_migrants
from layoutplan.dictionary.rolls import rolls, stage_column
from layoutplan.rules.blank_figures import estimated, with_blanks
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import by_area, measured, short_of, stack_rows, teaching, with_district
from layoutplan.rules.rule_inputs import RuleInputs


def public_share(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of migrant pupils in public schools or in seats purchased from private ones.

    Purchased seats count up to the number of migrant pupils of the private school. Schools whose migrant
    pupils are blank are left out of both sides.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(profile="cn-wenzhou-2022",
    ...     schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2,
    ...     "ownership": ["public", "private"], "migrants_primary": [80, 20],
    ...     "purchased_seats_primary": [None, 5]})
    >>> public_share(case)[["stage", "numerator", "denominator", "need"]].values.tolist()
    [['primary', 85.0, 100.0, 5.0]]
    """
    parts = []
    for stage in _planned(inputs):
        schools = open_schools(inputs.city.schools, inputs.base_year)
        stated = rolls(schools, stage)
        pupils = stated["migrants"]
        bought = np.fmin(stated["purchased_seats"].fillna(0.0), pupils)
        public = schools["ownership"].fillna("public") == "public"
        things = pd.DataFrame({"numerator": pupils.where(public, bought), "denominator": pupils}).dropna()
        rows = by_area(inputs, with_district(inputs, things), stage=stage)
        rows = with_blanks(rows, **{f"schools__{stage_column('migrants', stage)}": _silent(inputs, stage)})
        parts.append(short_of(rows, inputs.limit("migrants.public_share", stage), unit="pupils"))
    return stack_rows(parts)


def placed(inputs: RuleInputs) -> pd.DataFrame:
    """Measure migrant pupils at school per resident migrant child, at most 1, by district.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U"], "age_8": [100], "migrants_primary": [50]},
    ...     schools={"school_id": ["A"], "school_type": ["primary"], "migrants_primary": [48]})
    >>> placed(case)[["numerator", "denominator", "need"]].values.tolist()
    [[48.0, 50.0, 2.0]]
    """
    rows = _children_and_pupils(inputs)
    numerator = rows[["numerator", "denominator"]].min(axis=1, skipna=False)
    need = (rows["denominator"] - numerator).clip(lower=0)
    return measured(rows.assign(numerator=numerator, value=None, need=need, need_unit="seats"))


def unplaced(inputs: RuleInputs) -> pd.DataFrame:
    """Count the resident migrant children in excess of those at school.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U"], "age_8": [100], "migrants_primary": [50]},
    ...     schools={"school_id": ["A"], "school_type": ["primary"], "migrants_primary": [48]})
    >>> unplaced(case)[["value", "need", "need_unit"]].values.tolist()
    [[2.0, 2.0, 'seats']]
    """
    rows = _children_and_pupils(inputs)
    count = (rows["denominator"] - rows["numerator"]).clip(lower=0)
    return measured(rows.assign(numerator=count, denominator=None, value=None, need=count, need_unit="seats"))


def near(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of migrant pupils with a school with seats within the service radius of their home.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U", "V"], "age_6": [100, 100], "x": [0, 2000],
    ...     "y": [0, 0], "migrants_primary": [30, 10]}, schools={"school_id": ["A"],
    ...     "school_type": ["primary"], "seats_primary": [540], "x": [100], "y": [0]})
    >>> near(case)["value"].round(9).tolist()
    [0.75]
    """
    table = inputs.balance.units
    table = table[table["year"] == inputs.base_year]
    parts = []
    for stage in _planned(inputs):
        pupils = inputs.demand.of_migrants.get(stage)
        if pupils is None:
            continue
        walk = table[table["stage"] == stage].set_index("unit_id")["nearest_school_m"].astype(float)
        inside = (walk <= inputs.standards.service_radius_m(stage)).reindex(pupils.index, fill_value=False)
        parts.append(_of_units(inputs, pupils[inputs.base_year].astype(float), inside, stage=stage))
    return stack_rows(parts)


def designated_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Count the schools designated to take children of migrant workers, by stage.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary", "nine_year"],
    ...     "migrant_designated": [True, False]})
    >>> designated_schools(case)[["stage", "value"]].values.tolist()
    [['primary', 1.0], ['junior', 0.0]]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    parts = []
    for stage in _planned(inputs):
        own = teaching(inputs, schools, stage)
        chosen = own["migrant_designated"].astype("boolean").fillna(value=False).astype(float)
        things = with_district(inputs, pd.DataFrame({"numerator": chosen}))
        parts.append(by_area(inputs, things, stage=stage, ratio=False))
    return stack_rows(parts)


def designated_walk(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the mean walk of migrant pupils to the nearest open designated school within reach.

    ``numerator`` is pupil-metres, ``denominator`` pupils, ``need`` the pupils with none within reach.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U", "V"], "age_6": [100, 100], "x": [0, 90_000],
    ...     "y": [0, 0], "migrants_primary": [30, 10]}, schools={"school_id": ["A"], "x": [100], "y": [0],
    ...     "school_type": ["primary"], "seats_primary": [540], "migrant_designated": [True]})
    >>> row = designated_walk(case).iloc[0]
    >>> bool(row["value"] == 100 * case.standards.number("walking.detour_factor")), row["need_unit"]
    (True, 'pupils')
    """
    pairs, schools = inputs.pairs, open_schools(inputs.city.schools, inputs.base_year)
    chosen = schools["migrant_designated"].astype("boolean").fillna(value=False).astype(bool)
    parts = []
    for stage in _planned(inputs):
        migrants = inputs.demand.of_migrants.get(stage)
        if migrants is None:
            continue
        good = set(teaching(inputs, schools[chosen], stage).index)
        fits = np.array([school in good for school in pairs.destinations], dtype=bool)[pairs.indices]
        fits &= pairs.metres <= inputs.reach_m[stage]
        walk = pd.Series(pairs.metres[fits], index=pairs.rows[fits]).groupby(level=0).min()
        metres = walk.reindex(range(len(pairs.origins))).to_numpy(dtype=float)
        pupils = migrants[inputs.base_year].to_numpy(dtype=float)
        reached = np.isfinite(metres)
        things = pd.DataFrame(
            {
                "numerator": np.where(reached, metres * pupils, 0.0),
                "denominator": np.where(reached, pupils, 0.0),
                "need": np.where(reached, 0.0, pupils),
                "district_id": inputs.city.units["district_id"].to_numpy(),
            },
            index=migrants.index,
        )
        parts.append(by_area(inputs, things, stage=stage, need_unit="pupils"))
    return stack_rows(parts)


def permit_basis(inputs: RuleInputs) -> pd.DataFrame:
    """Measure demand of registered children and permit holders per demand of residents (``area_bases``).

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U"], "age_6": [100], "children_primary": [100],
    ...     "hukou_primary": [60], "permit_primary": [30]})
    >>> permit_basis(case)["value"].round(9).tolist()
    [0.9]
    """
    if inputs.outlook is None:
        return measured([])
    table = inputs.outlook.area_bases
    table = table[table["year"] == inputs.base_year]
    parts = []
    for stage in _planned(inputs):
        own = table[(table["stage"] == stage) & table["by_hukou_and_permit"].notna()].set_index("area_id")
        things = pd.DataFrame(
            {
                "numerator": own["by_hukou_and_permit"].astype(float),
                "denominator": own["by_residence"].astype(float),
                "district_id": own["district_id"],
            }
        )
        parts.append(by_area(inputs, things.dropna(subset=["denominator"]), stage=stage))
    return stack_rows(parts)


def _planned(inputs: RuleInputs) -> list[str]:
    return [*inputs.compulsory]


def _children_and_pupils(inputs: RuleInputs) -> pd.DataFrame:
    """Return migrant children at home (``denominator``) and migrant pupils at school (``numerator``).

    Blanks are estimated: at home from the share of the children, at school from the share of the enrolment,
    that the areas and schools with both figures have. Without such a share the sum is unknown.
    """
    areas, schools = inputs.city.areas, open_schools(inputs.city.schools, inputs.base_year)
    parts = []
    for stage in _planned(inputs):
        column = stage_column("migrants", stage)
        children = inputs.demand.children[stage][inputs.base_year].to_numpy(dtype=float)
        living = area_migrants(stage, inputs.city, children)
        if living is None:
            continue
        homes = pd.DataFrame(
            {"numerator": 0.0, "denominator": living.children, "district_id": areas["district_id"]}
        )
        silent = _silent(inputs, stage)
        stated = rolls(schools, stage)
        own = stated[silent | stated["migrants"].notna()]
        pupils = pd.DataFrame({"numerator": estimated(own["migrants"], own["enrolment"]), "denominator": 0.0})
        rows = by_area(inputs, pd.concat([homes, with_district(inputs, pupils)]), stage=stage)
        blank = {f"schools__{column}": silent, f"units__{column}": pd.Series(living.guessed)}
        parts.append(with_blanks(rows, **blank))
    return stack_rows(parts)


def _silent(inputs: RuleInputs, stage: str) -> pd.Series:
    """Return which open schools teach the stage and state no number of migrant pupils."""
    schools = open_schools(inputs.city.schools, inputs.base_year)
    stated = rolls(schools, stage)
    blank = stated["migrants"].isna() & schools.index.isin(teaching(inputs, schools, stage).index)
    return blank & (stated["enrolment"] != 0)


def _of_units(inputs: RuleInputs, pupils: pd.Series, inside: pd.Series, *, stage: str) -> pd.DataFrame:
    things = pd.DataFrame(
        {
            "numerator": pupils.where(inside, 0.0),
            "denominator": pupils,
            "need": pupils.where(~inside, 0.0),
            "district_id": inputs.city.units["district_id"],
        }
    )
    return by_area(inputs, things, stage=stage, need_unit="pupils")


def senior_demonstration(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of migrant senior pupils who attend a public demonstration school.

    Schools whose migrant pupils are blank are left out of both sides.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["senior"], schools={"school_id": ["A", "B", "C"],
    ...     "school_type": ["senior"] * 3, "ownership": ["public", "private", "public"],
    ...     "demonstration": ["province", "city", None], "migrants_senior": [60, 30, 10]})
    >>> senior_demonstration(case)[["stage", "numerator", "denominator"]].values.tolist()
    [['senior', 60.0, 100.0]]
    """
    if "senior" not in inputs.city.stages:
        return measured([])
    schools = open_schools(inputs.city.schools, inputs.base_year)
    pupils = rolls(schools, "senior")["migrants"]
    good = (schools["ownership"].fillna("public") == "public") & schools["demonstration"].notna()
    things = pd.DataFrame({"numerator": pupils.where(good, 0.0), "denominator": pupils})[pupils.notna()]
    rows = by_area(inputs, with_district(inputs, things), stage="senior")
    return with_blanks(rows, schools__migrants_senior=_silent(inputs, "senior"))
