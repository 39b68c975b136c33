"""Turn what pydantic finds wrong into faults of ours: in both languages, with the line and the nearest name."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from layoutplan.config.layers import Layer, Origins
from layoutplan.config.settings import Settings
from layoutplan.errors import FaultLog
from layoutplan.standards.toml_file import KeyPath, TomlFile

Section = TypeVar("Section", bound=Settings)

_TYPES: Final = {
    "int_type": "plan_type_integer",
    "int_from_float": "plan_type_integer",
    "float_type": "plan_type_number",
    "string_type": "plan_type_text",
    "path_type": "plan_type_text",
    "bool_type": "plan_type_flag",
    "tuple_type": "plan_type_list",
    "list_type": "plan_type_list",
    "dict_type": "plan_type_table",
    "model_type": "plan_type_table",
}
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "≥"),
    "greater_than": ("gt", ">"),
    "less_than_equal": ("le", "≤"),
    "less_than": ("lt", "<"),
}
_QUOTED: Final = re.compile(r"'([^']*)'")


@dataclass
class Complaints:
    """Collects the faults of one plan, each once, with the place it stands at in the file.

    A fault that the plan and its scenarios share is recorded for the plan only.
    """

    source: TomlFile
    file: str
    log: FaultLog = field(default_factory=FaultLog)

    def add(self, code: str, path: KeyPath, /, origins: Origins | None = None, **params: object) -> None:
        """Record a fault at a key; ``origins`` tells which layer of the merged settings wrote it."""
        layer = None if origins is None else layer_of(path, origins)
        place = _written_path(path, layer, origins)
        line = self.source.line(place)
        known = {"key": dotted(place), **params}
        rows = (str(line),) if line else ()
        twin = (code, rows, known)
        if all(twin != (fault.code, fault.rows, dict(fault.params)) for fault in self.log):
            self.log.add(code, file=self.file, rows=rows, **known)

    def unknown(
        self, code: str, path: KeyPath, known: Iterable[str], origins: Origins | None = None, **params: object
    ) -> None:
        """Record a name that is not among those known, the nearest of which come first."""
        ranked = nearest_first(str(path[-1]), known)
        first = ranked[0] if ranked else "-"
        self.add(code, path, origins, name=path[-1], nearest=first, known=", ".join(ranked), **params)


def dotted(path: KeyPath) -> str:
    """Write a key's path as a planner would: ``demand.births_factor``, ``override 2.value``."""
    words = ""
    for part in path:
        words += f" {part + 1}" if isinstance(part, int) else f".{part}"
    return words.removeprefix(".")


def nearest_first(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names, the most similar first."""
    names = list(known)
    return difflib.get_close_matches(name, names, n=max(1, len(names)), cutoff=0.0)


def layer_of(path: KeyPath, origins: Origins) -> Layer | None:
    """Return the layer that wrote a key, or the last one that wrote into it; ``None`` for a default."""
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    inside = [layer for known, layer in origins.items() if known[: len(path)] == path]
    return max(inside, key=lambda layer: layer.order, default=None)


def _written_path(path: KeyPath, layer: Layer | None, origins: Origins | None) -> KeyPath:
    """Return where a key of the merged settings stands in the file."""
    if layer is None:
        return path
    if path[0] == "override" and len(path) > 1 and origins is not None:
        before = [known for known in origins if known[0] == "override" and known[1:] < path[1:2]]
        own = sum(origins[known] is layer for known in before)
        path = ("override", own, *path[2:])
    return (*layer.prefix, *path)


def read_section(
    model: type[Section], data: object, path: KeyPath, origins: Origins, complaints: Complaints
) -> Section | None:
    """Make settings of what the file says; record every fault and return ``None`` if there is one."""
    try:
        return model.model_validate_json(json.dumps(data, default=_not_json), strict=True)
    except ValidationError as error:
        seen = set()
        for detail in error.errors(include_url=False):
            inner = _path_in(data, detail["loc"])
            if inner not in seen or detail["type"] in ("missing", "extra_forbidden"):
                _complain(detail, model, path, inner, origins, complaints, data=data)
            seen.add(inner)
    return None


def _not_json(value: object) -> list[str]:
    """Stand in for dates and times, which no setting takes."""
    return [str(value)]


def _path_in(data: object, loc: tuple[int | str, ...]) -> KeyPath:
    """Return the part of pydantic's place that exists in the data: it adds names of union members."""
    found: list[int | str] = []
    for part in loc:
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            break
        found.append(part)
    return tuple(found)


def _complain(
    detail: ErrorDetails,
    model: type[Settings],
    path: KeyPath,
    inner: KeyPath,
    origins: Origins,
    complaints: Complaints,
    *,
    data: object,
) -> None:
    """Record one of pydantic's errors as a fault of ours."""
    kind, context = detail["type"], detail.get("ctx", {})
    place = (*path, *inner)
    fields = model.model_fields
    if kind == "extra_forbidden":
        complaints.unknown("plan_unknown_key", place, fields, origins, section=dotted(path))
    elif kind == "missing":
        name = str(detail["loc"][-1])
        complaints.add("plan_missing_key", path, origins, name=name, section=dotted(path))
    elif kind == "literal_error":
        known = _QUOTED.findall(str(context["expected"]))
        if detail["loc"][-1] == "[key]":
            complaints.unknown("plan_unknown_key", place, known, origins, section=dotted(place[:-1]))
        else:
            shown = _shown(detail["input"])
            ranked = nearest_first(shown, known)
            complaints.add("plan_not_a_choice", place, origins, value=shown, known=", ".join(ranked))
    elif kind in _BOUNDS:
        bound, sign = _BOUNDS[kind]
        limit = f"{sign} {context[bound]:g}"
        complaints.add("plan_out_of_range", place, origins, value=_shown(detail["input"]), limit=limit)
    elif kind == "finite_number":
        complaints.add("plan_not_finite", place, origins)
    elif kind in _TYPES and not _is_union(detail, inner):
        complaints.add(_TYPES[kind], place, origins, value=_shown(_value_at(data, inner)))
    else:
        complaints.add("plan_bad_value", place, origins, value=_shown(_value_at(data, inner)))


def _is_union(detail: ErrorDetails, inner: KeyPath) -> bool:
    """Say whether the place names a member of a union: then no single type was expected."""
    return len(detail["loc"]) > len(inner)


def _value_at(data: object, path: KeyPath) -> object:
    for part in path:
        data = data[part]  # type: ignore[index]
    return data


def _shown(value: object) -> str:
    """Write a value as in the file, shortened."""
    longest = 60
    if isinstance(value, bool):
        return "true" if value else "false"
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= longest else words[: longest - 1] + "…"
