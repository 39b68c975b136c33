"""The planning report (DOCX) that an office can edit."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outputs.report.document import write_document
    from layoutplan.outputs.report.summary_pdf import write_summary_page

__all__ = ["write_document", "write_summary_page"]

lazy_package(__name__)
