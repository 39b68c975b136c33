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
"""Dimension of the units the dictionary uses; every other one counts things."""

_BASES: Final[dict[str, tuple[str, float]]] = {
    **dict.fromkeys(("m2", "sqm", "平方米", "平米", "平方"), ("area", 1.0)),
    **dict.fromkeys(("亩",), ("area", 10_000 / 15)),
    **dict.fromkeys(("公顷", "ha", "hm2"), ("area", 10_000.0)),
    **dict.fromkeys(("平方公里", "平方千米", "km2", "sqkm"), ("area", 1_000_000.0)),
    **dict.fromkeys(("米", "m"), ("length", 1.0)),
    **dict.fromkeys(("公里", "千米", "km"), ("length", 1000.0)),
    **dict.fromkeys(("元", "人民币", "rmb", "cny", "yuan"), ("money", 1.0)),
    **dict.fromkeys(("%", "百分比", "百分数"), ("share", 0.01)),
    **dict.fromkeys(("度", "°"), ("angle", 1.0)),
    **dict.fromkeys(("人", "名", "个", "位", "生", "人次"), ("count", 1.0)),
    **dict.fromkeys(("班", "套", "户", "张", "床", "台", "册", "间", "件", "座"), ("count", 1.0)),
    **dict.fromkeys(("pupils", "seats", "classes", "children", "persons", "units"), ("count", 1.0)),
}
_MULTIPLES: Final = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8}


@dataclass(frozen=True, slots=True)
class WrittenUnit:
    """What a written unit measures, and how many of our units one of it is.

    ``dimension`` is ``area``, ``length``, ``money``, ``count``, ``share``, ``angle``, or ``any`` for a bare
    multiple such as 万.
    """

    dimension: str
    factor: float

    def fits(self, unit: str) -> bool:
        """Say whether a value so written can stand in a column of ``unit``."""
        return self.dimension in ("any", dimension_of(unit))


def dimension_of(unit: str) -> str:
    """Return what a unit of the dictionary measures; empty for a column without unit.

    Examples
    --------
    >>> dimension_of("m²"), dimension_of("pupils"), dimension_of("")
    ('area', 'count', '')
    """
    return _DIMENSION.get(unit, "count")


def read_measure(written: str) -> WrittenUnit | None:
    """Return the measure a unit means, ``None`` for words that are no unit we know.

    Examples
    --------
    >>> read_measure("万元"), read_measure("人"), read_measure("必填") is None
    (Measure(dimension='money', factor=10000.0), Measure(dimension='count', factor=1.0), True)
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
