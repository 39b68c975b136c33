"""GDAL without the network: no address that stands in a file is ever asked for.

A GeoJSON file may name its coordinate system by an address, a virtual file another file on a server.
Content is looked at before GDAL sees it (:mod:`layoutplan.city.contents`); this is the second lock.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

_NOWHERE: Final = "127.0.0.1:9"  # the discard port: as a proxy it makes every request fail at once

NO_NETWORK: Final[Mapping[str, str]] = {
    "GDAL_HTTP_PROXY": _NOWHERE,
    "GDAL_HTTPS_PROXY": _NOWHERE,
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
}
"""Configuration of GDAL that makes every request and every remote file fail."""

ALONE: Final[Mapping[str, str]] = {
    **NO_NETWORK,
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
}
"""And beyond that no scripts, and no file but the one that is read."""


def keep_process_offline() -> None:
    """Turn the network off for GDAL in this process and those it starts; the command line does."""
    os.environ.update(NO_NETWORK)
    os.environ.update({"no_proxy": "", "NO_PROXY": "", "PROJ_NETWORK": "OFF"})
