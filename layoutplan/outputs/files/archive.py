"""Fixed dates in office files (zip archives), so that equal content gives equal bytes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

_FIXED_TIME = (2000, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def fix_dates(path: Path) -> None:
    """Rewrite a zip archive with fixed dates, so that equal content gives equal bytes.

    Parameters
    ----------
    path
        The archive, replaced in place.
    """
    with zipfile.ZipFile(path) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            fixed = (
                _DATES.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", content)
                if name == "docProps/core.xml"
                else content
            )
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), fixed, zipfile.ZIP_DEFLATED)
