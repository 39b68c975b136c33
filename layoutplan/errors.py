"""What can go wrong, and whose fault it is.

::

    LayoutplanError
    ├── InputError (also ValueError)   the input or the plan is at fault          exit code 2
    ├── NoPlanError                    no plan satisfies the constraints          exit code 3
    └── DefectError (also AssertionError)   a law of ours is broken: our defect   exit code 1

An :class:`InputError` carries every :class:`Fault` found, so that a planner can mend them in one go.

Values and errors pass between processes; read-only mappings, of which most values hold some, are pickled as
the dictionaries they show.
"""

from __future__ import annotations

import copyreg
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

from layoutplan.texts import Language, filled, keys, text

Severity = Literal["error", "warning", "notice"]

UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold, so no workbook, document or page either: controls, lone surrogates."""


def _pickled_mapping(mapping: MappingProxyType[object, object]) -> tuple[object, tuple[dict[object, object]]]:
    return _read_only, (dict(mapping),)


def _read_only(values: dict[object, object]) -> Mapping[object, object]:
    return MappingProxyType(values)


copyreg.pickle(MappingProxyType, _pickled_mapping)  # type: ignore[arg-type]  # the standard library has no way to


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with (``error``), doubtful in (``warning``), or done to (``notice``) the input.

    ``code`` names the entries ``faults.<code>.what`` and ``faults.<code>.remedy`` of the text catalogue;
    ``params`` fill their placeholders (``stage``, an id, is shown by its name in the language). ``rows`` are
    the reader's row labels (a spreadsheet's row numbers, header = 1, or ids), already shortened to a few.
    ``scenario`` names the only scenario of several that has it.
    """

    code: str
    severity: Severity = "error"
    file: str | None = None
    table: str | None = None
    rows: tuple[str, ...] = ()
    row_count: int = 0
    column: str | None = None
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    scenario: str | None = None

    def what(self, lang: Language) -> str:
        """Say what is wrong."""
        return filled(text(f"faults.{self.code}.what", lang), self._words(lang))

    def remedy(self, lang: Language) -> str:
        """Say what to do."""
        return filled(text(f"faults.{self.code}.remedy", lang), self._words(lang))

    def _words(self, lang: Language) -> dict[str, object]:
        """Return the parameters as they are read: a known stage by its name."""
        words = dict(self.params)
        if f"stages.{words.get('stage')}" in keys("stages."):
            words["stage"] = text(f"stages.{words['stage']}", lang)
        return words

    def place(self, lang: Language) -> str:
        """Say where: file, table (its title, and the name that plan.toml uses), rows, column, if known."""
        parts = [self.file or "", self._table(lang)]
        if self.rows:
            shown = ", ".join(self.rows)
            more = self.row_count - len(self.rows)
            parts.append(text("errors.rows", lang, rows=shown, count=self.row_count))
            if more > 0:
                parts.append(text("errors.more_rows", lang, count=more))
        if self.scenario:
            parts.insert(0, text("errors.scenario", lang, name=self.scenario))
        if self.column:
            parts.append(text("errors.column", lang, name=self.column))
        return " · ".join(part for part in parts if part)

    def _table(self, lang: Language) -> str:
        """Name the table; texts hold the titles, for the dictionary stands above this module."""
        if not self.table:
            return ""
        key = f"tables.name.{self.table}"
        if key not in keys("tables.name."):
            return text("errors.table", lang, name=self.table)
        return text("errors.titled_table", lang, title=text(key, lang), name=self.table)


class FaultLog:
    """Collects faults while a table, a plan or a city is read; raises them all at once."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the faults in the order they were found."""
        return iter(self._faults)

    def __len__(self) -> int:
        """Return how many faults were found, of any severity."""
        return len(self._faults)

    def add(
        self,
        code: str,
        *,
        severity: Severity = "error",
        file: str | None = None,
        table: str | None = None,
        rows: Iterable[object] = (),
        column: str | None = None,
        **params: object,
    ) -> None:
        """Record a fault; of many ``rows`` the first five are kept, and their count."""
        shown_rows = 5
        labels = [_printable(str(row)) for row in rows]
        self._faults.append(
            Fault(
                code=code,
                severity=severity,
                file=file,
                table=table,
                rows=tuple(labels[:shown_rows]),
                row_count=len(labels),
                column=None if column is None else _printable(column),
                params=MappingProxyType(
                    {
                        key: _printable(value) if isinstance(value, str) else value
                        for key, value in params.items()
                    }
                ),
            ),
        )

    def extend(self, faults: Iterable[Fault]) -> None:
        """Record faults found elsewhere."""
        self._faults.extend(faults)

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that stop the run."""
        return tuple(fault for fault in self._faults if fault.severity == "error")

    @property
    def notes(self) -> tuple[Fault, ...]:
        """The warnings and notices, which travel with the result."""
        return tuple(fault for fault in self._faults if fault.severity != "error")

    def raise_if_errors(self) -> None:
        """Raise :class:`InputError` with every fault if any of them is an error."""
        if self.errors:
            raise InputError(tuple(self._faults))


def _printable(said: str) -> str:
    """Return a text for a message: what cannot be printed is shown as U+FFFD."""
    return UNPRINTABLE.sub("\ufffd", said)


class LayoutplanError(Exception):
    """Parent of all errors raised on purpose."""


class InputError(LayoutplanError, ValueError):
    """The input or the plan is at fault; ``faults`` lists everything found, errors and warnings."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(self.report("en"))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the faults; the message is made of them."""
        return type(self), (self.faults,)

    def report(self, lang: Language) -> str:
        """Return all errors as text, one paragraph each: place, what, remedy."""
        paragraphs = []
        for fault in self.faults:
            if fault.severity == "error":
                head = f"{fault.place(lang)}: " if fault.place(lang) else ""
                paragraphs.append(f"{head}{fault.what(lang)} {fault.remedy(lang)}")
        return "\n".join(paragraphs)


class NoPlanError(LayoutplanError):
    """No plan satisfies the constraints; ``key`` and ``params`` say in words who lacks what."""

    def __init__(self, key: str, **params: object) -> None:
        self.key = key
        self.params = params
        super().__init__(text(key, "en", **params))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by key and parameters; the message is made of them."""
        return partial(type(self), self.key, **self.params), ()


class DefectError(LayoutplanError, AssertionError):
    """A law the program promises does not hold: a defect of ours, never of the input."""
