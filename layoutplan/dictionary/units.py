"""Units as offices write them, in headers (``用地面积(亩)``) and in cells (``3.5万元``)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_DIMENSION: Final = {
    "": "",
    "m": "length",
    "m²": "area",
    "currency": "money",
    "share": "share",
    "degrees": "angle",
}
"""Dimension of the units of the dictionary; any other unit is a count."""

_BASES: Final[dict[str, tuple[str, float]]] = {
    **dict.fromkeys(("m2", "sqm", "平方米", "平米", "平方"), ("area", 1.0)),
    **dict.fromkeys(("亩",), ("area", 10_000 / 15)),
    **dict.fromkeys(("公顷", "ha", "hm2"), ("area", 10_000.0)),
    **dict.fromkeys(("平方公里", "平方千米", "km2", "sqkm"), ("area", 1_000_000.0)),
    **dict.fromkeys(("米", "m"), ("length", 1.0)),
    **dict.fromkeys(("公里", "千米", "km"), ("length", 1000.0)),
    **dict.fromkeys(("元", "人民币", "rmb", "cny", "yuan"), ("money", 1.0)),
    **dict.fromkeys(("%", "百分比", "百分数", "percent", "pct"), ("share", 0.01)),
    **dict.fromkeys(("‰", "千分比", "permille"), ("share", 0.001)),
    **dict.fromkeys(("度", "°"), ("angle", 1.0)),
    **dict.fromkeys(("人", "名", "个", "位", "生", "人次"), ("count", 1.0)),
    **dict.fromkeys(("班", "套", "户", "张", "床", "台", "册", "间", "件", "座"), ("count", 1.0)),
    **dict.fromkeys(("pupils", "seats", "classes", "children", "persons", "units"), ("count", 1.0)),
}
_MULTIPLES: Final = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8}


@dataclass(frozen=True, slots=True)
class WrittenUnit:
    """Dimension of a written unit, and its conversion factor.

    Attributes
    ----------
    dimension
        ``area``, ``length``, ``money``, ``count``, ``share``, ``angle``, or ``any`` for a bare multiple such
        as 万.
    factor
        Dictionary units per written unit.
    """

    dimension: str
    factor: float

    def apply(self, number: float) -> float:
        """Return a number of written units in units of the dictionary.

        Parameters
        ----------
        number
            Number of written units.

        Returns
        -------
        float
            57 % is 0.57: parts are divided, so that no digit is lost.
        """
        return number / round(1 / self.factor) if self.factor < 1 else number * self.factor

    def fits(self, unit: str) -> bool:
        """Return whether the unit can be converted to a unit of the dictionary.

        Parameters
        ----------
        unit
            Unit of a column in the dictionary.

        Returns
        -------
        bool
            True for equal dimensions and for bare multiples.
        """
        return self.dimension in ("any", dimension_of(unit))


def dimension_of(unit: str) -> str:
    """Return the dimension of a unit of the dictionary.

    Parameters
    ----------
    unit
        Unit of a column in the dictionary; empty for none.

    Returns
    -------
    str
        Empty for a column without unit; ``count`` for units that are not listed.

    Examples
    --------
    >>> dimension_of("m²"), dimension_of("pupils"), dimension_of("")
    ('area', 'count', '')
    """
    return _DIMENSION.get(unit, "count")


def read_measure(written: str) -> WrittenUnit | None:
    """Parse a written unit.

    Parameters
    ----------
    written
        Text in brackets of a header, or after the number in a cell.

    Returns
    -------
    WrittenUnit or None
        ``None`` for words that are not a known unit.

    Examples
    --------
    >>> read_measure("万元"), read_measure("人"), read_measure("必填") is None
    (WrittenUnit(dimension='money', factor=10000.0), WrittenUnit(dimension='count', factor=1.0), True)
    >>> round(read_measure("亩").factor, 1)
    666.7
    """
    word = re.sub(r"[\s.]|单位[::]?", "", unicodedata.normalize("NFKC", written).casefold())
    if word in _BASES:
        return WrittenUnit(*_BASES[word])
    for multiple in sorted(_MULTIPLES, key=len, reverse=True):
        if multiple and word.startswith(multiple):
            rest = word.removeprefix(multiple)
            if not rest:
                return WrittenUnit("any", _MULTIPLES[multiple])
            if rest in _BASES:
                dimension, factor = _BASES[rest]
                return WrittenUnit(dimension, factor * _MULTIPLES[multiple])
    return None
