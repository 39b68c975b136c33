"""The figures of the scorecard as text: values, thresholds, needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from layoutplan.outputs.wording import write_money
from layoutplan.texts import Language, has_text, number, text

_TEN: Final = 10.0
_LARGE: Final = 100.0  # from here on decimals are not shown


def rule_amount(value: Any, unit: Any, lang: Language, *, currency: str) -> str:  # noqa: ANN401  a frame's cells
    """Return a value or threshold with its unit as text; shares in per cent.

    Parameters
    ----------
    value
        The cell.
    unit
        Unit of the rule.
    lang
        Language of the text.
    currency
        Currency code.

    Returns
    -------
    str
        A dash where missing.
    """
    if pd.isna(value):
        return "–"
    if str(unit).startswith("share"):
        return f"{float(value):.1%}"
    return _counted(value, unit, lang, currency)


def rule_threshold(line: Mapping[Any, Any], lang: Language, *, currency: str) -> str:
    """Return the threshold of a line with its direction as text.

    Parameters
    ----------
    line
        A row of result table ``scorecard``.
    lang
        Language of the text.
    currency
        Currency code.

    Returns
    -------
    str
        A dash where none is in force.
    """
    if pd.isna(line["threshold"]) or not isinstance(line["direction"], str):
        return "–"
    limit = rule_amount(line["threshold"], line["unit"], lang, currency=currency)
    return text(f"scorecard.direction.{line['direction']}", lang, threshold=limit)


def rule_need(line: Mapping[Any, Any], lang: Language, *, currency: str) -> str:
    """Return what it takes to meet a rule as text.

    Parameters
    ----------
    line
        A row of result table ``scorecard``.
    lang
        Language of the text.
    currency
        Currency code.

    Returns
    -------
    str
        A dash where the rule is met, or the need is not known.
    """
    if pd.isna(line["need"]) or line["need"] <= 0 or line["status"] == "met":
        return "–"
    return _counted(line["need"], line["need_unit"], lang, currency)


def amount_text(value: Any) -> str:  # noqa: ANN401
    """Return a number with three significant figures; large and whole ones without decimals.

    Parameters
    ----------
    value
        The cell.

    Returns
    -------
    str
        A dash where missing.

    Examples
    --------
    >>> amount_text(1234.56), amount_text(2.0), amount_text(45.318), amount_text(0.94)
    ('1,235', '2', '45.3', '0.94')
    """
    if pd.isna(value):
        return "–"
    amount = float(value)
    if abs(amount) >= _LARGE or abs(amount - round(amount)) < 5e-4:  # noqa: PLR2004  three figures show no less
        return number(amount, "en")
    return f"{amount:.{3 if abs(amount) < 1 else 2 if abs(amount) < _TEN else 1}f}".rstrip("0").rstrip(".")


def _counted(value: Any, unit: Any, lang: Language, currency: str) -> str:  # noqa: ANN401
    """Write an amount with its unit's word; one of no countable unit as a plain number."""
    if unit == "currency":
        return write_money(value, lang, currency=currency)
    shown = amount_text(value)
    for key in (f"scorecard.{'one' if shown == '1' else 'units'}.{unit}", f"scorecard.units.{unit}"):
        if has_text(key):
            return text(key, lang, n=shown)
    return shown
