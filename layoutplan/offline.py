"""GDAL without the network: no address in a file is requested.

A GeoJSON file may name its coordinate system by a URL, and a virtual file another file on a server. File
content is checked before GDAL opens it (:mod:`layoutplan.city.contents`); these settings are a second
safeguard.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

_NOWHERE: Final = "127.0.0.1:9"  # discard port: as a proxy it makes every request fail immediately

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
"""As :data:`NO_NETWORK`; in addition no scripts and no file other than the one being read."""


def keep_process_offline() -> None:
    """Disable the network for GDAL and PROJ in this process and its children, through environment variables.

    Called by the command line only.
    """
    os.environ.update(NO_NETWORK)
    os.environ.update({"no_proxy": "", "NO_PROXY": "", "PROJ_NETWORK": "OFF"})
