"""The layouts of a run as pages name them."""

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
        What column ``layout`` of the result tables holds.
    title
        What people call it, by language.
    proposals
        Whether result table ``proposals`` says what is built in it.
    """

    id: str
    title: Said
    proposals: bool


def listed_layouts(tables: Frames) -> tuple[ListedLayout, ...]:
    """Return the layouts of result table ``layouts``, today's first."""
    return tuple(
        ListedLayout(
            str(row["layout"]),
            {"zh": str(row["title_zh"]), "en": str(row["title_en"])},
            proposals=bool(row["proposals"]),
        )
        for row in tables["layouts"].to_dict("records")
    )


def layouts_beside(tables: Frames) -> tuple[ListedLayout, ...]:
    """Return every layout but today's."""
    return listed_layouts(tables)[1:]
