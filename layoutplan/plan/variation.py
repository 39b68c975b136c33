"""Changes to a plan that are written in Python, as the layer that a scenario of the file would be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from layoutplan.plan.layers import Layer
from layoutplan.plan.plan_faults import PlanFaults
from layoutplan.plan.scenarios import LAYERED, check_name
from layoutplan.standards.toml_file import DEEPEST, is_too_deep, unprintable


def variation_layer(
    changes: Mapping[str, object], *, name: str, order: int, complaints: PlanFaults
) -> Layer | None:
    """Return changes as a layer of settings, and record what no file could hold.

    Parameters
    ----------
    changes
        Values by key; keys may be dotted (``demand.births_factor``) or nested.
    name
        Name of the variation.
    order
        Number of layers below.
    complaints
        Receives the faults.

    Returns
    -------
    Layer or None
        ``None`` if the changes are nested too deeply to be read.
    """
    check_name(name, (name,), complaints)
    if is_too_deep(dict(changes)):
        complaints.add("toml_too_deep", (name,), levels=DEEPEST)
        return None
    data: dict[str, Any] = {}
    for key, value in changes.items():
        _set(data, key.split("."), _as_read(value), complaints)
    for path in unprintable(data):
        complaints.add("plan_vary_characters", path)
    for section in data:
        if section not in LAYERED:
            complaints.unknown("plan_unknown_section", (section,), LAYERED)
    return Layer(name, (), data, order=order, label=f"variation {name}")


def _set(data: dict[str, Any], names: list[str], value: object, complaints: PlanFaults) -> None:
    """Set a key of nested tables; tables given twice are merged."""
    here = data
    for at, name in enumerate(names[:-1], start=1):
        inner = here.setdefault(name, {})
        if not isinstance(inner, dict):
            complaints.add("plan_type_table", tuple(names[:at]), value=str(inner))
            return
        here = inner
    last = names[-1]
    if isinstance(value, dict) and isinstance(here.get(last), dict):
        for inner_name, inner_value in value.items():
            _set(here[last], [inner_name], inner_value, complaints)
    else:
        here[last] = value


def _as_read(value: object) -> object:
    """Return a value as the reader of a TOML file gives it: paths as text, NumPy scalars as numbers."""
    if isinstance(value, Mapping):
        return {str(key): _as_read(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_read(inner) for inner in value]
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return value.item()
    return value
