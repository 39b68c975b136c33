"""The planning report (DOCX) that an office can edit."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outputs.report.document import write_document

__all__ = ["write_document"]

lazy_package(__name__)
