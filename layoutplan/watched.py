"""What a computation reads of a plan, its profile and a study, observed while it runs.

A stage result may be used again if everything that the stage read is as it was. What a stage reads is not
listed by hand, where it could be incomplete, but recorded: settings, rules of the profile and fields of the
study call :func:`note` when they are read. Where no recording is active that costs one comparison.

This is the scheme of *verifying traces* of build systems (A. Mokhov, N. Mitchell, S. Peyton Jones: Build
systems à la carte, 2018, https://doi.org/10.1145/3236774).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

ReadPlace = tuple[str, ...]
"""What was read: kind, then names; ``("setting", "siting", "budget")``, ``("study", "demand")``."""
RULE_INPUT: Final = "rule_input"
"""Kind of the places read of the inputs of the rule book, which are values of the run."""

_Value = TypeVar("_Value")
_active: Final[list[dict[ReadPlace, None]]] = []
"""Places read by the recordings under way, the innermost last."""


def note(*place: str) -> None:
    """Record that a place is read, if a recording is under way.

    Parameters
    ----------
    place
        The place.
    """
    if _active:
        _active[-1][place] = None


@contextmanager
def recording() -> Iterator[dict[ReadPlace, None]]:
    """Record what the block reads; recordings may be nested, and the outer one includes the inner.

    Yields
    ------
    dict
        The places read so far, in the order of their first reading.
    """
    places: dict[ReadPlace, None] = {}
    _active.append(places)
    try:
        yield places
    finally:
        _active.pop()
        if _active:
            _active[-1].update(places)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Record nothing that the block reads: whoever uses its result notes what it depends on."""
    _active.append({})
    try:
        yield
    finally:
        _active.pop()


def remembered(cache: MutableMapping[Any, Any], key: Hashable, find: Callable[[], _Value]) -> _Value:
    """Return what a function computes, cached; each use counts as reading what it read.

    An ordinary cached property would hide from later recordings what the first computation read.

    Parameters
    ----------
    cache
        Holds the results of first calls; of an object its ``__dict__``.
    key
        Key in the cache.
    find
        The function.

    Returns
    -------
    object
        The result of the first call.
    """
    known = cache.get(key)
    if known is None:
        with recording() as places:
            known = find(), tuple(places)
        cache[key] = known
    note_all(known[1])
    value: _Value = known[0]
    return value


def note_all(places: Iterable[ReadPlace]) -> None:
    """Record that places are read, if a recording is under way.

    Parameters
    ----------
    places
        The places.
    """
    for place in places:
        note(*place)
