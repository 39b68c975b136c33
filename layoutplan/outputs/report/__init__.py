"""The planning report (DOCX) that an office can edit."""

from layoutplan.outputs.report.document import write_document

__all__ = ["write_document"]
