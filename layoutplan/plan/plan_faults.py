"""What is wrong with a plan, each fault once: with the line it stands on and the nearest name that exists."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from layoutplan.errors import Fault, FaultLog
from layoutplan.plan.layers import Layer, Origins
from layoutplan.standards.toml_file import KeyPath, TomlFile

_LONGEST: Final = 500


@dataclass(frozen=True)
class PlanFaults:
    """Collects the faults of one plan file.

    The plan and its scenarios are checked one after the other into the same ``log``; a fault they share is
    recorded once. ``origins`` tells which layer wrote a key of the merged settings, and so its line.
    """

    source: TomlFile
    file: str
    log: FaultLog
    origins: Origins = field(default_factory=dict)

    def about(self, origins: Origins) -> PlanFaults:
        """Return the same collection for settings that these layers wrote."""
        return replace(self, origins=origins)

    def add(self, code: str, path: KeyPath, /, **params: object) -> None:
        """Record a fault at a key; its parameter ``key`` is the key as it stands in the file."""
        place = self._written(path)
        line = self.source.line(place)
        self.record(
            Fault(
                code=code,
                file=self.file,
                rows=() if line is None else (str(line),),
                row_count=0 if line is None else 1,
                params=MappingProxyType(
                    {name: _cut(value) for name, value in {"key": dotted(place), **params}.items()}
                ),
            ),
        )

    def unknown(self, code: str, path: KeyPath, known: Iterable[str], /, **params: object) -> None:
        """Record a name, the last of ``path``, that is not among those known; the nearest is named."""
        names = list(known)
        nearest = difflib.get_close_matches(str(path[-1])[:_LONGEST], names, n=1, cutoff=0.0)[0]
        self.add(code, path, name=path[-1], nearest=nearest, known=", ".join(names), **params)

    def record(self, fault: Fault) -> None:
        """Record a fault found elsewhere, unless it is recorded already."""
        if fault not in tuple(self.log):
            self.log.extend([fault])

    def _written(self, path: KeyPath) -> KeyPath:
        """Return where a key of the merged settings stands in the file."""
        layer = layer_of(path, self.origins)
        if layer is None:
            return path
        if path[0] == "override" and len(path) > 1:
            place = sum(
                known[0] == "override" and known[1:2] < path[1:2] and self.origins[known] is layer
                for known in self.origins
            )
            path = ("override", place, *path[2:])
        return (*layer.prefix, *path)


def _cut(value: object) -> object:
    """Cut a text that is too long to read, as a name of a hundred thousand letters is."""
    return value if not isinstance(value, str) or len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def dotted(path: KeyPath) -> str:
    """Write a key's path as a planner would.

    Examples
    --------
    >>> dotted(("demand", "births_factor")), dotted(("override", 1, "value"))
    ('demand.births_factor', 'override 2.value')
    """
    words = ""
    for part in path:
        words += f" {part + 1}" if isinstance(part, int) else f".{part}"
    return words.removeprefix(".")


def layer_of(path: KeyPath, origins: Mapping[KeyPath, Layer]) -> Layer | None:
    """Return the layer that wrote a key, or the last one that wrote into it; ``None`` for a default."""
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    inside = [layer for known, layer in origins.items() if known[: len(path)] == path]
    return max(inside, key=lambda layer: layer.order, default=None)
