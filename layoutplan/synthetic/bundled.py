"""The bundled city, as it stands in ``data/demo`` of the source and beside this module in a built package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from layoutplan.errors import DefectError
from layoutplan.plan import Plan, load_plan
from layoutplan.texts import Language

_HERE: Final = Path(__file__).parent
_PLACES: Final = (_HERE / "demo", _HERE.parents[1] / "data" / "demo")


def demo(*, scenario: str | None = None, lang: Language | None = None) -> Plan:
    """Return the plan of the bundled city: a made-up district of 500,000 residents.

    Its tables are in the mixed formats of an office (GBK text, workbooks, GeoPackage, points picked in a web
    map). No row is real.

    Parameters
    ----------
    scenario
        ``high-growth``, ``low-births`` or ``tight-budget``; ``None`` for the plan itself.
    lang
        Language of names and texts; Chinese where not given.

    Returns
    -------
    Plan
        Ready for :func:`layoutplan.make_study` or :func:`layoutplan.run_plan`.

    Raises
    ------
    InputError
        If there is no such scenario.

    Examples
    --------
    >>> plan = demo(lang="en")
    >>> plan
    <Plan Yunlan High-tech Zone (synthetic) · 2025–2032 · target year 2030 · ...>
    """
    for folder in _PLACES:
        if (folder / "plan.toml").is_file():
            return load_plan(folder / "plan.toml", scenario=scenario, lang=lang)
    raise DefectError("the package was built without the bundled city")
