"""Identity of what a stage reads: digests of settings, rules, files, values and of the program itself."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

from layoutplan.plan import Plan
from layoutplan.plan.settings import SECTIONS, Settings
from layoutplan.watched import ReadPlace, unrecorded

_SECTION: Final = {model.__name__: name for name, model in SECTIONS.items()}
_NOT_CODE: Final = frozenset({"__pycache__"})
_HEX: Final = 40


def digest(text: str | bytes | memoryview) -> str:
    """Return the identity of a text.

    Parameters
    ----------
    text
        The text.

    Returns
    -------
    str
        The first 160 bits of its SHA-256, hexadecimal.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()[:_HEX]


@cache
def program() -> str:
    """Return the identity of the program: its own files, the interpreter and every package installed.

    A result computed by other code or with another release of a library is not used again.

    Returns
    -------
    str
        A digest.
    """
    folder = Path(str(resources.files("layoutplan")))
    found = hashlib.sha256(f"{sys.version} {platform.machine()} {sys.byteorder}".encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _NOT_CODE.intersection(path.parts):
            found.update(path.relative_to(folder).as_posix().encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    packages = sorted({f"{one.name} {one.version}" for one in metadata.distributions()})
    found.update("\n".join(packages).encode())
    return found.hexdigest()[:_HEX]


def section_name(model: str) -> str:
    """Return the name of a section in the file.

    Parameters
    ----------
    model
        Name of the class of its settings.

    Returns
    -------
    str
        Such as ``siting``; of settings that are no section the name of the class.
    """
    return _SECTION.get(model, model)


def identity_of(place: ReadPlace, plan: Plan, values: Mapping[str, str]) -> str | None:
    """Return the identity of what a stage read at a place.

    Parameters
    ----------
    place
        A place that was noted (:mod:`layoutplan.watched`), or ``("value", name)``.
    plan
        The plan of the run.
    values
        Identities of the values known so far by name, and of the fields of the study as ``study.<name>``.

    Returns
    -------
    str or None
        A digest; ``None`` for a value that has none.
    """
    kind, *names = place
    if kind == "value":
        return values.get(names[0])
    if kind == "study":
        return values.get(f"study.{names[0]}")
    with unrecorded():
        return digest(_canonical(_found(kind, names, plan)))


def identity_of_plan(plan: Plan) -> str:
    """Return the identity of a plan: its settings, profile, scenario and place.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    str
        A digest.
    """
    with unrecorded():
        return digest(_canonical(plan))


def _found(kind: str, names: list[str], plan: Plan) -> object:
    """Return the content of a place of the plan or its profile."""
    if kind == "setting":
        section = _SECTION.get(names[0])
        # Settings inside other settings belong to a field of the plan that is noted as a whole.
        return getattr(plan.section(section), names[1], None) if section else None
    if kind == "plan":
        return getattr(plan, names[0], None)
    profile = plan.profile
    if names[0] != profile.id:  # of the package, which is part of the program, or compared, noted as a whole
        return names[0]
    if kind == "rule":
        return profile.at(int(names[1])).find(names[2], names[3])
    if kind == "stages":
        return profile.at(int(names[1])).stages
    return getattr(profile, names[1], None)


def _canonical(value: object) -> str:
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:  # noqa: ANN401  any value of a plan
    """Return a value as JSON can hold it; equal for equal values, and different for different ones."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Settings):
        return {"": type(value).__name__, **{name: _plain(one) for name, one in value}}
    if dataclasses.is_dataclass(value):
        kept = [field.name for field in dataclasses.fields(value) if field.compare]
        return {"": type(value).__name__, **{name: _plain(getattr(value, name)) for name in kept}}
    if isinstance(value, Mapping):
        return [[_plain(key), _plain(one)] for key, one in value.items()]
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return f"{type(value).__name__} {value!s}"


def identity_of_files(paths: Iterable[Path]) -> dict[str, str]:
    """Return the identity of files, with those beside them that a reader of their format may open.

    Parameters
    ----------
    paths
        The files. Those that share the name up to the suffix are included (``.dbf``, ``.prj``, ``.cpg``,
        ``-wal``, ``.aux.xml``).

    Returns
    -------
    dict
        Digest by path.
    """
    return {str(path): _file(path) for path in dict.fromkeys(paths)}


def _file(path: Path) -> str:
    found = hashlib.sha256()
    try:
        beside = {path, *path.parent.glob(f"{_literal(path.stem)}.*")}
        inside = {one for part in beside if part.is_dir() for one in part.rglob("*")}
        for part in sorted(one for one in beside | inside if one.is_file()):
            found.update(part.name.encode("utf-8", "surrogatepass"))
            with part.open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
    except (OSError, ValueError) as error:
        return digest(f"{type(error).__name__} {path}")
    return found.hexdigest()[:_HEX]


def _literal(name: str) -> str:
    """Return a name as a pattern that matches it alone."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
