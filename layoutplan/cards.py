"""What a value shows of itself: one line in a terminal, a small table in a notebook."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sized
from dataclasses import dataclass, fields
from typing import Final

_LONGEST: Final = 200
_SHOWN: Final = 60


@dataclass(frozen=True)
class Card:
    """The face of a value.

    Attributes
    ----------
    kind
        Name of its type.
    title
        What it is called.
    facts
        Short phrases in one language.
    header, rows
        Table for a notebook, all cells as text; may be empty.
    """

    kind: str
    title: str
    facts: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def line(self) -> str:
        """Return the card as one line of text.

        Returns
        -------
        str
            Without line breaks, shortened if very long.

        Examples
        --------
        >>> Card("City", "Yunlan", ("163 schools", "812 units")).line()
        '<City Yunlan · 163 schools · 812 units>'
        """
        said = " · ".join(part for part in (self.title, *self.facts) if part)
        return f"<{self.kind} {_cut(' '.join(said.split()), _LONGEST)}>"

    def html(self) -> str:
        """Return the card as HTML; every text is escaped.

        Returns
        -------
        str
            Paragraphs and a table, without styles or scripts of its own.

        Examples
        --------
        >>> Card("City", "<b>", ("1 & 2",)).html()
        '<p><strong>&lt;b&gt;</strong><br>1 &amp; 2</p>'
        """
        said = " · ".join(html.escape(fact) for fact in self.facts if fact)
        parts = [f"<p><strong>{html.escape(self.title or self.kind)}</strong><br>{said}</p>"]
        if self.rows:
            head = "".join(f"<th>{html.escape(name)}</th>" for name in self.header)
            body = "".join(
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                for row in self.rows
            )
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
        return "".join(parts)


class Carded:
    """A value with a card of its own."""

    __slots__ = ()

    def _card(self) -> Card:
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return the card as one line."""
        return self._card().line()

    def _repr_html_(self) -> str:
        """Return the card for a notebook."""
        return self._card().html()


class Outlined:
    """A dataclass that names its fields with their sizes instead of printing their content."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return one line: ``<Balance schools 1,304 × 22 · city 32 × 27>``."""
        shown = [
            f"{one.name} {outline(getattr(self, one.name))}"
            for one in fields(self)  # type: ignore[arg-type]  # subclasses are dataclasses
            if one.repr and not one.name.startswith("_")
        ]
        return Card(type(self).__name__, "", tuple(shown)).line()


def outline(value: object) -> str:
    """Return a value in a few words: its size if it holds others, else itself.

    Parameters
    ----------
    value
        Any value.

    Returns
    -------
    str
        At most 60 characters.

    Examples
    --------
    >>> outline(("a", "b")), outline({"a": 1}), outline("Yunlan"), outline(None)
    ('2', '1', 'Yunlan', '-')
    """
    if value is None:
        return "-"
    if isinstance(value, (str, int, float)):
        return _cut(" ".join(str(value).split()), _SHOWN)
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return " × ".join(f"{size:,}" for size in shape)
    if isinstance(value, (Mapping, Sized)):
        return f"{len(value):,}"
    return _cut(" ".join(repr(value).split()), _SHOWN)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
