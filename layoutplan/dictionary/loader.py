"""Load the data dictionary: one TOML file per table in ``dictionary/inputs`` and ``dictionary/results``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from layoutplan.dictionary.schema import Column, Table, Words
from layoutplan.standards import Schooling, System, load_profile
from layoutplan.texts import LANGUAGES, text

_DEFAULT: Final = "cn-national"
"""The profile whose stages and school types the tables have where no other schooling is given."""
_CHOICES: Final = {"stages": "stages", "school_types": "stages.type", "systems": "systems"}
"""Choices that the schooling defines, with the subject of their names."""


def _tables(kind: Literal["input", "result"], schooling: Schooling | None) -> dict[str, Table]:
    return _load(kind, load_profile(_DEFAULT).schooling if schooling is None else schooling)


@cache
def _load(kind: Literal["input", "result"], schooling: Schooling) -> dict[str, Table]:
    return {name: _table(data, kind, schooling) for name, data in _read(kind).items()}


@cache
def _read(kind: Literal["input", "result"]) -> dict[str, dict[str, Any]]:
    """Return the contents of the tables' files by name, in the order of the files."""
    folder = resources.files("layoutplan.dictionary") / f"{kind}s"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name
    )
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return {data["name"]: data for data in read}


def _table(data: dict[str, Any], kind: Literal["input", "result"], schooling: Schooling) -> Table:
    columns: list[Column] = []
    patterns: list[Column] = []
    for entry in data.get("column", []):
        if not schooling.systems and (entry.get("choices_of") == "systems" or "{system}" in entry["name"]):
            continue
        for column in _expand(entry, schooling):
            (patterns if "{" in column.name else columns).append(column)
    return Table(
        name=data["name"],
        title=Words(**data["title"]),
        description=Words(**data["description"]),
        columns=tuple(columns),
        schooling=schooling,
        patterns=tuple(patterns),
        key=tuple(name for name in data.get("key", ()) if name != "system" or schooling.systems),
        geometry=data.get("geometry", "none"),
        required=data.get("required", False),
        kind=kind,
        parts=data.get("parts", False),
        by_system=data.get("by_system", False),
    )


def _expand(entry: dict[str, Any], schooling: Schooling) -> list[Column]:
    """Return the columns of an entry: one per stage where the name has ``{stage}`` (examples by stage)."""
    if "{system}" in entry["name"]:
        return [_of_system(entry, system) for system in schooling.systems]
    if "{stage}" not in entry["name"]:
        return [_column(_with_choices(entry, schooling))]
    made = []
    if entry.get("common") and schooling.common is not None:
        schooling = schooling.common
    entry = {name: value for name, value in entry.items() if name != "common"}
    for stage in schooling.ids:
        filled = {
            name: _fill(value, en=text(f"stages.{stage}", "en"), zh=text(f"stages.{stage}", "zh"))
            for name, value in entry.items()
            if name not in ("name", "examples")
        }
        example = _examples(entry, schooling).get(stage)
        if example is not None:
            filled["example"] = {"en": example, "zh": example}
        made.append(_column({**filled, "name": entry["name"].replace("{stage}", stage)}))
    return made


def _of_system(entry: dict[str, Any], system: System) -> Column:
    """Return the column of a school system."""
    filled = {
        name: _fill(value, en=system.name_en, zh=system.name_zh, marks=("{system}", "{系统}"))
        for name, value in entry.items()
        if name != "name"
    }
    return _column({**filled, "name": entry["name"].replace("{system}", system.id)})


def _examples(entry: dict[str, Any], schooling: Schooling) -> dict[str, str]:
    """Return the examples by stage; where none is of a stage there is, the first compulsory stage has one."""
    examples: dict[str, str] = entry.get("examples", {})
    if not examples or {*examples} & {*schooling.ids}:
        return examples
    return {_usual(schooling): next(iter(examples.values()))}


def _usual(schooling: Schooling) -> str:
    return next(iter((*schooling.compulsory, *schooling.ids)))


