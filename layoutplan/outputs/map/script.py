"""The page's script: modules of one subject each, joined into one closed scope.

The modules say what they import and export, so that a linter can check them; a page opened from a file can
not load modules, so that here the words ``import`` and ``export`` are left out and the modules joined.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Final

MODULES: Final = (
    "state.js",
    "words.js",
    "elements.js",
    "flow.js",
    "figures.js",
    "switches.js",
    "ground.js",
    "tiles.js",
    "symbols.js",
    "canvas.js",
    "zones.js",
    "marks.js",
    "labels.js",
    "sides.js",
    "charts.js",
    "plan.js",
    "panel.js",
    "things.js",
    "lists.js",
    "search.js",
    "tables.js",
    "legend.js",
    "print.js",
    "controls.js",
    "start.js",
)
"""In the order of evaluation; only functions may use names of a later module."""

UNPACK: Final = "unpack.js"
"""What reads the payload, before there are any data."""

_IMPORT: Final = re.compile(r'^import \{[^}]*\} from "\./[a-z]+\.js";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=const |let )", re.MULTILINE)


def asset(name: str) -> str:
    """Return the text of a packaged file of the page.

    Parameters
    ----------
    name
        File name in ``assets``.

    Returns
    -------
    str
        The text.
    """
    return (resources.files("layoutplan.outputs.map") / "assets" / name).read_text(encoding="utf-8")


def module_text(name: str) -> str:
    """Return a module without its imports and the word ``export``, as it stands in the joined script.

    Parameters
    ----------
    name
        File name in ``assets``.

    Returns
    -------
    str
        JavaScript.
    """
    return _EXPORT.sub("", _IMPORT.sub("", asset(name)))


def page_function(*, returns: str) -> str:
    """Return the page's script as a JavaScript function of its data that returns an expression.

    Parameters
    ----------
    returns
        The expression.

    Returns
    -------
    str
        JavaScript.
    """
    body = "\n".join(map(module_text, MODULES))
    return f"(data) => {{\n{body}\nreturn {returns};\n}}"


def page_script() -> str:
    """Return the whole script: one name, ``layoutplan``, that shows folium only how to start."""
    return (
        f'const layoutplan = (() => {{\n"use strict";\n{module_text(UNPACK)}\n'
        f"const page = {page_function(returns='start')};\n"
        "return { start: (map) => unpack().then((data) => data && page(data)(map)) };\n})();"
    )
