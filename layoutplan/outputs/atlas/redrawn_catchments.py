"""What a page of the atlas on redrawn catchments says: figures before and after, and the largest moves."""

from __future__ import annotations

from typing import Final

import pandas as pd

from layoutplan.outputs.layout_titles import listed_layouts
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.wording import metres, share, whole
from layoutplan.texts import Language, text

_MOST_MOVES: Final = 14


def redrawn_figures(tables: Frames, row: pd.Series, lang: Language) -> tuple[tuple[str, ...], ...]:
    """Return the figures of a stage before and after, with their heads.

    Parameters
    ----------
    tables : result tables by name
    row : row of result table ``zoning_outcome``
    lang : language of the words
    """
    titles = {one.id: one.title[lang] for one in listed_layouts(tables)}
    head = ("", text("atlas.before", lang), titles[row["layout"]])
    pairs = (
        ("overload", whole(row["overload_before"], lang), whole(row["overload"], lang)),
        ("moved", "", whole(row["moved"], lang)),
        ("mean_walk_m", metres(row["mean_walk_before_m"], lang), metres(row["mean_walk_m"], lang)),
        ("zoned_share", share(row["share_within_radius_before"]), share(row["share_within_radius"])),
        ("split", whole(row["split_before"], lang), whole(row["split"], lang)),
    )
    return (head, *((text(f"atlas.{name}", lang), before, after) for name, before, after in pairs))


def largest_moves(tables: Frames, row: pd.Series, lang: Language) -> tuple[tuple[str, ...], ...]:
    """Return the moves between two catchments with most pupils: from and to, and pupils.

    Parameters
    ----------
    tables : result tables and layers by name
    row : row of result table ``zoning_outcome``
    lang : language of the words
    """
    areas = pd.DataFrame(tables["moved_areas"])
    own = areas[(areas["layout"] == row["layout"]) & (areas["stage"] == row["stage"])]
    ranked = own.sort_values(["pupils", "to_id"], ascending=[False, True], kind="stable").head(_MOST_MOVES)
    return tuple(
        (
            text("atlas.move", lang, origin=_origin(one["from_name"], lang), to=one["to_name"]),
            text("atlas.move_pupils", lang, pupils=whole(one["pupils"], lang)),
        )
        for one in ranked.to_dict("records")
    )


def _origin(name: object, lang: Language) -> str:
    return name if isinstance(name, str) else text("zoning.reason.nowhere", lang)
