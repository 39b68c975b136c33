"""Parse the ``[[stage]]`` and ``[[school_type]]`` entries of a profile file, and record every fault."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

from layoutplan.errors import Fault, FaultLog
from layoutplan.standards.schooling import Schooling, SchoolType, Stage, System
from layoutplan.standards.systems import divided
from layoutplan.standards.toml_file import TomlFile
from layoutplan.texts import has_text, is_shipped, text

_Made = TypeVar("_Made", Stage, SchoolType, System)
_NAMES: Final = ("name_en", "name_zh")
_ID: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_FIELDS: Final[dict[str, dict[str, type]]] = {
    "stage": {"id": str, "name_en": str, "name_zh": str, "compulsory": bool, "grades": list},
    "school_type": {"id": str, "name_en": str, "name_zh": str, "stages": list, "holds": list},
    "system": {"id": str, "name_en": str, "name_zh": str},
}
_SUBJECTS: Final = {"stage": "stages", "school_type": "stages.type", "system": "systems"}


def parse_schooling(
    source: TomlFile, inherited: Schooling | None, *, file: str, log: FaultLog
) -> Schooling | None:
    """Return the stages and school types of a profile file, of each of its school systems if it has any.

    A list that the file does not have is the inherited one. Stages of its own without school types of its own
    have one type each, of the same id.

    Parameters
    ----------
    source
        The profile file as read.
    inherited
        Schooling of the parent; ``None`` without one.
    file
        File name for the report.
    log
        Receives the faults.

    Returns
    -------
    Schooling or None
        ``None`` where the file has neither stages nor a parent.
    """
    reader = _Reader(source, file, log)
    stages = reader.things("stage", _stage)
    types = reader.things("school_type", _school_type)
    systems = reader.things("system", _system)
    if systems is None and inherited is not None:
        systems = inherited.systems
    if inherited is not None and inherited.common is not None:
        inherited = inherited.common
    if stages is None and inherited is None:
        if types is not None:
            reader.fault("profile_types_without_stages", None)
        return None
    known = inherited.stages if stages is None and inherited is not None else stages or ()
    if types is not None:
        made = types
    elif stages is None and inherited is not None:
        made = inherited.types
    else:
        made = tuple(SchoolType(stage.id, (stage.id,), (), stage.name_en, stage.name_zh) for stage in known)
    reader.check_stages(made, {stage.id for stage in known})
    common = Schooling(known, made)
    return divided(common, systems) if systems and not log.errors else common


def _stage(entry: Mapping[str, Any]) -> Stage:
    return Stage(
        entry["id"],
        entry.get("compulsory", False),
        tuple(entry.get("grades", ())),
        entry.get("name_en", ""),
        entry.get("name_zh", ""),
    )


def _school_type(entry: Mapping[str, Any]) -> SchoolType:
    return SchoolType(
        entry["id"],
        tuple(entry.get("stages", ())),
        tuple(entry.get("holds", ())),
        entry.get("name_en", ""),
        entry.get("name_zh", ""),
    )


def _system(entry: Mapping[str, Any]) -> System:
    return System(entry["id"], entry["name_en"], entry["name_zh"])


@dataclass(frozen=True)
class _Reader:
    """The entries of one profile file."""

    source: TomlFile
    file: str
    log: FaultLog

    def fault(self, code: str, place: tuple[str | int, ...] | None, **params: str) -> None:
        """Record a fault of an entry."""
        line = None if place is None else self.source.line(place)
        self.log.extend(
            [
                Fault(
                    code=code,
                    file=self.file,
                    rows=() if line is None else (str(line),),
                    row_count=int(line is not None),
                    params=MappingProxyType(params),
                )
            ]
        )

    def things(self, kind: str, make: Callable[[Mapping[str, Any]], _Made]) -> tuple[_Made, ...] | None:
        """Return the sound entries of a list; ``None`` where the file does not have the list."""
        if kind not in self.source.data:
            return None
        entries = self.source.data[kind]
        if not isinstance(entries, list) or not entries or not all(isinstance(one, dict) for one in entries):
            self.fault("profile_schooling_not_list", (kind,), kind=kind)
            return ()
        made: dict[str, _Made] = {}
        for number, entry in enumerate(entries):
            if not self._is_sound(kind, number, entry):
                continue
            if entry["id"] in made:
                self.fault("profile_schooling_twice", (kind, number), kind=kind, id=entry["id"])
            made[entry["id"]] = make(entry)
        return tuple(made.values())

    def _is_sound(self, kind: str, number: int, entry: Mapping[str, Any]) -> bool:
        before, place, fields = len(self.log), (kind, number), _FIELDS[kind]
        for name, value in entry.items():
            if name not in fields:
                nearest = difflib.get_close_matches(name, fields, n=1, cutoff=0.0)[0]
                self.fault("profile_unknown_key", place, name=name, nearest=nearest)
            elif not _is(value, fields[name]):
                self.fault(f"profile_schooling_{fields[name].__name__}", place, kind=kind, name=name)
        if len(self.log) > before:
            return False
        identity = entry.get("id", "")
        if not _ID.fullmatch(identity):
            self.fault("profile_schooling_id", place, kind=kind, id=identity)
            return False
        self._check_names(f"{_SUBJECTS[kind]}.{identity}", place, entry)
        return len(self.log) == before

    def _check_names(self, key: str, place: tuple[str | int, ...], entry: Mapping[str, Any]) -> None:
        """Check that a stage of its own has names, and that one the package names keeps them."""
        given = {name: entry[name] for name in _NAMES if entry.get(name)}
        if len(given) == len(_NAMES):
            known = {"name_en": text(key, "en"), "name_zh": text(key, "zh")} if is_shipped(key) else given
            if known != given:
                self.fault("profile_schooling_renamed", place, id=entry["id"], **known)
        elif not has_text(key):
            self.fault("profile_schooling_unnamed", place, id=entry["id"])

    def check_stages(self, types: Iterable[SchoolType], known: set[str]) -> None:
        """Record school types that teach stages the profile does not define."""
        for number, kind in enumerate(types):
            for stage in (*kind.stages, *kind.holds):
                if stage not in known:
                    place = ("school_type", number)
                    words = {"id": kind.id, "unknown": stage, "known": ", ".join(sorted(known))}
                    self.fault("profile_type_unknown_stage", place, **words)


def _is(value: object, wanted: type) -> bool:
    if wanted is list:
        return isinstance(value, list) and all(isinstance(item, str) and item for item in value)
    return isinstance(value, wanted)
