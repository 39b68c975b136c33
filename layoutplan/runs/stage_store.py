"""Stage results kept between runs, by the content of what each stage read.

A stage result is used again if everything that the stage read is equal: the files it opens, settings, rules
of the profile, and the values of other stages; and if the program is the same. What a stage reads of plan and
study is observed while it runs (:mod:`layoutplan.watched`), so nothing has to be declared twice.

Values are stored one by one under the hash of their content. A stage that is computed again and gives equal
values therefore leaves the results of later stages valid.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layoutplan.errors import InputError
from layoutplan.runs.identity import digest, identity_of, identity_of_files, program, section_name
from layoutplan.runs.locks import held
from layoutplan.runs.signed_files import MOST_RESULT_BYTES, SignedFiles
from layoutplan.runs.stage_values import (
    LazyValues,
    Reference,
    as_bytes,
    content_of,
    read_back,
    references_to,
    references_to_plan,
)
from layoutplan.runs.written import WrittenFiles, written_files
from layoutplan.watched import RULE_INPUT, ReadPlace, recording

if TYPE_CHECKING:
    from layoutplan.plan import Plan
    from layoutplan.runs.run_stage import RunStage

NOTED: Final = ("plan", "study")
"""Values whose reading is noted field by field."""
WITHOUT_EFFECT: Final = ("store", "evaluator", "kept_measures")
"""Values on which no result depends: caches, and a function of values that are read."""

_FILE, _VALUE, _PROGRAM = "file", "value", "program"
_MOST_COMPARED: Final = 40
_WAIT_S: Final = 4 * 3600.0

Identities = dict[ReadPlace, str | None]


@dataclass(frozen=True)
class StageReuse:
    """How the result of a stage was obtained.

    Attributes
    ----------
    kept
        Whether an earlier result was used.
    changed
        Otherwise, what differs from the earlier result that is most like this one; empty where there is none.
    """

    kept: bool
    changed: tuple[ReadPlace, ...] = ()

    def names(self) -> list[str]:
        """Return what has changed, for the manifest.

        Returns
        -------
        list of str
            Such as ``siting.budget``, ``rule class_size.cap primary 2025``, ``value city``.
        """
        return list(dict.fromkeys(said_place(place) for place in self.changed))


class StageStore:
    """Disk store of stage results.

    Results are byte-identical with and without it. Files are signed (:mod:`layoutplan.runs.signed_files`), so
    content from elsewhere is never loaded; whatever is damaged or missing is computed again.

    Parameters
    ----------
    folder
        Created on the first write. An existing folder that is not one of ours is not used. Several runs may
        use it at once; a result that one of them is computing is waited for.
    """

    def __init__(self, folder: Path) -> None:
        self.files = SignedFiles(folder)

    def is_ours(self) -> bool:
        """Return whether the folder may be used: absent, empty, or identified as ours by its tag."""
        return self.files.is_ours()

    def prune(self, *, most_bytes: int = MOST_RESULT_BYTES) -> None:
        """Remove the least recently used results.

        Parameters
        ----------
        most_bytes
            Allowed size of the rest, bytes.
        """
        self.files.prune(most_bytes=most_bytes)


@dataclass
class StageReuser:
    """Computes the stages of one run, or takes their results from a store.

    Attributes
    ----------
    store
        The store.
    values
        Values of the run; extended.
    report
        How each stage's result was obtained, by name, in order.
    identities
        Identities of the values known so far by name, and of the fields of the study as ``study.<name>``.
    """

    store: StageStore
    values: LazyValues
    report: dict[str, StageReuse] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    _references: dict[int, Reference] = field(default_factory=dict)
    _contents: dict[int, tuple[object, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Identify what the runner gives."""
        self.identify(
            {name: one for name, one in self.values.items() if name not in (*NOTED, *WITHOUT_EFFECT)}
        )

    def identify(self, given: Mapping[str, Any]) -> None:
        """Identify values that no stage has given.

        Parameters
        ----------
        given
            Values by name.
        """
        for name, value in given.items():
            said = list(identity_of_files(value).items()) if name == "layout_files" else value
            identity = content_of(said, {})
            if identity is not None:
                self.identities[name] = identity

    def complete(self, stage: RunStage) -> None:
        """Add the values of a stage, computed or stored.

        Parameters
        ----------
        stage
            The stage; all that it reads is there.
        """
        if not stage.kept:
            given = stage.given_by(self.values)
            self.values.update(given)
            for name, value in given.items():
                self._identify_fields(name, value)
            return
        files = identity_of_files(stage.files(self.values["plan"]))
        found = self._stored(stage, files)
        with ExitStack() as locks:
            if found is None:
                for key in self._possible(stage, files)[:1]:
                    locks.enter_context(_alone(self.store.files.folder, f"{stage.name}-{key}"))
                found = self._stored(stage, files)
            if found is None:
                self._compute(stage, files)
            else:
                self._take(stage, found)

    def identity_of_content(self, value: object) -> str | None:
        """Return the identity of the content of any value of the run.

        Parameters
        ----------
        value
            A value of the run or a part of one.

        Returns
        -------
        str or None
            A digest; ``None`` for a value that cannot be stored.
        """
        reference = self._references.get(id(value))
        if reference is not None and not reference[2]:
            return reference[1]
        if id(value) not in self._contents:  # the value is held, so that no other takes its id
            self._contents[id(value)] = value, content_of(value, self._references)
        return self._contents[id(value)][1]

    def written(self) -> WrittenFiles:
        """Return the record of the files of this run, when all stages are complete."""
        return written_files(self.store.files.folder, self.values["plan"], self.identities)

    def _identify_fields(self, name: str, value: Any) -> None:  # noqa: ANN401  any frozen value
        """Identify the fields of a value that was put together: most are values of other stages."""
        for one in dataclasses.fields(value):
            part = vars(value)[one.name]
            reference = self._references.get(id(part))
            if reference is not None and not reference[2]:
                self.identities[f"{name}.{one.name}"] = reference[1]
            elif one.name not in NOTED and (found := content_of(part, self._references)) is not None:
                self.identities[f"{name}.{one.name}"] = found

    def _stored(self, stage: RunStage, files: Mapping[str, str]) -> dict[str, str] | None:
        """Return the identities of a stage's values where they are stored for what it would read."""
        for key in self._possible(stage, files):
            entry = self._json(f"{stage.name}-{key}.entry")
            gives: dict[str, str] = {} if entry is None else entry["gives"]
            if entry is not None and all(
                self.store.files.has(_value_file(name, one)) for name, one in gives.items()
            ):
                return gives
        return None

    def _possible(self, stage: RunStage, files: Mapping[str, str]) -> list[str]:
        """Return the keys that the stage has with each set of places that it was seen to read."""
        keys = []
        for name in self.store.files.names(f"{stage.name}-*.places"):
            places = self._json(name)
            read = None if places is None else self._read(stage, map(tuple, places), files)
            if read is not None:
                keys.append(_key(stage, read))
        return keys

    def _read(
        self, stage: RunStage, places: Iterable[ReadPlace], files: Mapping[str, str]
    ) -> Identities | None:
        """Return everything that a stage reads with its identity; ``None`` if something has none."""
        plan: Plan = self.values["plan"]
        named = [(_VALUE, name) for name in stage.reads if name not in (*NOTED, *WITHOUT_EFFECT)]
        read: Identities = {(_PROGRAM,): program()}
        read |= {(_FILE, path): one for path, one in files.items()}
        read |= {place: identity_of(place, plan, self.identities) for place in (*named, *places)}
        return None if None in read.values() else read

    def _take(self, stage: RunStage, gives: Mapping[str, str]) -> None:
        for name, identity in gives.items():
            self.identities[name] = identity
            self.values.later(name, partial(self._load, stage, name, identity))
        self.report[stage.name] = StageReuse(kept=True)

    def _load(self, stage: RunStage, name: str, identity: str) -> Any:  # noqa: ANN401  any value
        """Return a stored value; if its file has been damaged or removed, compute the stage."""
        data = self.store.files.get(_value_file(name, identity))
        if data is None:
            self._compute(stage, identity_of_files(stage.files(self.values["plan"])))
            return self.values[name]
        found = read_back(data, self.values.__getitem__)
        self._references |= references_to(name, identity, found)
        return found

    def _compute(self, stage: RunStage, files: Mapping[str, str]) -> None:
        with recording() as noted:
            given = stage.given_by(self.values)
        self.values.update(given)
        places = sorted(place for place in noted if place[0] != RULE_INPUT)  # values, read by the stage
        read = self._read(stage, places, files)
        key = None if read is None else _key(stage, read)
        gives = self._keep(given, key or "")
        self.report[stage.name] = StageReuse(kept=False, changed=self._changed(stage, read or {}))
        if read is None or gives is None:
            return
        self._put(f"{stage.name}-{digest(json.dumps(places))}.places", places)
        said = [[list(place), one] for place, one in read.items()]
        self._put(f"{stage.name}-{key}.entry", {"gives": gives, "read": said})

    def _keep(self, given: Mapping[str, object], key: str) -> dict[str, str] | None:
        """Store the values of a stage; return their identities, or ``None`` if one cannot be stored."""
        gives, whole = {}, True
        plan = references_to_plan(self.values["plan"])
        others = {id(self.values["store"]): ("store", "", "")} if self.values["store"] is not None else {}
        references = {**self._references, **plan, **others}
        for name, value in given.items():
            identity = content_of(value, references)
            gives[name] = identity or digest(f"{key} {name}")
            if identity is None or not self._store_value(name, identity, value, references):
                whole = False
        for name, value in given.items():
            self.identities[name] = gives[name]
            self._references |= references_to(name, gives[name], value)
        return gives if whole else None

    def _store_value(
        self, name: str, identity: str, value: object, references: Mapping[int, Reference]
    ) -> bool:
        """Store a value that is not there yet; return whether it is now."""
        file = _value_file(name, identity)
        if self.store.files.get(file) is not None:
            return True
        data = as_bytes(value, references)
        if data is not None:
            self.store.files.put(file, data)
        return data is not None

    def _changed(self, stage: RunStage, read: Identities) -> tuple[ReadPlace, ...]:
        """Return the places that differ from the stored result most like this one."""
        best: tuple[ReadPlace, ...] | None = None
        for name in self.store.files.names(f"{stage.name}-*.entry")[:_MOST_COMPARED]:
            entry = self._json(name)
            if entry is None:
                continue
            before = {tuple(place): one for place, one in entry["read"]}
            differs = tuple(place for place, one in before.items() if read.get(place, one) != one)
            gone = tuple(place for place in before if place[0] == _FILE and place not in read)
            found = (*differs, *gone, *(place for place in read if place[0] == _FILE and place not in before))
            if best is None or 0 < len(found) < len(best):
                best = found
        return best or ()

    def _json(self, name: str) -> Any:  # noqa: ANN401  JSON
        data = self.store.files.get(name)
        return None if data is None else json.loads(data)

    def _put(self, name: str, content: object) -> None:
        self.store.files.put(name, memoryview(json.dumps(content, ensure_ascii=False).encode()))


def said_place(place: ReadPlace) -> str:
    """Return the name of something that a stage read.

    Parameters
    ----------
    place
        The place.

    Returns
    -------
    str
        Settings by section and key; otherwise kind and names.
    """
    kind, *names = place
    if kind == "setting":
        return f"{section_name(names[0])}.{names[1]}"
    if kind == "rule":
        return " ".join(("rule", names[2], *names[3:], names[1])).replace("  ", " ")
    if kind == _FILE:
        return f"file {Path(names[0]).name}"
    return " ".join((kind, *names))


def _key(stage: RunStage, read: Identities) -> str:
    said = sorted((list(place), one) for place, one in read.items())
    return digest(json.dumps([stage.name, said], ensure_ascii=False))


def _value_file(name: str, identity: str) -> str:
    return f"{name}-{identity}.value"


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """Let one process compute a result that others wait for; without a lock it is computed twice."""
    with ExitStack() as locks:
        with suppress(InputError, OSError):
            locks.enter_context(held(folder / name, wait_s=_WAIT_S))
        yield
