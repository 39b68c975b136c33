"""Demand: pupils who need a public seat, by unit, stage and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from layoutplan.errors import Fault


@dataclass(frozen=True)
class Demand:
    """Pupils by unit × stage × year; float, not rounded.

    Attributes
    ----------
    children
        For each stage a frame, index ``unit_id`` (the order of ``City.units``), one integer column a year:
        resident children of the stage's ages.
    pupils
        The same shape: those who need a public seat (children × participation × public share).
    notes
        Assumptions made, for the report (public share taken from enrolment, births assumed, …).
    """

    years: tuple[int, ...]
    children: Mapping[str, pd.DataFrame]
    pupils: Mapping[str, pd.DataFrame]
    notes: tuple[Fault, ...] = ()
