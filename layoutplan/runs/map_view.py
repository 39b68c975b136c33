"""The map of a run inside a notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

from layoutplan.cards import Card


@dataclass(frozen=True, repr=False)
class MapView:
    """The offline map page of a run; a notebook shows it in a frame of its own.

    Attributes
    ----------
    page
        The HTML document, as in ``map.html``.
    title
        Name of the city.
    height
        Height of the frame, CSS pixels.
    """

    page: str
    title: str
    height: int

    def save(self, path: str | Path) -> Path:
        """Write the page to a file.

        Parameters
        ----------
        path
            The file; an existing one is replaced.

        Returns
        -------
        Path
            The file.
        """
        path = Path(path)
        path.write_text(self.page, encoding="utf-8", newline="\n")
        return path

    def __repr__(self) -> str:
        """Return one line."""
        return Card("MapView", self.title, (f"{len(self.page) / 1e6:.1f} MB",)).line()

    def _repr_html_(self) -> str:
        """Return the page in a sandboxed frame: it may run its own scripts and reaches nothing outside."""
        frame = (
            f'<iframe title="{html.escape(self.title)}" sandbox="allow-scripts allow-downloads allow-modals" '
            f'style="width:100%;height:{self.height}px;border:0" srcdoc="{html.escape(self.page)}"></iframe>'
        )
        # In ASCII the page stays the same in any encoding of the notebook: its policy names scripts by hash.
        return frame.encode("ascii", "xmlcharrefreplace").decode("ascii")
