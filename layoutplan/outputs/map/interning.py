"""Values that are written once however often they occur."""

from __future__ import annotations

import json
from typing import Any


class Interner:
    """A list without repetitions: equal values share one place.

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
        """Return the place of ``value``, adding it if it is new."""
        key = json.dumps(value, sort_keys=True, ensure_ascii=False)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]
