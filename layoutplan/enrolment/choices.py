"""What a forecast decides from past errors: the small grids, their defaults, and how one is picked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Final, Generic, Literal, TypeVar

import numpy as np

from layoutplan.arrays import FloatArray

EntrySource = Literal["births", "feeder", "own"]

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
    born_before
        Share of a school-year cohort born in the calendar year before; believed beforehand is the profile's
        (:attr:`~layoutplan.standards.Standards.born_before`).
    half_life
        Of the weights of past entry ratios, years.
    pull
        Elasticity of entry to its source: 1 follows births (or the feeding grade) fully, less leans on the
        district's own recent entry.
    trend
        How much of last year's drift of the entry ratio the next year keeps: 0, the ratio stays as it is.
    """

    born_before: float
    half_life: float = 3.0
    pull: float = 1.0
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
    sources: Mapping[int, EntrySource]
    effects: Effects
    shares: Shares


GRIDS: Final[Mapping[type, Mapping[str, tuple[float, ...]]]] = {
    Ageing: {"half_life": (2.0, 4.0, 8.0), "doubt": (0.0, 1.0, 4.0)},
    Entry: {
        "half_life": (1.5, 3.0, 6.0),
        "pull": (1.0, 0.75, 0.5),
        "trend": (0.0, 0.8),
    },
    Effects: {"half_life": (2.0, 4.0, 8.0), "credibility": (2.0, 8.0, 32.0, math.inf)},
    Shares: {"half_life": (1.0, 2.0, 4.0), "credibility": (0.25, 1.0, 4.0)},
}
"""The values tried, in steps; the defaults of the classes are the ones believed before any data."""

_STEP_COST: Final = {"born_before": 2, "trend": 2}  # a cut-off date is law; a trend rarely lasts

AnyChoice = TypeVar("AnyChoice", Ageing, Entry, Effects, Shares)


def candidates(default: AnyChoice) -> list[tuple[AnyChoice, int]]:
    """Return every combination of the grid of a choice, with its distance from the default in grid steps.

    The cut-off date tried beside the default's (the profile's) is the turn of the year.
    """
    kind = type(default)
    grid = dict(GRIDS[kind])
    if isinstance(default, Entry):
        grid["born_before"] = tuple(dict.fromkeys((default.born_before, 0.0)))
    names = [field.name for field in fields(kind)]
    found = []
    for values in product(*(grid[name] for name in names)):
        steps = sum(
            _STEP_COST.get(name, 1) * abs(grid[name].index(value) - grid[name].index(getattr(default, name)))
            for name, value in zip(names, values, strict=True)
        )
        found.append((kind(*values), steps))
    return found


@dataclass(frozen=True)
class Trials(Generic[AnyChoice]):
    """How far off each choice would have been from every past year, so that any year can choose by its past.

    Attributes
    ----------
    choices
        Each with its steps from the default.
    errors
        Absolute relative errors ÷ √h: choices × years × parts × :data:`TRIED_HORIZONS`, a year being the one
        forecast from; nan where there is nothing to compare.
    least
        Years of history before a year is forecast from.
    worth
        For each year, how many independent errors a forecast from it gives, about.
    """

    choices: Sequence[tuple[AnyChoice, int]]
    errors: FloatArray
    least: int
    worth: FloatArray

    def best(self, known: int) -> AnyChoice:
        """Return the choice that the errors seen by the year at position ``known``, and prudence, favour.

        The score is ``trials × ln(mean error) + steps``: the likelihood of the errors (Laplace) times a prior
        by which each grid step away from the default is *e* times less believed. With few trials the default
        holds, with many the errors decide. Ties go to the choice nearer to the default, then to the first.
        """
        origins = np.array(rolling_origins(known + 1, least=self.least), dtype=int)
        seen = origins[:, None] + np.array(TRIED_HORIZONS) <= known
        errors = np.where(seen[:, None], self.errors[:, origins], np.nan)
        trials = float(self.worth[origins].sum())
        scored: list[tuple[float, int, int, AnyChoice]] = []
        for (choice, steps), own in zip(self.choices, errors, strict=True):
            finite = own[np.isfinite(own)]
            mean = float(finite.mean()) if finite.size else 0.0
            score = trials * math.log(min(mean, _LARGE) + _FLOOR) + steps
            scored.append((round(score, 9), steps, len(scored), choice))
        return min(scored, key=lambda one: one[:3])[3]


def try_choices(
    default: AnyChoice,
    error_of: Callable[[AnyChoice, int], FloatArray],
    *,
    worth: FloatArray,
    least: int,
    among: Callable[[AnyChoice], bool] = lambda _: True,
) -> Trials[AnyChoice]:
    """Return the trials of every candidate from every past year that a choice can come to rest on.

    Parameters
    ----------
    default
        The choice believed before any data.
    error_of
        Gives the errors of a choice from the year at a position: parts × :data:`TRIED_HORIZONS`.
    worth
        As of :class:`Trials`, one a year.
    least
        Years of history before the first trial.
    among
        Which candidates to try; the default must be one.
    """
    years = len(worth)
    origins = range(max(least - 1, years - 1 - 2 * MOST_ORIGINS), years - 1)
    tried = [one for one in candidates(default) if among(one[0])]
    found = [np.array([error_of(choice, place) for place in origins]) for choice, _ in tried]
    parts = found[0].shape[1] if origins else 0
    errors = np.full((len(tried), years, parts, len(TRIED_HORIZONS)), np.nan)
    if origins:
        errors[:, origins.start : origins.stop] = np.array(found)
    return Trials(tried, errors, least, worth)


def rolling_origins(years: int, *, least: int) -> range:
    """Return the positions of past years to forecast from: those with ``least`` years of history, latest."""
    return range(max(least - 1, years - 1 - MOST_ORIGINS), years - 1)
