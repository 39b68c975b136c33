"""The report's part on redrawn catchments: by stage, catchments before and after, and reasons."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from layoutplan.layouts import TODAY
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.layout_titles import listed_layouts
from layoutplan.outputs.report.tables import ReportTables
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.wording import metres, share, stage_name, whole
from layoutplan.texts import text

_MOST_ROWS: Final = 20
_EXPLAINED: Final = 8
_HEADS: Final = (
    "catchment",
    "seats",
    "pupils_before",
    "pupils_after",
    "over_before",
    "over_after",
    "walk_after",
)
_COMPARED: Final = (
    "zoning",
    "over",
    "over_least",
    "moved",
    "walk_after",
    "share_within_radius",
    "split",
)


def write_redraw(rows: ReportTables) -> None:
    """Write the part on redrawn catchments and zonings compared; nothing where there are none.

    Parameters
    ----------
    rows
        Writes the tables.
    """
    outcome = rows.frames.get("zoning_outcome")
    compared = [(stage, zonings_compared(rows.frames, stage, rows.facts)) for stage in rows.facts.stages]
    if not any(len(frame) for _, frame in compared):
        return
    lang = rows.lang
    rows.document.heading(text("document.heading.redraw", lang), level=2)
    if outcome is not None and len(outcome):
        rows.document.paragraph(text("document.intro.redraw", lang))
    for stage, frame in compared:
        if len(frame):
            _comparison(rows, stage_name(stage, lang), frame)
    if outcome is not None:
        for _, row in outcome.iterrows():
            _stage(rows, row)


def zonings_compared(frames: Frames, stage: str, facts: ReportFacts) -> pd.DataFrame:
    """Return today's zoning and every other of a stage, side by side, in the target year.

    Parameters
    ----------
    frames
        Result tables by name.
    stage
        Id of the stage.
    facts
        Gives the target year.

    Returns
    -------
    DataFrame
        Rows of table ``zoned_city``, today's first, with ``overload_bound`` where the program drew the
        zoning; no rows where no layout has another zoning.
    """
    zoned = frames.get("zoned_city")
    if zoned is None or zoned.empty:
        return pd.DataFrame()
    own = zoned[(zoned["stage"] == stage) & (zoned["year"] == facts.target_year)]
    outcome = frames.get("zoning_outcome")
    drawn = outcome[outcome["stage"] == stage] if outcome is not None else pd.DataFrame({"layout": []})
    other = (own["moved"] > 0) | own["layout"].isin(drawn["layout"])
    if not other.any():
        return pd.DataFrame()
    own = own[other | (own["layout"] == TODAY)]
    bound = drawn.set_index("layout")["overload_bound"] if len(drawn) else pd.Series(dtype=float)
    order = {one.id: place for place, one in enumerate(listed_layouts(frames))}
    own = own.assign(overload_bound=own["layout"].map(bound).astype(float))
    return own.sort_values("layout", key=lambda ids: ids.map(order), kind="stable")


def _comparison(rows: ReportTables, stage: str, frame: pd.DataFrame) -> None:
    lang, titles = rows.lang, {one.id: one.title[rows.lang] for one in listed_layouts(rows.frames)}
    cells = [
        [
            titles[row["layout"]],
            whole(row["overload"], lang),
            "" if pd.isna(row["overload_bound"]) else whole(row["overload_bound"], lang),
            whole(row["moved"], lang),
            metres(row["mean_walk_m"], lang),
            share(row["share_within_radius"]),
            whole(row["split_catchments"], lang),
        ]
        for row in frame.to_dict("records")
    ]
    caption = rows.caption("zonings", stage=stage)
    rows.table(_COMPARED, cells, caption, widths=(2.4, 1.1, 1.2, 1.1, 1.2, 1.2, 1.1))


def _stage(rows: ReportTables, row: pd.Series[Any]) -> None:
    """Write what is achieved of a stage, its catchments before and after, and what they feed into."""
    lang, changes = rows.lang, rows.frames["zoning_changes"]
    titles = {one.id: one.title[lang] for one in listed_layouts(rows.frames)}
    stage = stage_name(str(row["stage"]), lang)
    said = text(
        "document.intro.redraw_stage", lang, layout=titles[row["layout"]], stage=stage, said=row["message"]
    )
    rows.document.paragraph(said)
    own = changes[(changes["layout"] == row["layout"]) & (changes["stage"] == row["stage"])]
    own = own[(own["given"] > 0) | (own["taken"] > 0)]
    own = own.assign(size=own["given"] + own["taken"])
    own = own.sort_values(["size", "catchment_id"], ascending=[False, True], kind="stable")
    if len(own):
        _table(rows, own, stage, int(row["year"]))
    _feeders(rows, row, stage)


def _feeders(rows: ReportTables, row: pd.Series[Any], stage: str) -> None:
    """Write how many pupils live where the feeder map does not lead, before and after."""
    feeders = rows.frames.get("zoning_feeders")
    if feeders is None or feeders.empty:
        return
    own = feeders[(feeders["layout"] == row["layout"]) & (feeders["to_stage"] == row["stage"])]
    for lower, pairs in own.groupby("stage", sort=True):
        off = pairs[~pairs["named"].astype(bool)]
        rows.document.paragraph(
            text(
                "document.intro.redraw_feeders",
                rows.lang,
                lower=stage_name(str(lower), rows.lang),
                stage=stage,
                pupils=whole(off["pupils"].sum(), rows.lang),
                before=whole(off["pupils_before"].sum(), rows.lang),
            )
        )


def _table(rows: ReportTables, own: pd.DataFrame, stage: str, year: int) -> None:
    lang = rows.lang
    shown = own.head(_MOST_ROWS)
    cells = [
        [
            str(row["name"]),
            whole(row["seats"], lang),
            whole(row["pupils_before"], lang),
            whole(row["pupils"], lang),
            whole(row["overload_before"], lang),
            whole(row["overload"], lang),
            metres(row["mean_walk_m"], lang),
        ]
        for row in shown.to_dict("records")
    ]
    caption = rows.caption("redraw", stage=stage, year=year)
    rows.table(_HEADS, cells, caption, widths=(2.6, 1, 1.1, 1.1, 1.1, 1.1, 1.3))
    rows.more(len(shown), len(own))
    rows.document.points([str(reason) for reason in own["reason"].head(_EXPLAINED)])
