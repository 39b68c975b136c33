"""Layers of settings: ``plan.toml``, then the changes of each scenario, with the origin of each value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from layoutplan.standards.toml_file import KeyPath

Origins = Mapping[KeyPath, "Layer"]

_REPLACED_WHOLE: Final = frozenset({("population", "age_shares"), ("population", "age_profile")})
"""Distributions, which are replaced as a whole: a mixture of two distributions has no meaning."""


@dataclass(frozen=True)
class Layer:
    """Settings from one source: the plan itself (``scenario`` is ``None``) or a scenario.

    ``prefix`` is the path of the settings in the file, from which line numbers of faults are found; ``order``
    increases with each layer applied.
    """

    scenario: str | None
    prefix: KeyPath
    data: Mapping[str, Any]
    order: int = 0
    label: str = ""

    @property
    def name(self) -> str:
        """``plan.toml``, ``scenario high-growth``, or the ``label`` of a layer that no file holds."""
        if self.label:
            return self.label
        return "plan.toml" if self.scenario is None else f"scenario {self.scenario}"


def merge(layers: Sequence[Layer]) -> tuple[dict[str, Any], dict[KeyPath, Layer]]:
    """Merge layers in order, and return the settings with the layer that each value came from.

    Tables are merged key by key; the value of a later layer replaces an earlier one. Lists are replaced; only
    ``[[override]]`` entries are appended to the earlier ones, so that they are applied in order. Age
    distributions are replaced as a whole.

    Parameters
    ----------
    layers
        Layers in the order in which they are applied.

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
    """Merge ``above`` into ``below`` and record the layer of every value of ``above``."""
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
    """Return the scenarios that a scenario builds on, and itself, in the order of application.

    Parameters
    ----------
    name
        Name of the scenario.
    bases
        For each scenario its base scenario, or ``None`` for the plan itself.

    Returns
    -------
    tuple of str
        A cyclic chain stops at the repeated scenario and begins with it: ``("a", "b", "a")``.

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
