"""Demand: pupils who need a public seat, by unit, stage and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from layoutplan.demand.estates import Estates
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
    unborn, of_migrants, of_estates
        Parts of ``pupils``, the same shape: those born after the base year (estates not counted), children of
        migrant workers (absent for a stage where the units table does not tell), and those of new dwellings.
    public_share
        For each stage, by year, the share of the pupils who need a seat that counts.
    estates
        The new dwellings the last are from; ``None`` without a housing table.
    notes
        Assumptions made, for the report (public share taken from enrolment, births assumed, …).
    """

    years: tuple[int, ...]
    children: Mapping[str, pd.DataFrame]
    pupils: Mapping[str, pd.DataFrame]
    unborn: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    of_migrants: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    of_estates: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    public_share: Mapping[str, pd.Series[float]] = field(default_factory=lambda: MappingProxyType({}))
    estates: Estates | None = None
    notes: tuple[Fault, ...] = ()
