"""Names of the files of a run folder."""

from typing import Final

SUMMARY: Final = "summary.json"
MANIFEST: Final = "manifest.json"
MAP: Final = "map.html"
SCORECARD: Final = "scorecard.html"

OUTPUTS: Final = ("geopackage", "workbook", "map", "scorecard", "report", "atlas")
"""Files of a run folder that need not be written; summary, manifest and tables always are."""
