"""Load the data dictionary: one TOML file per table in ``dictionary/inputs`` and ``dictionary/results``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from layoutplan.dictionary.schema import Column, Table, Words

STAGES = ("kindergarten", "primary", "junior", "senior")


@cache
def _load(kind: Literal["input", "result"]) -> dict[str, Table]:
    folder = resources.files("layoutplan.dictionary") / f"{kind}s"
    tables = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            table = _table(tomllib.loads(file.read_text(encoding="utf-8")), kind)
            tables[table.name] = table
    return tables


def _table(data: dict[str, Any], kind: Literal["input", "result"]) -> Table:
    columns: list[Column] = []
    patterns: list[Column] = []
    for entry in data.get("column", []):
        for column in _expand(entry):
            (patterns if "{" in column.name else columns).append(column)
    return Table(
        name=data["name"],
        title=Words(**data["title"]),
        description=Words(**data["description"]),
        columns=tuple(columns),
        patterns=tuple(patterns),
        key=tuple(data.get("key", ())),
        geometry=data.get("geometry", "none"),
        required=data.get("required", False),
        kind=kind,
        parts=data.get("parts", False),
    )


def _expand(entry: dict[str, Any]) -> list[Column]:
    """Return the columns of an entry: one per stage where the name has ``{stage}`` (examples by stage)."""
    if "{stage}" not in entry["name"]:
        return [_column(entry)]
    chinese = {"kindergarten": "幼儿园", "primary": "小学", "junior": "初中", "senior": "高中"}
    made = []
    for stage in STAGES:
        filled = {
            name: _fill(value, en=stage, zh=chinese[stage])
            for name, value in entry.items()
            if name not in ("name", "examples")
        }
        example = entry.get("examples", {}).get(stage)
        if example is not None:
            filled["example"] = {"en": example, "zh": example}
        made.append(_column({**filled, "name": entry["name"].replace("{stage}", stage)}))
    return made


def _fill(value: object, *, en: str, zh: str) -> object:
    """Replace ``{stage}`` by the stage's English and ``{学段}`` by its Chinese name, at any depth."""
    if isinstance(value, str):
        return value.replace("{stage}", en).replace("{学段}", zh)
    if isinstance(value, list):
        return [_fill(item, en=en, zh=zh) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, en=en, zh=zh) for key, item in value.items()}
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


def input_tables() -> dict[str, Table]:
    """Return the input tables by name.

    Returns
    -------
    dict of str to Table
        A new dict; ordered by file name.
    """
    return dict(_load("input"))


def result_tables() -> dict[str, Table]:
    """Return the result tables of a run by name.

    Returns
    -------
    dict of str to Table
        A new dict; ordered by file name.
    """
    return dict(_load("result"))


def input_table(name: str) -> Table:
    """Return an input table.

    Parameters
    ----------
    name
        Name of the table.

    Returns
    -------
    Table
        Its definition.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    return _load("input")[name]


def result_table(name: str) -> Table:
    """Return a result table.

    Parameters
    ----------
    name
        Name of the table.

    Returns
    -------
    Table
        Its definition.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    return _load("result")[name]
