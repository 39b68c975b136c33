"""Education groups and their members, as the tables state them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layoutplan.rules.rule_inputs import RuleInputs


@dataclass(frozen=True, slots=True)
class Group:
    """An education group that is not dissolved: ``members`` are the schools open now, the core among them."""

    id: str
    name: str
    core: str | None
    members: tuple[str, ...]
    quality: bool
    approved_year: int | None
    responsible_unit: str | None


def live_groups(inputs: RuleInputs) -> list[Group]:
    """Return the groups approved and not dissolved by the base year, in the order of their ids.

    Members are those the groups table lists, those whose own row names the group, and the core school.
    """
    year, schools = inputs.base_year, inputs.city.schools
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
    """Return the schools the office counts as quality schools, and the members of quality groups, sorted."""
    flags = inputs.city.schools["quality"].astype("boolean").fillna(value=False)
    members = {member for group in live_groups(inputs) if group.quality for member in group.members}
    return sorted({*map(str, flags.index[flags.astype(bool)]), *members})


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
