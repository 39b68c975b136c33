"""Read a TOML file that a person wrote: every way it can be unreadable is a fault with a remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layoutplan.errors import FaultLog

KeyPath = tuple[str | int, ...]

_DEEPEST: Final = 20
_BOM: Final = b"\xef\xbb\xbf"
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_PLACE: Final = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")
_TWICE: Final = ("Cannot overwrite", "Cannot declare", "Cannot redefine", "Duplicate inline", "Cannot mutate")
_BACKSLASH: Final = ("Unescaped '\\'", "Invalid hex value", "Escaped character is not")
_HEADER: Final = re.compile(r"^\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_ENTRY: Final = re.compile(r"""^\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=""")
_NAME: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


@dataclass(frozen=True)
class TomlFile:
    """What a TOML file holds, and the line each key stands on (as far as a line scan can tell)."""

    data: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """Return the line of a key, else that of the nearest table around it, else ``None``."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_toml(path: Path, *, log: FaultLog) -> TomlFile | None:
    """Read a TOML file; record why it cannot be read and return ``None``.

    A file with a byte order mark, as Windows Notepad writes it, is read and noticed.
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
        data = tomllib.loads(written)
    except ValueError as error:  # TOMLDecodeError, or a number of too many digits
        _log_syntax(str(error), written, file=path.name, log=log)
        return None
    except RecursionError:
        data = None
    if data is None or _is_too_deep(data):
        log.add("toml_too_deep", file=path.name, levels=_DEEPEST)
        return None
    return TomlFile(data=data, lines=_lines_of_keys(written))


def _bytes(path: Path, *, log: FaultLog) -> bytes | None:
    if path.is_dir():
        log.add("toml_is_folder", file=path.name, path=path)
    elif not path.exists():
        log.add("toml_missing", file=path.name, path=path)
    else:
        try:
            return path.read_bytes()
        except OSError:
            log.add("toml_not_readable", file=path.name, path=path)
    return None


def _is_too_deep(data: object) -> bool:
    """Say whether tables and lists are nested deeper than any plan is, without recursion."""
    level: list[object] = [data]
    for _ in range(_DEEPEST):
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
    """Name the encoding a file that is not UTF-8 probably has."""
    if content.startswith(_UTF16_BOMS):
        return "UTF-16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "?"
    return "GBK"


def _log_syntax(message: str, written: str, *, file: str, log: FaultLog) -> None:
    """Record a syntax error with its place; the parser's own words are English, so ours say what it is."""
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
    """Find the line of every header and key by scanning; multi-line texts may hide or invent a few."""
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
