"""What people open: tables, workbook, report, atlas, comparison page. No figure is computed here."""

from layoutplan.reports.atlas import write_atlas
from layoutplan.reports.comparison import render_comparison
from layoutplan.reports.csv_files import csv_bytes, read_csv_file, write_csv_files
from layoutplan.reports.document import write_document
from layoutplan.reports.facts import ReportFacts
from layoutplan.reports.geopackage import write_geopackage
from layoutplan.reports.ledger_file import read_ledger
from layoutplan.reports.scorecard import render_scorecard
from layoutplan.reports.workbook import write_workbook

__all__ = [
    "ReportFacts",
    "csv_bytes",
    "read_csv_file",
    "read_ledger",
    "render_comparison",
    "render_scorecard",
    "write_atlas",
    "write_csv_files",
    "write_document",
    "write_geopackage",
    "write_workbook",
]
