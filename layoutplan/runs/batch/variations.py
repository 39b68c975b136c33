"""Scenarios of a batch, written as a grid or a list: in Python, as TOML or as CSV."""

from __future__ import annotations

import csv
import itertools
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layoutplan.errors import FaultLog
from layoutplan.standards.toml_file import read_toml

MOST: Final = 10_000
"""Largest number of scenarios of one batch."""

_GRID, _LIST, _NAME, _TITLE = "grid", "scenario", "name", "title"
_LONGEST: Final = 80
_NOT_IN_NAMES: Final = re.compile(r"[^\w-]+")

SettingsGrid = Mapping[str, Sequence[object]]
"""Values to try by key of the plan: every combination is a scenario."""


@dataclass(frozen=True)
class Variation:
    """One scenario of a batch.

    Attributes
    ----------
    name
        Name; the run folder bears it.
    changes
        As :meth:`layoutplan.Plan.vary` takes them.
    title
        Text for the outputs.
    base
        Scenario of the plan's file that is changed; ``None`` for the plan itself.
    """

    name: str
    changes: Mapping[str, object]
    title: str = ""
    base: str | None = None


def variations_of(
    grid: SettingsGrid | Iterable[Mapping[str, object] | Variation] | str | Path,
) -> tuple[Variation, ...]:
    """Return the scenarios of a grid, a list, or the file of either.

    Parameters
    ----------
    grid
        A mapping from keys to lists of values is a grid: every combination is a scenario, the last key
        varying fastest. Otherwise a list of scenarios, each the changes by key, with optional ``name``,
        ``title`` and ``base``; or the path of a file (:func:`read_variations`).

    Returns
    -------
    tuple of Variation
        At least one, with different names.

    Raises
    ------
    InputError
        With every fault: no scenario, names that are given twice, values that are no list.

    Examples
    --------
    >>> found = variations_of({"demand.births_factor": [0.9, 1.1], "siting.budget": [200_000_000]})
    >>> [one.name for one in found]
    ['births_factor-0_9_budget-200000000', 'births_factor-1_1_budget-200000000']
    """
    if isinstance(grid, (str, Path)):
        return read_variations(Path(grid))
    log = FaultLog()
    if isinstance(grid, Mapping):
        found = _combinations(grid, log=log, file=None)
    else:
        found = _listed(list(grid), log=log, file=None)
    return _checked(found, log=log, file=None)


def read_variations(path: Path) -> tuple[Variation, ...]:
    """Read the scenarios of a batch from a file.

    Parameters
    ----------
    path
        A TOML file with a table ``[grid]`` (keys of the plan and lists of values: every combination) and any
        number of ``[[scenario]]`` (``name``, optional ``title`` and ``base``, and changes by key); or a CSV
        file with a scenario in each row, the keys of the plan as headers, and optional columns ``name``,
        ``title`` and ``base``; an empty cell leaves the plan's value.

    Returns
    -------
    tuple of Variation
        As :func:`variations_of`; those of the grid first.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    log = FaultLog()
    if path.suffix.lower() == ".csv":
        return _checked(_listed(_csv_rows(path, log), log=log, file=path.name), log=log, file=path.name)
    source = read_toml(path, log=log)
    log.raise_if_errors()
    data: dict[str, Any] = {} if source is None else dict(source.data)
    for name in data:
        if name not in (_GRID, _LIST):
            log.add("batch_unknown_section", file=path.name, name=name)
    grid, rows = data.get(_GRID, {}), data.get(_LIST, [])
    found: list[Variation] = []
    if isinstance(grid, dict):
        found += _combinations(_flat(grid), log=log, file=path.name) if grid else []
    else:
        log.add("batch_unknown_section", file=path.name, name=_GRID)
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        found += _listed(rows, log=log, file=path.name)
    else:
        log.add("batch_unknown_section", file=path.name, name=_LIST)
    return _checked(found, log=log, file=path.name)


def _flat(grid: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return the lists of a grid by dotted key."""
    found: dict[str, Any] = {}
    for key, value in grid.items():
        found |= _flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return found


def _combinations(grid: Mapping[str, Any], *, log: FaultLog, file: str | None) -> list[Variation]:
    faulty = [key for key, values in grid.items() if not _is_list(values) or not len(values)]
    for key in faulty:
        log.add("batch_grid_no_list", file=file, name=key)
    count = 1
    for values in () if faulty else grid.values():
        count *= len(values)
    if count > MOST:
        log.add("batch_too_many", file=file, count=count, most=MOST)
    if faulty or count > MOST:
        return []
    chosen = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    return [Variation(_name(changes, place), changes) for place, changes in enumerate(chosen, start=1)]


def _is_list(values: object) -> bool:
    return hasattr(values, "__len__") and not isinstance(values, (str, bytes, Mapping))


def _name(changes: Mapping[str, object], place: int) -> str:
    """Return a name that says what is changed, or a number where that would be long."""
    parts = (f"{key.rpartition('.')[2]}-{value}" for key, value in changes.items())
    name = _NOT_IN_NAMES.sub("_", "_".join(parts)).strip("_")
    return name if name and len(name.encode()) <= _LONGEST else f"s{place:03d}"


def _listed(rows: Sequence[object], *, log: FaultLog, file: str | None) -> list[Variation]:
    found = []
    for place, row in enumerate(rows, start=1):
        if isinstance(row, Variation):
            found.append(row)
            continue
        if not isinstance(row, Mapping):
            log.add("batch_no_changes", file=file, rows=[place])
            continue
        said = {word: row.get(word) for word in (_NAME, _TITLE, "base")}
        changes = {key: value for key, value in row.items() if key not in said}
        name = str(said[_NAME] or _name(changes, place))
        base = None if said["base"] in (None, "", "base") else str(said["base"])
        found.append(Variation(name, changes, str(said[_TITLE] or ""), base))
    if len(rows) > MOST:
        log.add("batch_too_many", file=file, count=len(rows), most=MOST)
    return found


def _csv_rows(path: Path, log: FaultLog) -> list[dict[str, object]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file) if any(cell.strip() for cell in line)]
    except OSError as error:
        log.add("batch_file_unreadable", file=str(path), reason=error.strerror or str(error))
        log.raise_if_errors()
        raise
    except (UnicodeDecodeError, csv.Error) as error:
        log.add("batch_file_unreadable", file=str(path), reason=str(error))
        lines = []
    log.raise_if_errors()
    header = [cell.strip() for cell in lines[0]] if lines else []
    for name in [name for name, count in Counter(header).items() if count > 1 or not name]:
        log.add("batch_csv_header", file=path.name, name=name or "-")
    for place, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            log.add("batch_csv_row", file=path.name, rows=[place], count=len(line), expected=len(header))
    log.raise_if_errors()
    return [
        {key: _cell(key, cell) for key, cell in zip(header, line, strict=True) if cell.strip()}
        for line in lines[1:]
    ]


def _cell(key: str, cell: str) -> object:
    """Return a cell as the value that it would be in TOML; otherwise as text."""
    said = cell.strip()
    if key in (_NAME, _TITLE, "base"):
        return said
    try:
        return tomllib.loads(f"value = {said}")["value"]
    except tomllib.TOMLDecodeError:
        return said


def _checked(found: Sequence[Variation], *, log: FaultLog, file: str | None) -> tuple[Variation, ...]:
    twice = [name for name, count in Counter(one.name for one in found).items() if count > 1]
    if twice:
        log.add("batch_names_twice", file=file, names=", ".join(twice[:10]))
    if not found and not log.errors:
        log.add("batch_empty", file=file)
    log.raise_if_errors()
    return tuple(found)
