"""Plausible ranges of rule values, from ``ranges.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from layoutplan.standards.rules import RuleValue
from layoutplan.texts import Language, has_text, text


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive range of a rule's numbers, in the unit of the rule.

    Attributes
    ----------
    least, most
        Bounds of every number of the value; of pairs, bounds of the second numbers.
    pair
        Bounds of the first numbers of pairs; ``None`` where the rule has no pairs.
    whole, two, some
        Whether the numbers must be integers; must be two, a first and a last; must not all be 0.
    """

    least: float
    most: float
    pair: tuple[float, float] | None = None
    whole: bool = False
    two: bool = False
    some: bool = False

    def holds(self, value: RuleValue) -> bool:
        """Return whether a value lies in the range.

        Parameters
        ----------
        value
            Value of a rule.

        Returns
        -------
        bool
            False also for texts, and for pairs where none are expected (and vice versa).

        Examples
        --------
        >>> allowed = rule_ranges()["class_size.standard"]
        >>> [allowed.holds(size) for size in (45, 0, -45, 1e308)]
        [True, False, False, False]
        """
        numbers = [*_numbers(value)]
        firsts = [*_firsts(value)]
        return (
            bool(numbers)
            and bool(firsts) is (self.pair is not None)
            and all(self.least <= number <= self.most for number in numbers)
            and all(self.pair[0] <= first <= self.pair[1] for first in firsts if self.pair)
            and not (self.whole and any(number != int(number) for number in numbers))
            and not (self.two and len(numbers) != 2)  # noqa: PLR2004
            and not (self.some and not any(numbers))
        )

    def said(self, unit: str, lang: Language) -> str:
        """Return the range as text: ``≥ 5, ≤ 100 pupils per class``.

        Parameters
        ----------
        unit
            Unit of the rule, ``1`` for none.
        lang
            Language of the text.

        Returns
        -------
        str
            Parts separated by semicolons.
        """
        parts = []
        if self.pair:
            first = f"≥ {_written(self.pair[0])}, ≤ {_written(self.pair[1])}"
            parts.append(text("settings.range.pair", lang, first=first))
        parts.append(f"≥ {_written(self.least)}, ≤ {_written(self.most)} {_unit(unit, lang)}".rstrip())
        parts += [
            text(f"settings.range.{name}", lang) for name in ("whole", "two", "some") if getattr(self, name)
        ]
        return "; ".join(parts)


@cache
def rule_ranges() -> Mapping[str, Range]:
    """Return the ranges of all numeric rules; cached.

    Returns
    -------
    Mapping of str to Range
        By rule key.
    """
    file = resources.files("layoutplan.standards") / "ranges.toml"
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": Range(**{**stated, "pair": tuple(stated["pair"]) if "pair" in stated else None})
        for section, rules in sections.items()
        for name, stated in rules.items()
    }


def _numbers(value: RuleValue) -> Iterator[float]:
    """Yield the numbers of a value; of pairs, the second of each."""
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, tuple):
            yield item[-1]
        elif not isinstance(item, str):
            yield item


def _firsts(value: RuleValue) -> Iterator[float]:
    for item in value if isinstance(value, tuple) else ():
        if isinstance(item, tuple):
            yield item[0]


def _written(number: float) -> str:
    return f"{number:,.15g}" if abs(number) >= 10_000 else f"{number:g}"  # noqa: PLR2004


def _unit(unit: str, lang: Language) -> str:
    """Return the name of a unit in reports; units without a name, and currencies, stay as written."""
    key = f"document.rule_unit.{unit}"
    return "" if unit == "1" else text(key, lang) if has_text(key) else unit
