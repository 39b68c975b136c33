"""What ``layoutplan zone`` prints, and the layout file that it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from layoutplan.cli.printing import out
from layoutplan.errors import FaultLog
from layoutplan.study import Study
from layoutplan.texts import Language, other_language, text
from layoutplan.zoning import Redraw

EDITED: Final = "redrawn-edited"
"""Id of the layout that the file describes."""


def refuse_existing(path: Path) -> None:
    """Check that a file is not there yet.

    Parameters
    ----------
    path
        The layout file to write.

    Raises
    ------
    InputError
        If it is there: a planner may have edited it.
    """
    log = FaultLog()
    if path.exists() or not path.parent.is_dir():
        log.add("zone_out_exists" if path.exists() else "zone_out_folder", file=str(path))
    log.raise_if_errors()


def print_redraw(found: Redraw, study: Study, lang: Language) -> bool:
    """Print what a redraw achieves and why each catchment changes.

    Parameters
    ----------
    found
        The redraw.
    study
        Language of its texts.
    lang
        Language to print.

    Returns
    -------
    bool
        Whether all pupils are within the seats.
    """
    suffix = "" if lang == study.lang else "_translated"
    for _, row in found.outcome.iterrows():
        out.print(text(f"stages.{row['stage']}", lang), style="bold")
        out.print(str(row[f"message{suffix}"]), markup=False)
        own = found.changes[found.changes["stage"] == row["stage"]]
        for _, change in own[(own["given"] > 0) | (own["taken"] > 0)].iterrows():
            out.print(f"· {change[f'reason{suffix}']}", markup=False)
    half = 0.5
    return bool((found.outcome["overload"] <= half).all())


def write_layout_file(found: Redraw, study: Study, path: Path) -> None:
    """Write the moves as a layout file, which ``run --layout`` takes and a planner may edit.

    Parameters
    ----------
    found
        The redraw.
    study
        Today's catchments: units that go to a catchment which does not exist today are left out.
    path
        The file.
    """
    titles = {lang: found.layout.title[lang] for lang in (study.lang, other_language(study.lang))}
    lines = [
        f"id = {json.dumps(EDITED)}",
        f"title = {json.dumps(titles['zh'], ensure_ascii=False)}",
        f"title_en = {json.dumps(titles['en'], ensure_ascii=False)}",
    ]
    moves = found.moves[found.moves["to_id"].isin(study.city.catchments.index)]
    for (stage, to), group in moves.groupby(["stage", "to_id"], sort=True):
        units = json.dumps(group["unit_id"].tolist(), ensure_ascii=False)
        lines += ["", "[[move]]", f"stage = {json.dumps(stage)}", f"units = {units}"]
        lines.append(f"to = {json.dumps(to, ensure_ascii=False)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
