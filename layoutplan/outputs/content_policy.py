"""The Content-Security-Policy of a page: the scripts, styles and images it may use, and no network access.

Scripts and style sheets are named by their SHA-256, so that none runs or applies but those we wrote.
No ``'unsafe-inline'`` is left: Leaflet and our own script set the style of an element by its properties,
which a policy does not govern; no element of the page has a ``style`` attribute.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from layoutplan.errors import DefectError
from layoutplan.plan.tile_address import tile_host

_SCRIPTS: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLES: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def content_policy(*, scripts: Iterable[str], styles: Iterable[str], tiles: Mapping[str, Any] | None) -> str:
    """Return the policy of a page that holds these scripts and style sheets.

    Parameters
    ----------
    scripts, styles
        The text of each inline ``<script>`` and ``<style>``.
    tiles
        Fields of :class:`~layoutplan.outputs.map.Tiles` as the payload has them; ``None`` for a page
        without tiles. Pictures may come from their host.

    Returns
    -------
    str
        Value of the ``Content-Security-Policy``.

    Raises
    ------
    DefectError
        If the tiles' address names no single host: the plan and stored pages are checked before.

    Examples
    --------
    >>> tiles = {"address": "https://t0.example.org:8080/{z}/{x}/{y}.png"}
    >>> content_policy(scripts=["start();"], styles=[], tiles=tiles).split("; ")[1:4:2]
    ["style-src 'none'", 'img-src data: https://t0.example.org:8080']
    """
    pictures = "data:"
    if tiles is not None:
        host = tile_host(tiles["address"])
        if host is None:
            raise DefectError("tiles without a host")
        pictures = f"data: {host}"
    return (
        f"default-src 'none'; style-src {_named(styles)}; script-src {_named(scripts)}; img-src {pictures}; "
        "base-uri 'none'; form-action 'none'"
    )


def scripts_and_styles(page: str) -> tuple[list[str], list[str]]:
    """Return the text of the inline scripts and style sheets of a page.

    Only for markup without any data: whatever is found is trusted.

    Parameters
    ----------
    page
        The markup.

    Returns
    -------
    tuple[list[str], list[str]]
        Scripts, and style sheets, in their order.

    Raises
    ------
    DefectError
        If there are others than plain ``<script>`` and ``<style>``.
    """
    scripts, styles = _SCRIPTS.findall(page), _STYLES.findall(page)
    if page.count("<script") != len(scripts) or page.count("<style") != len(styles):
        raise DefectError("a script or style sheet with attributes in the page's own markup")
    return scripts, styles


def _named(texts: Iterable[str]) -> str:
    """Return the source expressions of these texts; a browser hashes UTF-8."""
    hashes = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode("ascii") for one in texts)
    return " ".join(f"'sha256-{one}'" for one in hashes) or "'none'"
