"""Description of the keys of ``plan.toml``: type, choices, range and default."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from layoutplan.plan.settings import SECTIONS, Override, Settings, TableSettings, Unit
from layoutplan.texts import LANGUAGES, Language, Said, text

_KINDS: Final = {int: "integer", float: "number", str: "text", bool: "flag", Path: "file"}
_SIGNS: Final = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))

DESCRIBED: Final[dict[str, type[Settings]]] = {
    **SECTIONS,
    "tables": TableSettings,
    "override": Override,
}
"""Every section with keys, in the order of the manual; ``tables`` stands for each table."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section.

    ``kind`` is an entry of ``settings.kind`` in the texts; ``default`` is in TOML syntax, ``None`` for none.
    """

    section: str
    name: str
    kind: str
    choices: tuple[str, ...]
    limits: Said
    default: str | None
    required: bool

    def meaning(self, lang: Language) -> str:
        """Return the meaning of the key.

        Parameters
        ----------
        lang
            Language of the text.

        Returns
        -------
        str
            Text from ``texts/settings.toml``.
        """
        return text(f"settings.{self.section}.{self.name}", lang)


def keys_of(section: str) -> Iterator[Key]:
    """Yield the keys of a section, in the order of its fields.

    Parameters
    ----------
    section
        A key of :data:`DESCRIBED`.

    Yields
    ------
    Key
        Description of one key.
    """
    for name, known in DESCRIBED[section].model_fields.items():
        inner, is_list = _without_none(known.annotation), False
        kind = _kind(inner)
        members = _members(inner)
        is_list = kind in ("list", "table")
        default = None if known.is_required() else known.get_default(call_default_factory=True)
        yield Key(
            section=section,
            name=name,
            kind=kind,
            choices=_choices(members if is_list else (inner,)),
            limits={lang: allowed(known, lang) for lang in LANGUAGES},
            default=None if default is None else as_toml(default),
            required=known.is_required(),
        )


def _without_none(annotation: Any) -> Any:  # noqa: ANN401  (a type as written)
    """Return the type of an optional key without ``None``; a union of several types is unchanged."""
    if get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return get_args(members[0])[0] if get_origin(members[0]) is Annotated else members[0]
    return annotation


def _kind(annotation: Any) -> str:  # noqa: ANN401
    origin = get_origin(annotation)
    if origin is tuple:
        return "list"
    if origin is dict:
        return "table"
    if origin is Literal:
        return "text"
    if origin in (Union, types.UnionType) and Path in get_args(annotation):
        return "files"
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return "table"
    return _KINDS.get(annotation, "any")


def _members(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Return the types inside a list or table: for a table the type of its keys, then of its values."""
    return tuple(member for member in get_args(annotation) if member is not Ellipsis)


def _choices(annotations: Iterable[Any]) -> tuple[str, ...]:
    """Return the values of the first literal type."""
    for annotation in annotations:
        if get_origin(annotation) is Literal:
            return tuple(str(choice) for choice in get_args(annotation))
    return ()


def allowed(field: FieldInfo, lang: Language) -> str:
    """Return the range of a number, or of the numbers in a table, with its unit.

    Parameters
    ----------
    field
        Field of a settings model.
    lang
        Language of the unit.

    Returns
    -------
    str
        Empty if the field has neither bounds nor unit.

    Examples
    --------
    >>> from layoutplan.plan.settings import DemandSettings, SitingSettings
    >>> allowed(SitingSettings.model_fields["time_limit_s"], "en")
    '> 0, ≤ 604,800 s'
    >>> allowed(DemandSettings.model_fields["public_share"], "en")
    '≥ 0, ≤ 1'
    """
    bounds, unit = [], ""
    for note in _notes(field.annotation, field.metadata):
        bounds += [f"{sign} {_written(getattr(note, name))}" for name, sign in _SIGNS if hasattr(note, name)]
        if isinstance(note, Unit):
            unit = text(f"settings.unit.{note.name}", lang)
    return " ".join(part for part in (", ".join(bounds), unit) if part)


def _notes(annotation: Any, metadata: Iterable[Any]) -> Iterator[Any]:  # noqa: ANN401
    """Yield the annotations of a field, then those of the types inside it."""
    for note in metadata:
        yield from note.metadata if isinstance(note, FieldInfo) else (note,)
    for member in _members(annotation):
        inner = get_args(member) if get_origin(member) is Annotated else (member,)
        yield from _notes(inner[0], inner[1:])


def _written(bound: float) -> str:
    if abs(bound) < 10_000:  # noqa: PLR2004  a year is written without separators
        return f"{bound:g}"
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:,.15g}"


def as_toml(value: object) -> str:
    """Return a value in TOML syntax.

    Parameters
    ----------
    value
        Text, path, number, flag, or list or table of these.

    Returns
    -------
    str
        On one line; tables inline.

    Examples
    --------
    >>> print(as_toml(("primary", "junior")), as_toml(True), as_toml(0.05))
    ["primary", "junior"] true 0.05
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(as_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        inside = ", ".join(f"{name} = {as_toml(item)}" for name, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (int, float)):
        return repr(value)
    shown = value.as_posix() if isinstance(value, Path) else str(value)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
