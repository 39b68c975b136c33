"""Interning: equal values of the payload are written once."""

from __future__ import annotations

import json
from typing import Any


class Interner:
    """Ordered list without repetitions: equal values share one index.

    Examples
    --------
    >>> pool = Interner()
    >>> [pool.add(value) for value in ("a", "b", "a")], pool.values
    ([0, 1, 0], ['a', 'b'])
    """

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def add(self, value: Any) -> int:  # noqa: ANN401  any JSON value
        """Return the index of ``value``, adding it if it is new.

        Parameters
        ----------
        value
            Any value that JSON can hold.

        Returns
        -------
        int
            Index in ``values``.
        """
        key = json.dumps(value, sort_keys=True, ensure_ascii=False)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]
