"""What a forecast decides from past errors: the small grids, their defaults, and how one is picked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Final, Literal, TypeVar

import numpy as np

from layoutplan.forecast.history import Floats

Source = Literal["births", "feeder", "own"]

MOST_ORIGINS: Final = 12
"""Rolling origins tried inside the history, the latest ones."""

TRIED_HORIZONS: Final = (1, 2, 3)
"""Years ahead at which a choice is tried on past data."""

_FLOOR: Final = 1e-4  # below a hundredth of a percent an error is no reason to choose
_LARGE: Final = 1e9


@dataclass(frozen=True, slots=True)
class Ageing:
    """How the district's progression ratios are averaged: half-life in years, and doubt of what is not 1."""

    half_life: float = 4.0
    doubt: float = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """How an entry grade follows its source.

    Attributes
    ----------
    half_life
        Of the weights of past entry ratios, years.
    pull
        Elasticity of entry to its source: 1 follows births (or the feeding grade) fully, less leans on the
        district's own recent entry.
    born_before
        Share of a school-year cohort born in the calendar year before.
    trend
        How much of last year's drift of the entry ratio the next year keeps: 0, the ratio stays as it is.
    """

    half_life: float = 3.0
    pull: float = 1.0
    born_before: float = 1 / 3
    trend: float = 0.0


@dataclass(frozen=True, slots=True)
class Effects:
    """How a place's progression is told from its district's.

    ``credibility`` is the number of pupils, in grades of typical size, at which half of what is seen at a
    place is believed; infinite: every place follows its district.
    """

    half_life: float = 4.0
    credibility: float = 8.0


@dataclass(frozen=True, slots=True)
class Shares:
    """How a place's share of an entry grade is found; ``credibility`` as for :class:`Effects`."""

    half_life: float = 2.0
    credibility: float = 1.0


@dataclass(frozen=True)
class Choices:
    """All that was chosen at one origin.

    ``entries`` and ``sources`` go by the position of the entry grade in ``History.grades``.
    """

    ageing: Ageing
    entries: Mapping[int, Entry]
    sources: Mapping[int, Source]
    effects: Effects
    shares: Shares


GRIDS: Final[Mapping[type, Mapping[str, tuple[float, ...]]]] = {
    Ageing: {"half_life": (2.0, 4.0, 8.0), "doubt": (0.0, 1.0, 4.0)},
    Entry: {
        "half_life": (1.5, 3.0, 6.0),
        "pull": (1.0, 0.75, 0.5),
        "born_before": (1 / 3, 0.0),
        "trend": (0.0, 0.8),
    },
    Effects: {"half_life": (2.0, 4.0, 8.0), "credibility": (2.0, 8.0, 32.0, math.inf)},
    Shares: {"half_life": (1.0, 2.0, 4.0), "credibility": (0.25, 1.0, 4.0)},
}
"""The values tried, in steps; the defaults of the classes are the ones believed before any data."""

_STEP_COST: Final = {"born_before": 2, "trend": 2}  # a cut-off date is law; a trend rarely lasts

Choice = TypeVar("Choice", Ageing, Entry, Effects, Shares)


def candidates(default: Choice) -> list[tuple[Choice, int]]:
    """Return every combination of the grid of a choice, with its distance from the default in grid steps."""
    kind = type(default)
    grid = GRIDS[kind]
    names = [field.name for field in fields(kind)]
    found = []
    for values in product(*(grid[name] for name in names)):
        steps = sum(
            _STEP_COST.get(name, 1) * abs(grid[name].index(value) - grid[name].index(getattr(default, name)))
            for name, value in zip(names, values, strict=True)
        )
        found.append((kind(*values), steps))
    return found


def pick(
    choices: Sequence[tuple[Choice, int]],
    loss: Callable[[Choice], Floats],
    *,
    trials: float,
) -> Choice:
    """Return the choice that past errors and prudence together favour.

    The score is ``trials × ln(mean loss) + steps``: the likelihood of the errors (Laplace) times a prior by
    which each grid step away from the default is *e* times less believed. With few trials the default
    holds, with many the errors decide. Ties go to the choice nearer to the default, then to the first.

    Parameters
    ----------
    choices
        Each with its steps from the default.
    loss
        Gives the absolute relative errors of a choice on past data; none of them leaves the default.
    trials
        How many independent errors there are, about.
    """
    scored = []
    for choice, steps in choices:
        errors = loss(choice)
        known = errors[np.isfinite(errors)]
        mean = float(known.mean()) if known.size else 0.0
        scored.append((trials * math.log(min(mean, _LARGE) + _FLOOR) + steps, steps, choice))
    best = min(range(len(scored)), key=lambda place: (round(scored[place][0], 9), scored[place][1], place))
    return scored[best][2]


def rolling_origins(years: int, *, least: int) -> range:
    """Return the positions of past years to forecast from: those with ``least`` years of history, latest."""
    return range(max(least - 1, years - 1 - MOST_ORIGINS), years - 1)
