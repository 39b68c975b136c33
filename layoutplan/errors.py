"""Faults and errors, by cause.

::

    LayoutplanError
    ├── InputError (also ValueError)   the input or the plan is at fault          exit code 2
    ├── NoPlanError                    no plan satisfies the constraints          exit code 3
    └── DefectError (also AssertionError)   a law is violated: a program defect   exit code 1

An :class:`InputError` carries every :class:`Fault` found, so that all can be corrected at once.

Values and errors are exchanged between processes. Most values contain read-only mappings, which are pickled
as dictionaries.
"""

from __future__ import annotations

import copyreg
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

from layoutplan.texts import Language, filled, has_text, text

Severity = Literal["error", "warning", "notice"]

UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML does not allow (controls, lone surrogates), hence no workbook or document does."""


def _pickled_mapping(mapping: MappingProxyType[object, object]) -> tuple[object, tuple[dict[object, object]]]:
    return _read_only, (dict(mapping),)


def _read_only(values: dict[object, object]) -> Mapping[object, object]:
    return MappingProxyType(values)


copyreg.pickle(MappingProxyType, _pickled_mapping)  # type: ignore[arg-type]  # the standard library cannot pickle it


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding about the input: an ``error``, a ``warning``, or a ``notice`` of an assumption or correction.

    Attributes
    ----------
    code
        Key of the texts ``faults.<code>.what`` and ``faults.<code>.remedy`` in the catalogue.
    severity
        ``error`` stops the run.
    file, table, column
        Where the fault is, if known.
    rows
        Labels of the first rows concerned: row numbers of the spreadsheet (header = 1) or ids.
    row_count
        Number of all rows concerned.
    params
        Values of the placeholders of the texts; ``stage`` (an id) is shown by its name.
    scenario
        Name of the scenario concerned, if it is only one of several.
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
        """Return the description of the fault.

        Parameters
        ----------
        lang
            ``"zh"`` or ``"en"``.

        Returns
        -------
        str
            Text with its placeholders filled.

        Raises
        ------
        KeyError
            If the catalogue has no such text or a placeholder has no parameter: a program defect.
        """
        return filled(text(f"faults.{self.code}.what", lang), self._words(lang))

    def remedy(self, lang: Language) -> str:
        """Return what the user should do.

        Parameters
        ----------
        lang
            ``"zh"`` or ``"en"``.

        Returns
        -------
        str
            Text with its placeholders filled.

        Raises
        ------
        KeyError
            If the catalogue has no such text or a placeholder has no parameter: a program defect.
        """
        return filled(text(f"faults.{self.code}.remedy", lang), self._words(lang))

    def _words(self, lang: Language) -> dict[str, object]:
        """Return the parameters as displayed: a known stage by its name."""
        words = dict(self.params)
        if has_text(f"stages.{words.get('stage')}"):
            words["stage"] = text(f"stages.{words['stage']}", lang)
        return words

    def place(self, lang: Language) -> str:
        """Return the location of the fault: scenario, file, table, rows and column, as far as known.

        Parameters
        ----------
        lang
            ``"zh"`` or ``"en"``.

        Returns
        -------
        str
            Parts joined by `` · ``; empty if no part is known.
        """
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
        """Return title and name of the table; titles are texts, as the dictionary imports this module."""
        if not self.table:
            return ""
        key = f"tables.name.{self.table}"
        if not has_text(key):
            return text("errors.table", lang, name=self.table)
        return text("errors.titled_table", lang, title=text(key, lang), name=self.table)


class FaultLog:
    """Collects faults while inputs are read and checked, to raise all of them at once."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the faults in the order in which they were recorded."""
        return iter(self._faults)

    def __len__(self) -> int:
        """Return the number of faults of any severity."""
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
        """Record a fault.

        Parameters
        ----------
        code, severity, file, table, column
            As the attributes of :class:`Fault`.
        rows
            Labels of all rows concerned; the first five and the number are kept.
        params
            Values of the placeholders of the texts. Characters that cannot be printed are replaced.
        """
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
        """Record faults found elsewhere.

        Parameters
        ----------
        faults
            Faults, in order.
        """
        self._faults.extend(faults)

    @property
    def errors(self) -> tuple[Fault, ...]:
        """Faults of severity ``error``, which stop the run."""
        return tuple(fault for fault in self._faults if fault.severity == "error")

    @property
    def notes(self) -> tuple[Fault, ...]:
        """Warnings and notices, which accompany the result."""
        return tuple(fault for fault in self._faults if fault.severity != "error")

    def raise_if_errors(self) -> None:
        """Raise all recorded faults if at least one is an error.

        Raises
        ------
        InputError
            With every fault, warnings and notices included.
        """
        if self.errors:
            raise InputError(tuple(self._faults))


def _printable(said: str) -> str:
    """Return a text for a message; characters that cannot be printed become U+FFFD."""
    return UNPRINTABLE.sub("\ufffd", said)


class LayoutplanError(Exception):
    """Base class of all errors raised on purpose."""


class InputError(LayoutplanError, ValueError):
    """The input or the plan is at fault.

    Parameters
    ----------
    faults
        Everything found: errors, warnings and notices.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(self.report("en"))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the faults only; the message is derived from them."""
        return type(self), (self.faults,)

    def report(self, lang: Language) -> str:
        """Return all errors as text, one paragraph each: place, description and remedy.

        Parameters
        ----------
        lang
            ``"zh"`` or ``"en"``.

        Returns
        -------
        str
            Paragraphs separated by newlines; warnings and notices are omitted.
        """
        paragraphs = []
        for fault in self.faults:
            if fault.severity == "error":
                head = f"{fault.place(lang)}: " if fault.place(lang) else ""
                paragraphs.append(f"{head}{fault.what(lang)} {fault.remedy(lang)}")
        return "\n".join(paragraphs)


class NoPlanError(LayoutplanError):
    """No plan satisfies the constraints.

    Parameters
    ----------
    key
        Key of the text that explains what is missing.
    params
        Values of its placeholders.
    """

    def __init__(self, key: str, **params: object) -> None:
        self.key = key
        self.params = params
        super().__init__(text(key, "en", **params))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle key and parameters only; the message is derived from them."""
        return partial(type(self), self.key, **self.params), ()


class DefectError(LayoutplanError, AssertionError):
    """A law guaranteed by the program is violated: a program defect, never a fault of the input."""
