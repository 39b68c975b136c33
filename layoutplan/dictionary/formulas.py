"""Sums of columns in the plan, such as ``basez + 0.15 * student_gen``.

The text is parsed by Python's parser and evaluated by this module: headers, numbers, ``+ - * /`` and
parentheses; anything else is refused. Headers that are not plain words stand in backticks.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.dictionary.nearest import header_key

_LONGEST: Final = 1_000
_DEEPEST: Final = 400  # levels: a sum of that many columns
_QUOTED: Final = re.compile(r"`([^`]+)`")
_PLACE: Final = "quoted_header_{}_"
_OPERATORS: Final[Mapping[type[ast.operator], Callable[[FloatArray, FloatArray], FloatArray]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}
_SIGNS: Final = (ast.UAdd, ast.USub)


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum of columns.

    Attributes
    ----------
    text
        As written in the plan.
    operands
        Name in the tree → header in the file, each header once.
    """

    text: str
    operands: Mapping[str, str]
    tree: ast.expr

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers that the formula uses, in order."""
        return tuple(dict.fromkeys(self.operands.values()))

    def value(self, columns: Mapping[str, FloatArray]) -> FloatArray:
        """Return the value in every row.

        Parameters
        ----------
        columns
            Numbers by header, NaN where missing; all of one length.

        Returns
        -------
        numpy.ndarray
            NaN where an operand is missing; infinite or NaN after a division by zero.
        """
        with np.errstate(all="ignore"):
            return self._value(self.tree, columns)

    def _value(self, node: ast.expr, columns: Mapping[str, FloatArray]) -> FloatArray:
        if isinstance(node, ast.BinOp):
            left, right = self._value(node.left, columns), self._value(node.right, columns)
            return _OPERATORS[type(node.op)](left, right)
        if isinstance(node, ast.UnaryOp):
            inside = self._value(node.operand, columns)
            return -inside if isinstance(node.op, ast.USub) else inside
        if isinstance(node, ast.Name):
            return columns[self.operands[node.id]]
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return np.asarray(float(node.value), dtype=np.float64)
        raise AssertionError(node)  # parse_formula accepts no other node


@dataclass(frozen=True, slots=True)
class BadFormula:
    """Why a text is no formula.

    Attributes
    ----------
    code
        ``formula_syntax``, or ``formula_unknown_header`` with its names.
    unknown
        Names that are no header of the file.
    known
        Number of names that are headers.
    """

    code: str
    unknown: tuple[str, ...] = ()
    known: int = 0


def parse_formula(text: str, headers: Sequence[str]) -> Formula | BadFormula:
    """Parse a sum of columns.

    Parameters
    ----------
    text
        As written in the plan.
    headers
        Headers of the file.

    Returns
    -------
    Formula or BadFormula
        Names are matched to headers as written, else without case, width, blanks and punctuation.

    Examples
    --------
    >>> formula = parse_formula("basez + 0.15 * `0-4岁（男）`", ["basez", "0-4岁（男）"])
    >>> formula.value({"basez": np.array([10.0, np.nan]), "0-4岁（男）": np.array([100.0, 1.0])}).tolist()
    [25.0, nan]
    >>> parse_formula("basez + __import__('os')", ["basez"]).code
    'formula_syntax'
    """
    quoted: list[str] = []

    def take(match: re.Match[str]) -> str:
        quoted.append(match[1])
        return _PLACE.format(len(quoted) - 1)

    if len(text) > _LONGEST:
        return BadFormula("formula_syntax")
    try:
        tree = ast.parse(_QUOTED.sub(take, text).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return BadFormula("formula_syntax")
    if not _allowed(tree):
        return BadFormula("formula_syntax")
    names = dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    written = {name: name for name in names} | {_PLACE.format(n): word for n, word in enumerate(quoted)}
    by_key = {header_key(header): header for header in reversed(headers)}
    found = {
        name: written[name] if written[name] in headers else by_key.get(header_key(written[name]))
        for name in names
    }
    unknown = tuple(written[name] for name, header in found.items() if header is None)
    if unknown or not names:
        return BadFormula("formula_unknown_header", unknown, known=len(names) - len(unknown))
    return Formula(text, {name: header for name, header in found.items() if header is not None}, tree)


def sum_of(headers: Sequence[str]) -> Formula:
    """Return the sum of some columns.

    Parameters
    ----------
    headers
        At least one header, each once.

    Returns
    -------
    Formula
        Its text is the headers with plus signs between them.
    """
    names = [f"part_{place}_" for place in range(len(headers))]
    tree = ast.parse(" + ".join(names), mode="eval").body
    return Formula(" + ".join(headers), dict(zip(names, headers, strict=True)), tree)


def _allowed(node: ast.expr, depth: int = 0) -> bool:
    """Return whether a tree consists of names, finite numbers, signs and the four operations."""
    if depth > _DEEPEST:
        return False
    if isinstance(node, ast.BinOp):
        inside = _allowed(node.left, depth + 1) and _allowed(node.right, depth + 1)
        return type(node.op) in _OPERATORS and inside
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, _SIGNS) and _allowed(node.operand, depth + 1)
    if isinstance(node, ast.Constant):
        number = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        return number and _is_finite(node.value)
    return isinstance(node, ast.Name)


def _is_finite(value: object) -> bool:
    try:
        return math.isfinite(float(value))  # type: ignore[arg-type]  # an int or a float
    except OverflowError:
        return False
