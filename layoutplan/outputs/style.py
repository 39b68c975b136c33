"""Colours and breaks of printed maps and charts: those of the map page, and further inks for paper."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd


@dataclass(frozen=True, slots=True)
class Style:
    """The one style sheet as printed pages need it.

    Attributes
    ----------
    breaks, colours
        Utilisation (demand ÷ seats): break points, and one colour more than there are breaks.
    no_seats, no_value
        Fill of a zone with demand but no seats, and of one without figures.
    schools
        Fill by school type; ``flag`` is the ring of a flagged school.
    ink
        Colours of paper by name, from ``print.toml``.
    width
        Line widths by name, points.
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    no_seats: str
    no_value: str
    schools: Mapping[str, str]
    ink: Mapping[str, str]
    width: Mapping[str, float]

    def zone_colour(self, demand: float, seats: float) -> str:
        """Return the fill of a zone by its utilisation, demand / seats.

        Parameters
        ----------
        demand
            Pupils of the zone.
        seats
            Seats of the zone.

        Returns
        -------
        str
            The colours for no value and for no seats where the quotient does not exist.

        Examples
        --------
        >>> from layoutplan.outputs.style import load_style
        >>> style = load_style()
        >>> style.zone_colour(10.0, 0.0) == style.no_seats, style.zone_colour(0.0, 0.0) == style.no_value
        (True, True)
        """
        if pd.isna(demand) or pd.isna(seats) or (demand <= 0 and seats <= 0):
            return self.no_value
        if seats <= 0:
            return self.no_seats
        return self.colours[bisect_right(self.breaks, demand / seats)]


@cache
def load_style() -> Style:
    """Read the style sheet of the map page and the inks of paper."""
    shared = tomllib.loads((resources.files("layoutplan.outputs") / "style.toml").read_text(encoding="utf-8"))
    paper = tomllib.loads((resources.files("layoutplan.outputs") / "print.toml").read_text(encoding="utf-8"))
    scale = shared["measures"]["utilisation"]
    return Style(
        breaks=tuple(scale["breaks"]),
        colours=tuple(scale["colours"]),
        no_seats=shared["fixed"]["no_seats"],
        no_value=shared["fixed"]["no_value"],
        schools=shared["schools"],
        ink={**paper["ink"], "moved": shared["fixed"]["moved"]},
        width=paper["width"],
    )
