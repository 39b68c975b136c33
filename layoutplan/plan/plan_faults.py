"""Faults of a plan file, each recorded once, with its line and the nearest known name."""

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
    recorded once. ``origins`` gives the layer of each key of the merged settings, and thus its line.
    """

    source: TomlFile
    file: str
    log: FaultLog
    origins: Origins = field(default_factory=dict)

    def about(self, origins: Origins) -> PlanFaults:
        """Return the same collection for other merged settings.

        Parameters
        ----------
        origins
            Layer of each key of those settings.

        Returns
        -------
        PlanFaults
            With the same ``log``.
        """
        return replace(self, origins=origins)

    def add(self, code: str, path: KeyPath, /, **params: object) -> None:
        """Record a fault at a key; its parameter ``key`` is the key as written in the file.

        Parameters
        ----------
        code
            Fault code.
        path
            Path of the key in the merged settings.
        **params
            Values for the text of the fault; long texts are truncated.
        """
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
        """Record an unknown name, with the nearest known one.

        Parameters
        ----------
        code
            Fault code.
        path
            Path of the key; its last part is the unknown name.
        known
            Known names, at least one.
        **params
            Values for the text of the fault.
        """
        names = list(known)
        nearest = difflib.get_close_matches(str(path[-1])[:_LONGEST], names, n=1, cutoff=0.0)[0]
        self.add(code, path, name=path[-1], nearest=nearest, known=", ".join(names), **params)

    def record(self, fault: Fault) -> None:
        """Record a fault unless it is recorded already.

        Parameters
        ----------
        fault
            The fault.
        """
        if fault not in tuple(self.log):
            self.log.extend([fault])

    def _written(self, path: KeyPath) -> KeyPath:
        """Return the path in the file of a key of the merged settings."""
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
    """Truncate a text that is too long for a message."""
    return value if not isinstance(value, str) or len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def dotted(path: KeyPath) -> str:
    """Return a key's path as a user would write it.

    Parameters
    ----------
    path
        Names and list positions (from 0).

    Returns
    -------
    str
        Names joined by dots; list positions counted from 1.

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
    """Return the layer that set a key, or the last one that set a key inside it.

    Parameters
    ----------
    path
        Path of the key in the merged settings.
    origins
        Layer of each key that was set.

    Returns
    -------
    Layer or None
        ``None`` for a default.
    """
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    inside = [layer for known, layer in origins.items() if known[: len(path)] == path]
    return max(inside, key=lambda layer: layer.order, default=None)
