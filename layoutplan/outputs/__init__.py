"""The outputs of a run: map, report, atlas, workbook, pages, files. No figure is computed here."""
