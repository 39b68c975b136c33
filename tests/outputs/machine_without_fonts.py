"""Write a plan's report, atlas, workbook and scorecard as a machine without fonts does: a process of its own.

Arguments: the plan and a folder. Prints the font files that were opened all the same, one a line.
"""

from __future__ import annotations

import sys
from pathlib import Path

from matplotlib import font_manager

from layoutplan import load_plan, run_plan
from layoutplan.outputs.atlas import write_atlas
from layoutplan.outputs.pages import render_scorecard
from layoutplan.outputs.report import write_document
from layoutplan.outputs.workbook import write_workbook
from layoutplan.runs.map_inputs import map_frames
from layoutplan.runs.report_facts import report_facts
from layoutplan.runs.results import result_frames
from layoutplan.runs.summary import summarise

opened: set[str] = set()


def note_font(event: str, arguments: tuple[object, ...]) -> None:
    """Note every font file that is opened."""
    if event == "open" and str(arguments[0]).lower().endswith((".ttf", ".otf", ".ttc", ".afm")):
        opened.add(str(arguments[0]))


def write(plan: Path, folder: Path) -> None:
    """Run the plan and write its printed files."""
    run = run_plan(load_plan(plan))
    frames = result_frames(run)
    layers, summary, facts = map_frames(run, frames), summarise(run, frames), report_facts(run)
    lang = run.plan.general.lang
    write_document(layers, folder / "report.docx", summary=summary, facts=facts, lang=lang)
    write_atlas(layers, folder / "atlas.pdf", facts=facts, lang=lang)
    write_workbook(frames, folder / "workbook.xlsx", summary=summary, lang=lang)
    page = render_scorecard(frames["scorecard"], facts=facts, lang=lang)
    (folder / "scorecard.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    assert not font_manager.findSystemFonts(), "fonts of the machine are still found"
    sys.addaudithook(note_font)
    write(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write("\n".join(sorted(opened)))
