"""What people open: map, report, atlas, workbook, pages, files. No figure is computed here."""
