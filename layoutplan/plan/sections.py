"""Read one section of a plan; validation errors of pydantic become faults in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from layoutplan.plan.describe import allowed
from layoutplan.plan.plan_faults import PlanFaults, dotted
from layoutplan.plan.settings import Settings
from layoutplan.standards.toml_file import KeyPath
from layoutplan.texts import LANGUAGES

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
_BOUNDS: Final = ("greater_than_equal", "greater_than", "less_than_equal", "less_than")
_QUOTED: Final = re.compile(r"'([^']*)'")
_LONGEST: Final = 60


def read_section(
    model: type[Section], data: object, *, path: KeyPath, complaints: PlanFaults
) -> Section | None:
    """Validate a section and record every fault.

    Types are strict, as in TOML: a quoted number is not a number, ``true`` is not 1. Keys with faults take
    their defaults, so that the remaining checks run and all faults are found at once.

    Parameters
    ----------
    model
        Settings model of the section.
    data
        The section as parsed.
    path
        Path of the section in the merged settings.
    complaints
        Receives the faults.

    Returns
    -------
    Settings or None
        ``None`` if a required key is missing or faulty, or if the section is not a table.
    """
    try:
        return _validated(model, data)
    except ValidationError as error:
        findings = [_Finding(detail, model, data, path) for detail in error.errors(include_url=False)]
    seen: set[KeyPath] = set()
    for finding in findings:
        if finding.kind in ("missing", "extra_forbidden") or finding.inner not in seen:
            finding.tell(complaints)
        seen.add(finding.inner)
    faulty = {finding.inner[0] for finding in findings if finding.inner}
    if not isinstance(data, dict) or any(
        finding.kind == "missing" and not finding.inner for finding in findings
    ):
        return None
    try:
        return _validated(model, {key: value for key, value in data.items() if key not in faulty})
    except ValidationError:
        return None


def written(section: Settings) -> dict[str, Any]:
    """Return a section as a file would hold it, values that were set without validation included.

    Parameters
    ----------
    section
        A section, possibly made by ``model_copy`` or ``model_construct``, which do not validate.

    Returns
    -------
    dict
        JSON-compatible values by key.
    """
    known = section.model_dump(mode="json", warnings=False)
    return {**known, **{name: value for name, value in vars(section).items() if name not in known}}


def _validated(model: type[Section], data: object) -> Section:
    return model.model_validate_json(json.dumps(data, default=_not_json), strict=True)


def _not_json(value: object) -> list[str]:
    """Replace dates and times, which no setting accepts, by a value of the wrong type."""
    return [str(value)]


@dataclass(frozen=True)
class _Finding:
    """One validation error of pydantic, with the section it belongs to."""

    detail: ErrorDetails
    model: type[Settings]
    data: object
    path: KeyPath

    @property
    def kind(self) -> str:
        return self.detail["type"]

    @property
    def inner(self) -> KeyPath:
        """The part of pydantic's location that exists in the data, without names of union members."""
        return tuple(part for part, _ in self._steps())

    @property
    def value(self) -> str:
        """The faulty value, as in the file."""
        steps = self._steps()
        return _shown(steps[-1][1] if steps else self.data)

    def _steps(self) -> list[tuple[int | str, object]]:
        here: Any = self.data
        steps: list[tuple[int | str, object]] = []
        for part in self.detail["loc"]:
            try:
                here = here[part]
            except (KeyError, IndexError, TypeError):
                break
            steps.append((part, here))
        return steps

    def tell(self, complaints: PlanFaults) -> None:
        """Record the error as a fault of the plan."""
        special: dict[str, Callable[[PlanFaults], None]] = {
            "extra_forbidden": self._unknown_key,
            "missing": self._missing_key,
            "literal_error": self._not_a_choice,
        }
        place = (*self.path, *self.inner)
        is_union = len(self.detail["loc"]) > len(self.inner)
        if self.kind in special:
            special[self.kind](complaints)
        elif self.kind in _BOUNDS:
            complaints.add("plan_out_of_range", place, value=self.value, **self._limits())
        elif self.kind == "finite_number":
            complaints.add("plan_not_finite", place, value=self.value, **self._limits())
        elif is_union:
            code = "plan_type_text" if self._is_path() else "plan_bad_value"
            complaints.add(code, place, value=self.value)
        else:
            complaints.add(_TYPES.get(self.kind, "plan_bad_value"), place, value=self.value)

    def _is_path(self) -> bool:
        """Return whether the key takes a path or a list of paths."""
        field = self.model.model_fields.get(str(self.inner[0])) if self.inner else None
        return field is not None and Path in get_args(field.annotation)

    def _limits(self) -> dict[str, str]:
        """Return the range of the key, in each language."""
        field = self.model.model_fields.get(str(self.inner[0])) if self.inner else None
        said = {} if field is None else {lang: allowed(field, lang) for lang in LANGUAGES}
        return {f"limit_{lang}": said.get(lang) or "-∞ … ∞" for lang in LANGUAGES}

    def _unknown_key(self, complaints: PlanFaults) -> None:
        place = (*self.path, *self.inner)
        known = _model_at(self.model, self.inner[:-1]).model_fields
        complaints.unknown("plan_unknown_key", place, known, section=dotted(place[:-1]))

    def _missing_key(self, complaints: PlanFaults) -> None:
        name, place = str(self.detail["loc"][-1]), (*self.path, *self.inner)
        complaints.add("plan_missing_key", place, name=name, section=dotted(place))

    def _not_a_choice(self, complaints: PlanFaults) -> None:
        place = (*self.path, *self.inner)
        known = _QUOTED.findall(str(self.detail["ctx"]["expected"]))
        if self.detail["loc"][-1] == "[key]":
            complaints.unknown("plan_unknown_key", place, known, section=dotted(place[:-1]))
        else:
            complaints.add("plan_not_a_choice", place, value=self.value, known=", ".join(known))


def _model_at(model: type[Settings], inner: KeyPath) -> type[Settings]:
    """Return the settings model of a table inside a section (``join`` of a table), else the section's."""
    for part in inner:
        field = model.model_fields.get(str(part))
        members = () if field is None else (field.annotation, *get_args(field.annotation))
        inside = [one for one in members if isinstance(one, type) and issubclass(one, Settings)]
        if not inside:
            break
        model = inside[0]
    return model


def _shown(value: object) -> str:
    """Return a value as in the file, truncated."""
    words = json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
