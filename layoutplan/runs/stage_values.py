"""Values of a run as they are stored: each on its own, with references to the others instead of copies."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import pickle
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.plan import Plan
from layoutplan.plan.settings import Settings

Reference = tuple[str, str, str]
"""Name of a value, its identity, and the field of it that is meant (empty: the value itself)."""

_PROTOCOL: Final = 5
_HEX: Final = 40
_NOT_STORED: Final = (pickle.PicklingError, TypeError, AttributeError, RecursionError)
_SHARED = (pd.DataFrame, pd.Series, pd.Index, np.ndarray)


class _Hash:
    """A file that keeps only the hash of what is written to it."""

    def __init__(self) -> None:
        self.sha = hashlib.sha256()

    def write(self, data: bytes | memoryview | pickle.PickleBuffer) -> int:
        """Add data to the hash."""
        self.sha.update(data)
        return memoryview(data).nbytes


class _Writer(pickle.Pickler):
    """Writes a value; objects that other values hold are written as references."""

    def __init__(self, file: io.BytesIO | _Hash, references: Mapping[int, Reference]) -> None:
        super().__init__(file, protocol=_PROTOCOL)
        self._references = references

    def persistent_id(self, obj: object) -> Reference | None:
        return self._references.get(id(obj))


class _Reader(pickle.Unpickler):
    """Reads what :class:`_Writer` wrote."""

    def __init__(self, file: io.BytesIO, value_of: Callable[[str], Any]) -> None:
        super().__init__(file)
        self._value_of = value_of

    def persistent_load(self, pid: Reference) -> object:
        name, _, field = pid
        value = self._value_of(name)
        if field.isdecimal():
            return value.profile.at(int(field))  # the standards of a year
        return getattr(value, field) if field else value


def content_of(value: object, references: Mapping[int, Reference]) -> str | None:
    """Return the identity of the content of a value.

    Equal values are equal here even if parts of one are the same object (a text that two cells share), which
    a pickle records: objects are written each time they occur.

    Parameters
    ----------
    value, references
        As for :func:`as_bytes`.

    Returns
    -------
    str or None
        A digest; ``None`` for a value that cannot be stored.
    """
    for once in (True, False):  # a value that holds itself can only be written with references within
        found = _Hash()
        try:
            writer = _Writer(found, {key: one for key, one in references.items() if key != id(value)})
            writer.fast = once
            writer.dump(value)
        except ValueError:
            continue
        except _NOT_STORED:
            return None
        return found.sha.hexdigest()[:_HEX]
    return None


def as_bytes(value: object, references: Mapping[int, Reference]) -> memoryview | None:
    """Return a value as bytes.

    Parameters
    ----------
    value
        The value.
    references
        What to refer to, by ``id`` of the object.

    Returns
    -------
    memoryview or None
        ``None`` for a value that cannot be stored.
    """
    file = io.BytesIO()
    kept = {key: found for key, found in references.items() if key != id(value)}
    try:
        _Writer(file, kept).dump(value)
    except _NOT_STORED:
        return None
    return file.getbuffer()


def read_back(data: bytes, value_of: Callable[[str], Any]) -> object:
    """Return the value that :func:`as_bytes` wrote.

    Parameters
    ----------
    data
        The bytes, whose origin has been verified.
    value_of
        Returns a value of the run by name.

    Returns
    -------
    object
        The value.
    """
    return _Reader(io.BytesIO(data), value_of).load()


def references_to(name: str, identity: str, value: object) -> dict[int, Reference]:
    """Return the references to a value and to the large fields of it.

    Parameters
    ----------
    name, identity
        Name and identity of the value.
    value
        The value.

    Returns
    -------
    dict
        By ``id`` of the object.
    """
    found: dict[int, Reference] = {}
    if _is_shared(value):
        found[id(value)] = (name, identity, "")
    if dataclasses.is_dataclass(value) and hasattr(value, "__dict__"):
        for field in dataclasses.fields(value):
            part = vars(value).get(field.name)
            if _is_shared(part):
                found.setdefault(id(part), (name, identity, field.name))
    return found


def references_to_plan(plan: Plan) -> dict[int, Reference]:
    """Return the references to a plan, its sections, its profile and the standards of every year.

    What a stage reads of them is noted, so a value that holds one must not hold a copy of it: a later stage
    would read of the copy what the plan of another run says otherwise.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict
        By ``id`` of the object.
    """
    years = plan.general.years
    standards = {id(plan.profile.at(year)): ("plan", "", str(year)) for year in (*years, *_known(plan))}
    return {**standards, **references_to("plan", "", plan)}


def _known(plan: Plan) -> tuple[int, ...]:
    return tuple(plan.profile._at)  # noqa: SLF001  years asked for so far


def _is_shared(value: object) -> bool:
    """Return whether values may hold the same object: frames, arrays, settings and frozen values."""
    if isinstance(value, (*_SHARED, Settings)):
        return True
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


class LazyValues(MutableMapping[str, Any]):
    """Values of a run by name; those that are stored are read when they are first needed."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._known: dict[str, Any] = dict(given)
        self._later: dict[str, Callable[[], Any]] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  any value
        """Return a value."""
        if name in self._later:
            self[name] = self._later[name]()
        return self._known[name]

    def __setitem__(self, name: str, value: object) -> None:
        """Set a value."""
        self._later.pop(name, None)
        self._known[name] = value

    def __delitem__(self, name: str) -> None:
        """Remove a value."""
        if self._later.pop(name, None) is None:
            del self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter({**self._known, **self._later})

    def __len__(self) -> int:
        """Return the number of values."""
        return len({**self._known, **self._later})

    def later(self, name: str, find: Callable[[], Any]) -> None:
        """Set a value that is found when it is first needed.

        Parameters
        ----------
        name
            Name of the value.
        find
            Returns it.
        """
        self._known.pop(name, None)
        self._later[name] = find
