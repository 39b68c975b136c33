"""Validation of a basemap address: one named host over HTTP, and the three tile placeholders."""

from __future__ import annotations

import re
from typing import Final

_HOST: Final = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
_ADDRESS: Final = re.compile(rf"(?P<host>https?://{_HOST}(:(?P<port>[0-9]{{1,5}}))?)(?P<path>/[^\s]*)")
_LAST_PORT: Final = 65_535
_BRACED: Final = re.compile(r"\{[^{}]*\}|[{}]")  # also an unpaired brace
_PLACES: Final = (["{x}", "{y}", "{z}"], ["{-y}", "{x}", "{z}"])


def tile_host(address: str) -> str | None:
    """Return scheme, host and port of a tile address.

    Parameters
    ----------
    address
        Tile address as in the plan.

    Returns
    -------
    str or None
        Contains only letters, digits, ``-``, ``.``, ``:`` and ``/``, so that it is safe in a
        Content-Security-Policy; ``None`` if the address does not name a single host.

    Examples
    --------
    >>> tile_host("https://t0.example.org:8080/{z}/{x}/{y}.png")
    'https://t0.example.org:8080'
    >>> tile_host("https://{s}.example.org/{z}/{x}/{y}.png"), tile_host("https://a.org; script-src */{z}")
    (None, None)
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        return None
    return found["host"]


def has_tile_places(address: str) -> bool:
    """Return whether an address has ``{z}``, ``{x}``, ``{y}`` (or ``{-y}``) once each and no other braces.

    Parameters
    ----------
    address
        Tile address as in the plan.

    Returns
    -------
    bool
        False also for an address without a single named host; the port is not checked.
    """
    found = _ADDRESS.fullmatch(address)
    return found is not None and sorted(_BRACED.findall(found["path"])) in _PLACES
