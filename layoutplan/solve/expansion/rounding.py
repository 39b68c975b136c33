"""Round inequalities up to what whole states and units can do: mixed-integer rounding.

Of ``s + Σ a·y ≥ b`` with ``s ≥ 0`` and whole y follows, for any divisor d, ``s + Σ G(a)·y ≥ G(b)`` with
``G(a) = d · (f·⌊a/d⌋ + min(a/d − ⌊a/d⌋, f))`` and f the fraction of b/d (Marchand and Wolsey 2001,
https://doi.org/10.1287/opre.49.3.363.11211). A shortage of 1,000 seats and schools of 900 need two schools,
where the inequality itself is content with 1.11. Units that a solution uses are first replaced by those that
it leaves out, so that they are counted as there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.solve.expansion.inequalities import ExpansionChoice, FlowInequality

_DIVISORS: Final = 6  # tried for one inequality, the largest
_SMALL: Final = 1e-6
_LEAST_FRACTION: Final = 0.01  # of a divisor: less is lost to tolerances
_HALF: Final = 0.5


def rounded_up(
    inequality: FlowInequality, choice: ExpansionChoice, unit_values: FloatArray
) -> FlowInequality | None:
    """Return the rounded form of an inequality that asks most at a solution; ``None`` if none asks more.

    Parameters
    ----------
    inequality
        Valid for every choice.
    choice
        States of the solution, fractions allowed.
    unit_values
        Value of each column of units in the solution.
    """
    states, used = choice.states[inequality.states, inequality.year], unit_values[inequality.units]
    values = np.concatenate([inequality.state_values, inequality.unit_values])
    at = np.concatenate([states, used])
    split = (at > _SMALL) & (at < 1 - _SMALL) & (values > _SMALL)
    divisors = np.unique(values[split])[::-1][:_DIVISORS]
    asked = inequality.constant - float((values * at).sum())
    best, found = asked + _SMALL * abs(inequality.constant), None
    for least in (_HALF, 1 - _SMALL):  # units that count as used
        sign = np.where((np.arange(len(at)) >= len(states)) & (at > least), -1.0, 1.0)
        constant = inequality.constant - float(values[sign < 0].sum())
        for divisor in divisors:
            fraction = constant / divisor - np.floor(constant / divisor)
            if not _LEAST_FRACTION < fraction < 1 - _LEAST_FRACTION:
                continue
            new = sign * _rounded(sign * values, divisor, fraction)
            right = float(divisor * fraction * np.ceil(constant / divisor)) + float(new[sign < 0].sum())
            asks = right - float((new * at).sum())
            if asks > best:
                best, found = asks, (new, right)
    if found is None:
        return None
    new, right = found
    return replace(
        inequality, state_values=new[: len(states)], unit_values=new[len(states) :], constant=right
    )


def _rounded(values: FloatArray, divisor: float, fraction: float) -> FloatArray:
    whole = np.floor(values / divisor + _SMALL * _SMALL)
    rest = np.maximum(values / divisor - whole, 0.0)
    return np.asarray(divisor * (fraction * whole + np.minimum(rest, fraction)), dtype=np.float64)
