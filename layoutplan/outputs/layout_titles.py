"""Titles of the layouts of a run."""

from __future__ import annotations

from dataclasses import dataclass

from layoutplan.outputs.row_lookup import Frames
from layoutplan.texts import Said


@dataclass(frozen=True, slots=True)
class ListedLayout:
    """One layout of a run.

    Attributes
    ----------
    id
        Its value in column ``layout`` of the result tables.
    title
        Its title, by language.
    proposals
        Whether it contains the measures of result table ``proposals``.
    """

    id: str
    title: Said
    proposals: bool


def listed_layouts(tables: Frames) -> tuple[ListedLayout, ...]:
    """Return the layouts of result table ``layouts``, today's first.

    Parameters
    ----------
    tables
        Result tables by name.

    Returns
    -------
    tuple of ListedLayout
        In the order of the table.
    """
    return tuple(
        ListedLayout(
            str(row["layout"]),
            {"zh": str(row["title_zh"]), "en": str(row["title_en"])},
            proposals=bool(row["proposals"]),
        )
        for row in tables["layouts"].to_dict("records")
    )


def layouts_beside(tables: Frames) -> tuple[ListedLayout, ...]:
    """Return every layout but today's.

    Parameters
    ----------
    tables
        Result tables by name.

    Returns
    -------
    tuple of ListedLayout
        In the order of the table; empty if today's is the only one.
    """
    return listed_layouts(tables)[1:]


def planners_layouts(tables: Frames) -> tuple[ListedLayout, ...]:
    """Return the planner's own layouts: neither today's, nor proposed, nor with catchments redrawn.

    Parameters
    ----------
    tables
        Result tables by name.

    Returns
    -------
    tuple of ListedLayout
        In the order of the table.
    """
    outcome = tables.get("zoning_outcome")
    redrawn = set() if outcome is None else set(outcome["layout"])
    return tuple(one for one in layouts_beside(tables) if not one.proposals and one.id not in redrawn)
