"""Read a TOML file written by a user: every reason why it cannot be read is a fault with a remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layoutplan.errors import UNPRINTABLE, FaultLog
from layoutplan.regular_files import Obstacle, obstacle, read_regular

KeyPath = tuple[str | int, ...]

DEEPEST: Final = 20
"""Largest nesting depth of tables and lists."""
TOML_BYTES: Final = 4 * 1024**2
_LONGEST_KEY: Final = 100
_BOM: Final = b"\xef\xbb\xbf"
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_PLACE: Final = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")
_TWICE: Final = ("Cannot overwrite", "Cannot declare", "Cannot redefine", "Duplicate inline", "Cannot mutate")
_BACKSLASH: Final = ("Unescaped '\\'", "Invalid hex value", "Escaped character is not")
_HEADER: Final = re.compile(r"^\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_ENTRY: Final = re.compile(r"""^\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=""")
_OBSTACLES: Final[dict[Obstacle, str]] = {
    "missing": "toml_missing",
    "folder": "toml_is_folder",
    "special": "toml_not_regular",
    "loop": "toml_missing",
    "name": "toml_missing",
    "closed": "toml_not_readable",
}
_NAME: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


@dataclass(frozen=True)
class TomlFile:
    """Content of a TOML file.

    Attributes
    ----------
    data
        The parsed document.
    lines
        Line number of each key, as far as a line scan can determine it.
    """

    data: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """Return the line number of a key.

        Parameters
        ----------
        path
            Names and list positions that lead to the key.

        Returns
        -------
        int or None
            Line of the key, else of the innermost table that contains it and has a known line; else ``None``.
        """
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_toml(path: Path, *, log: FaultLog) -> TomlFile | None:
    """Read a TOML file.

    A byte order mark, as written by Windows Notepad, is accepted with a notice.

    Parameters
    ----------
    path
        The file.
    log
        Receives the reasons why it cannot be read.

    Returns
    -------
    TomlFile or None
        ``None`` if the file has a fault.
    """
    content = _bytes(path, log=log)
    if content is None:
        return None
    if content.startswith(_BOM):
        log.add("toml_bom", severity="notice", file=path.name)
        content = content.removeprefix(_BOM)
    try:
        written = content.decode("utf-8")
    except UnicodeDecodeError:
        log.add("toml_encoding", file=path.name, encoding=_likely_encoding(content))
        return None
    try:
        data = None if _has_long_keys(written) else tomllib.loads(written)
    except ValueError as error:  # TOMLDecodeError, or a number of too many digits
        _log_syntax(str(error), written, file=path.name, log=log)
        return None
    except RecursionError:
        data = None
    if data is None or is_too_deep(data):
        log.add("toml_too_deep", file=path.name, levels=DEEPEST)
        return None
    read = TomlFile(data=data, lines=_lines_of_keys(written))
    unfit = list(unprintable(data))
    for path_of_key in unfit:
        key = ".".join(str(part) for part in path_of_key)
        log.add("toml_characters", file=path.name, rows=_row(read, path_of_key), column=key)
    return None if unfit else read


def _row(read: TomlFile, path: KeyPath) -> tuple[int, ...]:
    line = read.line(path)
    return () if line is None else (line,)


def unprintable(data: object) -> Iterator[KeyPath]:
    """Yield the keys whose name or text has characters that workbooks, documents and pages cannot hold.

    Parameters
    ----------
    data
        Nested tables and lists.

    Yields
    ------
    KeyPath
        Path of each such key.
    """
    waiting: list[tuple[KeyPath, object]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*path, name), inner) for name, inner in reversed(value.items()))
        elif isinstance(value, list):
            waiting.extend(((*path, place), inner) for place, inner in reversed(list(enumerate(value))))
        written = (
            *(part for part in path[-1:] if isinstance(part, str)),
            value if isinstance(value, str) else "",
        )
        if any(UNPRINTABLE.search(text) for text in written):
            yield path


def _has_long_keys(written: str) -> bool:
    """Return whether a dotted key has too many parts: parsing time grows with their square."""
    for line in written.splitlines():
        for piece in line.split("="):
            key = re.split(r"[,{]", piece)[-1]
            if key.count(".") > _LONGEST_KEY:
                return True
    return False


def _bytes(path: Path, *, log: FaultLog) -> bytes | None:
    """Return the content of a regular file within the size limit; else record the reason."""
    found = obstacle(path)
    if found is not None:
        log.add(_OBSTACLES[found], file=path.name, path=path)
        return None
    content = read_regular(path, most_bytes=TOML_BYTES)
    if content is None:
        code = "toml_too_large" if path.stat().st_size > TOML_BYTES else "toml_not_readable"
        log.add(code, file=path.name, path=path, most=TOML_BYTES // 1024**2)
    return content


def is_too_deep(data: object) -> bool:
    """Return whether tables and lists are nested deeper than :data:`DEEPEST`; without recursion.

    Parameters
    ----------
    data
        Nested tables and lists, possibly inside themselves.

    Returns
    -------
    bool
        Whether they are.
    """
    level: list[object] = [data]
    for _ in range(DEEPEST):
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
        if not inner:
            return False
        level = inner
    return True


def _likely_encoding(content: bytes) -> str:
    """Return the probable encoding of a file that is not UTF-8."""
    if content.startswith(_UTF16_BOMS):
        return "UTF-16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "?"
    return "GBK"


def _log_syntax(message: str, written: str, *, file: str, log: FaultLog) -> None:
    """Record a syntax error with its position; classified, since the parser's messages are English only."""
    place = _PLACE.search(message)
    rows = written.splitlines() or [""]
    line = int(place[1]) if place and place[1] else len(rows)
    column = int(place[2]) if place and place[2] else len(rows[-1]) + 1
    code = "toml_syntax"
    if message.startswith(_TWICE):
        code = "toml_twice"
    elif message.startswith(_BACKSLASH):
        code = "toml_backslash"
    shown = rows[min(line, len(rows)) - 1].strip()[:80]
    log.add(code, file=file, line=line, position=column, shown=shown)


def _lines_of_keys(written: str) -> dict[KeyPath, int]:
    """Return the line of every header and key by a line scan; multi-line texts may hide or add a few."""
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, row in enumerate(written.splitlines(), start=1):
        if header := _HEADER.match(row):
            table = _names(header[2])
            if header[1] == "[[":
                place = counts.get(table, -1) + 1
                counts[table] = place
                table = (*table, place)
            lines.setdefault(table, number)
        elif entry := _ENTRY.match(row):
            lines.setdefault((*table, *_names(entry[1])), number)
    return lines


def _names(dotted: str) -> KeyPath:
    return tuple(name.strip("\"'") for name in _NAME.findall(dotted))
