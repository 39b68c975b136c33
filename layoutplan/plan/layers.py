"""A plan is layers: what ``plan.toml`` says, then each scenario's changes; a value knows its layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from layoutplan.standards.toml_file import KeyPath

Origins = Mapping[KeyPath, "Layer"]

_REPLACED_WHOLE: Final = frozenset({("population", "age_shares"), ("population", "age_profile")})
"""Distributions: half of one and half of another mean nothing, so a later layer replaces them whole."""


@dataclass(frozen=True)
class Layer:
    """Settings as written by one author: the plan itself (``scenario`` is ``None``) or a scenario.

    ``prefix`` is where they stand in the file, for the line of a fault.
    """

    scenario: str | None
    prefix: KeyPath
    data: Mapping[str, Any]
    order: int = 0

    @property
    def name(self) -> str:
        """``plan.toml`` or ``scenario high-growth``."""
        return "plan.toml" if self.scenario is None else f"scenario {self.scenario}"


def merge(layers: Sequence[Layer]) -> tuple[dict[str, Any], dict[KeyPath, Layer]]:
    """Lay one layer over the other and return the settings with the layer each value came from.

    Tables merge key by key, a later layer's value wins. Lists are replaced, only ``[[override]]`` entries are
    added to the earlier ones, so that they are applied in order. Age distributions are replaced whole.

    Returns
    -------
    dict, dict
        The settings as one nested dict, and for the path of every value its layer; override entries have the
        paths ``("override", 0)``, ``("override", 1)``, …

    Examples
    --------
    >>> base = Layer(None, (), {"demand": {"births_factor": 1.0, "migration_rate": 0.01}})
    >>> low = Layer("low", ("scenarios", "low"), {"demand": {"births_factor": 0.8}})
    >>> merge([base, low])[0]
    {'demand': {'births_factor': 0.8, 'migration_rate': 0.01}}
    """
    merged: dict[str, Any] = {}
    origins: dict[KeyPath, Layer] = {}
    for layer in layers:
        for section, content in layer.data.items():
            if section == "override" and isinstance(content, list):
                below = merged.get("override")
                entries = list(below) if isinstance(below, list) else []
                for place in range(len(content)):
                    origins["override", len(entries) + place] = layer
                merged["override"] = [*entries, *content]
            else:
                merged[section] = _over(merged.get(section), content, (section,), layer, origins)
    return merged, origins


def _over(below: object, above: object, path: KeyPath, layer: Layer, origins: dict[KeyPath, Layer]) -> object:
    """Lay ``above`` over ``below`` and record the layer of every value of ``above``."""
    mixed = isinstance(below, dict) and isinstance(above, dict) and path not in _REPLACED_WHOLE
    if not mixed:
        for known in [known for known in origins if known[: len(path)] == path]:
            del origins[known]
    if not isinstance(above, dict):
        origins[path] = layer
        return above
    merged: dict[str, Any] = dict(below) if mixed and isinstance(below, dict) else {}
    for key, value in above.items():
        merged[key] = _over(merged.get(key), value, (*path, key), layer, origins)
    return merged


def chain(name: str, bases: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the scenarios that make up ``name``, the bottom one first.

    ``bases`` gives for each scenario the one it stands on, or ``None`` for the plan itself. A chain that
    bites its tail ends there and begins with the scenario met again: ``("a", "b", "a")``.

    Examples
    --------
    >>> chain("worst", {"worst": "low", "low": None})
    ('low', 'worst')
    """
    found = [name]
    below = bases.get(name)
    while below is not None:
        if below in found:
            return (below, *reversed(found))
        found.append(below)
        below = bases.get(below)
    return tuple(reversed(found))