def _with_choices(entry: dict[str, Any], schooling: Schooling) -> dict[str, Any]:
    """Return an entry with the stages or school types as its choices, or the labels of grades, as it asks.

    Of the spellings in the file those of other stages are left out; the names of each choice are spellings.
    """
    kind = entry.get("choices_of")
    if kind is None:
        return entry
    if kind == "grades":
        return _with_grades(entry, schooling)
    systems = tuple(system.id for system in schooling.systems)
    choices = {"stages": schooling.ids, "school_types": schooling.type_ids, "systems": systems}[kind]
    spellings = {
        spelling: choice
        for spelling, choice in entry.get("choice_aliases", {}).items()
        if choice in choices and spelling not in choices
    }
    for choice in choices:
        for lang in reversed(LANGUAGES):
            spellings.setdefault(text(f"{_CHOICES[kind]}.{choice}", lang), choice)
    own = {name: value for name, value in entry.items() if name != "choices_of"}
    example = own.get("example")
    if example is not None and example["en"] not in choices and kind != "systems":
        stage = _usual(schooling)
        usual = stage if kind == "stages" else schooling.type_for([stage]) or choices[0]
        own["example"] = {"en": usual, "zh": text(f"{_CHOICES[kind]}.{usual}", "zh")}
    return {**own, "choices": choices, "choice_aliases": spellings}


def _with_grades(entry: dict[str, Any], schooling: Schooling) -> dict[str, Any]:
    """Return an entry of a grade with the labels of the profile's grades as spellings of their numbers."""
    labels = schooling.grade_numbers()
    own = {name: value for name, value in entry.items() if name != "choices_of"}
    spellings = {
        **entry.get("choice_aliases", {}),
        **{label: str(number) for label, number in labels.items()},
    }
    return {**own, "choice_aliases": spellings, "minimum": min(entry["minimum"], *labels.values(), 0)}


def _fill(value: object, *, en: str, zh: str, marks: tuple[str, str] = ("{stage}", "{学段}")) -> object:
    """Replace ``{stage}`` by the stage's English and ``{学段}`` by its Chinese name, at any depth."""
    if isinstance(value, str):
        return value.replace(marks[0], en).replace(marks[1], zh)
    if isinstance(value, list):
        return [_fill(item, en=en, zh=zh, marks=marks) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, en=en, zh=zh, marks=marks) for key, item in value.items()}
    return value


def _column(entry: dict[str, Any]) -> Column:
    data = dict(entry)
    data["header"] = Words(**data["header"])
    data["description"] = Words(**data["description"])
    if "example" in data:
        data["example"] = Words(**data["example"])
    for name in ("choices", "aliases"):
        data[name] = tuple(data.get(name, ()))
    for name in ("plausible", "possible"):
        if name in data:
            data[name] = tuple(data[name])
    data["choice_aliases"] = tuple(data.get("choice_aliases", {}).items())
    return Column(**data)


def input_tables(schooling: Schooling | None = None) -> dict[str, Table]:
    """Return the input tables by name.

    Parameters
    ----------
    schooling
        Stages and school types of the columns; those of the national profile if none is given.

    Returns
    -------
    dict of str to Table
        A new dict; ordered by file name.
    """
    return dict(_tables("input", schooling))


def given_tables(schooling: Schooling | None = None) -> dict[str, Table]:
    """Return the input tables by name as a user gives them.

    Where a city has several school systems, a row of some tables is of one of them: its system is in column
    ``system``, and its stages and types are those that the systems share.

    Parameters
    ----------
    schooling
        As for :func:`input_tables`.

    Returns
    -------
    dict of str to Table
        A new dict; ordered by file name.
    """
    own = input_tables(schooling)
    if schooling is None or not schooling.systems:
        return own
    shared = _tables("input", schooling.as_given)
    return {name: shared[name] if table.by_system else table for name, table in own.items()}


def result_tables(schooling: Schooling | None = None) -> dict[str, Table]:
    """Return the result tables of a run by name.

    Parameters
    ----------
    schooling
        As for :func:`input_tables`.

    Returns
    -------
    dict of str to Table
        A new dict; ordered by file name.
    """
    return dict(_tables("result", schooling))


def input_table(name: str, schooling: Schooling | None = None) -> Table:
    """Return an input table.

    Parameters
    ----------
    name
        Name of the table.
    schooling
        As for :func:`input_tables`.

    Returns
    -------
    Table
        Its definition.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    return _tables("input", schooling)[name]


def result_table(name: str, schooling: Schooling | None = None) -> Table:
    """Return a result table.

    Parameters
    ----------
    name
        Name of the table.
    schooling
        As for :func:`input_tables`.

    Returns
    -------
    Table
        Its definition.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    return _tables("result", schooling)[name]
