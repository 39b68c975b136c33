"""Education groups and their members, as the tables state them, and the pupils and catchments they cover."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from layoutplan.dictionary.rolls import by_stage
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import by_area, stack_rows, teaching, with_district
from layoutplan.rules.rule_inputs import RuleInputs


@dataclass(frozen=True, slots=True)
class Group:
    """An education group (教育集团) that is approved and not dissolved.

    Attributes
    ----------
    id
        Id of the group.
    name
        Its name.
    core
        Id of the core school; ``None`` where not stated.
    members
        Ids of the member schools, the core school among them, sorted.
    quality
        Whether the office counts it as a quality group.
    approved_year
        Year of approval; ``None`` where not stated.
    responsible_unit
        Responsible unit; ``None`` where not stated.
    """

    id: str
    name: str
    core: str | None
    members: tuple[str, ...]
    quality: bool
    approved_year: int | None
    responsible_unit: str | None


def live_groups(inputs: RuleInputs) -> list[Group]:
    """Return the groups that are approved and not dissolved by the base year, in the order of their ids.

    Members are the schools that the groups table lists, the schools whose own row names the group, and the
    core school, as far as they are open in the base year.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    list[Group]
        One entry per group.
    """
    year = inputs.base_year
    schools = open_schools(inputs.city.schools, year)
    table = inputs.table("groups")
    over = (table["dissolved_year"] <= year).fillna(value=False)
    early = (table["approved_year"] > year).fillna(value=False)
    found = []
    for row in table[~over & ~early].sort_values("group_id", kind="stable").to_dict("records"):
        stated = [*_listed(row["school_ids"]), *_listed(row["core_school_id"])]
        own = schools.index[(schools["group_id"] == row["group_id"]).fillna(value=False)]
        found.append(
            Group(
                id=str(row["group_id"]),
                name=str(row["name"]),
                core=_text(row["core_school_id"]),
                members=tuple(sorted({*stated, *map(str, own)} & {*map(str, schools.index)})),
                quality=bool(pd.notna(row["quality"]) and row["quality"]),
                approved_year=None if pd.isna(row["approved_year"]) else int(row["approved_year"]),
                responsible_unit=_text(row["responsible_unit"]),
            )
        )
    return found


def quality_schools(inputs: RuleInputs) -> list[str]:
    """Return the ids of open quality schools and of the members of quality groups, sorted.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    list[str]
        School ids; a quality school is one whose column ``quality`` is true.
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    flags = schools["quality"].astype("boolean").fillna(value=False)
    members = {member for group in live_groups(inputs) if group.quality for member in group.members}
    return sorted({*map(str, flags.index[flags.astype(bool)]), *members})


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def quality_catchment_rows(inputs: RuleInputs, *, weighted: bool) -> pd.DataFrame:
    """Return the share of catchments that a quality school serves, in the base year, by stage.

    Parameters
    ----------
    inputs
        Study and stage results of the run.
    weighted
        Whether each catchment counts by its demand, pupils, instead of as one.

    Returns
    -------
    DataFrame with the columns ``MEASURED``
    """
    good = quality_schools(inputs)
    links = inputs.city.catchment_schools
    served = set(links.loc[links["school_id"].isin(good), "catchment_id"])
    balance = inputs.balance.catchments
    now = balance[balance["year"] == inputs.base_year].set_index("catchment_id")
    parts = []
    for stage in inputs.compulsory:
        own = now[now["stage"] == stage]
        inside = pd.Series(own.index.isin(served), index=own.index)
        weight = own["demand"].astype(float) if weighted else pd.Series(1.0, own.index)
        things = pd.DataFrame(
            {
                "numerator": weight.where(inside, 0.0),
                "denominator": weight,
                "need": weight.where(~inside, 0.0),
                "case": ~inside,
                "district_id": own["district_id"],
            }
        )
        parts.append(by_area(inputs, things, stage=stage, need_unit="pupils" if weighted else "catchments"))
    return stack_rows(parts)


def compulsory_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Return the schools open in the base year that teach a compulsory stage.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    DataFrame
        Rows of the schools table.
    """
    return teaching(inputs, open_schools(inputs.city.schools, inputs.base_year), *inputs.schooling.compulsory)


def compulsory_pupils(inputs: RuleInputs) -> pd.Series:
    """Return the compulsory pupils of each open school for which some are stated.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    Series
        Pupils of all compulsory stages, index school ids.
    """
    pupils = by_stage(compulsory_schools(inputs), "enrolment", inputs.schooling.compulsory)
    return pupils.sum(axis=1, min_count=1).dropna()


def schools_in_groups(school_ids: pd.Index, groups: Collection[Group]) -> pd.Series:
    """Return which schools are members of one of the groups.

    Parameters
    ----------
    school_ids
        Ids of schools.
    groups
        The groups.

    Returns
    -------
    Series
        Boolean, index ``school_ids``.
    """
    members = {member for group in groups for member in group.members}
    return pd.Series(school_ids.isin(members), index=school_ids)


def share_inside(
    inputs: RuleInputs, inside: pd.Series, weight: pd.Series, *, case: bool = True
) -> pd.DataFrame:
    """Return schools as :func:`~layoutplan.rules.measured.by_area` takes them.

    Parameters
    ----------
    inputs
        Gives the district of each school.
    inside
        Which schools meet the rule, index school ids.
    weight
        Weight of each school, such as 1 or its pupils; same index.
    case
        Whether the schools that are not inside are listed, and their weight counted as needed.

    Returns
    -------
    DataFrame
        Columns ``numerator``, ``denominator``, ``district_id``, and with ``case`` ``need`` and ``case``.
    """
    things = pd.DataFrame({"numerator": weight.where(inside, 0.0), "denominator": weight})
    if case:
        things = things.assign(need=weight.where(~inside, 0.0), case=~inside)
    return with_district(inputs, things)


def group_area(group: Group) -> dict[str, object]:
    """Return the columns that name a group in the row of a measure.

    Parameters
    ----------
    group
        The group.

    Returns
    -------
    dict[str, object]
        ``area_kind``, ``area_id``, ``area`` and ``responsible_unit``.
    """
    return {
        "area_kind": "group",
        "area_id": group.id,
        "area": group.name,
        "responsible_unit": group.responsible_unit,
    }
