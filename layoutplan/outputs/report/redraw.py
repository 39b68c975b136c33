"""The report's part on redrawn catchments: by stage, catchments before and after, and reasons."""

from __future__ import annotations

from typing import Final

import pandas as pd

from layoutplan.outputs.report.tables import ReportTables
from layoutplan.outputs.wording import metres, whole
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


def write_redraw(rows: ReportTables) -> None:
    """Write the part on redrawn catchments; nothing where none were redrawn.

    Parameters
    ----------
    rows
        Writes the tables.
    """
    outcome = rows.frames.get("zoning_outcome")
    if outcome is None or outcome.empty:
        return
    lang = rows.lang
    titles = rows.frames["layouts"].set_index("layout")[f"title_{lang}"]
    rows.document.heading(text("document.heading.redraw", lang), level=2)
    rows.document.paragraph(text("document.intro.redraw", lang))
    changes = rows.frames["zoning_changes"]
    for _, row in outcome.iterrows():
        stage = text(f"stages.{row['stage']}", lang)
        rows.document.paragraph(
            text(
                "document.intro.redraw_stage",
                lang,
                layout=titles[row["layout"]],
                stage=stage,
                said=row["message"],
            )
        )
        own = changes[(changes["layout"] == row["layout"]) & (changes["stage"] == row["stage"])]
        own = own[(own["given"] > 0) | (own["taken"] > 0)]
        own = own.assign(size=own["given"] + own["taken"])
        own = own.sort_values(["size", "catchment_id"], ascending=[False, True], kind="stable")
        if len(own):
            _table(rows, own, stage, int(row["year"]))


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
