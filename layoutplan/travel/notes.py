"""Warnings and notices about the walking network and distances."""

from __future__ import annotations

from typing import Final

import pandas as pd

from layoutplan.errors import Fault, FaultLog, Severity
from layoutplan.travel.matrix import WalkMatrix
from layoutplan.travel.network import ISLAND_M, Network, NetworkReport

WHOLE_SHARE: Final = 0.9
"""Share of nodes in the main component below which a split network is a warning, not a notice."""


def travel_notes(
    pairs: WalkMatrix, network: Network | None, *, pupils: pd.Series[float] | None = None
) -> tuple[Fault, ...]:
    """Return the warnings and notices about walking distances, for the report and the manifest.

    Parameters
    ----------
    pairs
        Distances from units (origins) to schools (destinations).
    network
        The network they were measured on, or ``None`` if by straight line.
    pupils
        Pupils of each unit in the base year, index ``unit_id``; ``None`` where not known.

    Returns
    -------
    tuple of Fault
        Warnings and notices; no errors. A point moved off an island is a warning where no barriers are given
        that would tell whether the way is open.
    """
    log = FaultLog()
    if network is None:
        log.add("straight_line_used", severity="warning", factor=f"{pairs.detour_factor or 1.0:g}")
    else:
        log.extend(network_notes(network))
    moved: Severity = "notice" if network is not None and network.barring is not None else "warning"
    groups: tuple[tuple[str, Severity, str, tuple[str, ...]], ...] = (
        ("homes_without_street", "warning", "units", pairs.unsnapped_origins),
        ("schools_without_street", "warning", "schools", pairs.unsnapped_destinations),
        ("homes_on_islands", "warning", "units", pairs.island_origins),
        ("schools_on_islands", "warning", "schools", pairs.island_destinations),
        ("points_moved_off_islands", moved, "schools", pairs.moved_destinations),
    )
    for code, severity, table, ids in groups:
        if ids:
            log.add(code, severity=severity, table=table, rows=ids, count=len(ids))
    homes = pairs.moved_origins
    if homes and pupils is not None:
        concerned = float(pupils.reindex(homes).sum())
        log.add(
            "homes_moved_off_islands",
            severity=moved,
            table="units",
            rows=homes,
            count=len(homes),
            pupils=concerned,
        )
    elif homes:
        log.add("points_moved_off_islands", severity=moved, table="units", rows=homes, count=len(homes))
    return tuple(log)


def network_notes(network: Network) -> tuple[Fault, ...]:
    """Return what network construction changed in the roads, and doubtful properties of the result.

    Parameters
    ----------
    network
        Walking network.

    Returns
    -------
    tuple of Fault
        Warnings and notices about the input table ``roads`` and about barriers.
    """
    log, report = FaultLog(), network.report
    if report.nodes == 0:
        log.add("no_walkable_roads", severity="warning", table="roads")
        return tuple(log)
    log.add(
        "roads_network",
        severity="notice",
        table="roads",
        nodes=report.nodes,
        edges=report.edges,
        kilometres=f"{report.metres / 1000:,.0f}",
        dead_ends=report.dead_ends,
    )
    _note_repairs(report, log)
    _note_barriers(report, log)
    if report.components > 1:
        log.add(
            "roads_in_parts",
            severity="notice" if report.main_share >= WHOLE_SHARE else "warning",
            table="roads",
            components=report.components,
            islands=report.islands,
            island_km=f"{ISLAND_M / 1000:g}",
            share=f"{100 * report.main_share:.1f}",
        )
    return tuple(log)


def _note_repairs(report: NetworkReport, log: FaultLog) -> None:
    """Record what was left out and what was joined."""
    dropped = report.empty + report.zero_length + report.duplicates
    if dropped:
        log.add(
            "roads_dropped",
            severity="notice",
            table="roads",
            empty=report.empty,
            zero_length=report.zero_length,
            duplicates=report.duplicates,
        )
    if report.excluded:
        classes = ", ".join(f"{name or '-'} ({count})" for name, count in report.excluded)
        log.add("roads_not_walkable", severity="notice", table="roads", classes=classes)
    if report.crossings or report.mended_ends:
        log.add(
            "roads_joined",
            severity="notice",
            table="roads",
            crossings=report.crossings,
            ends=report.mended_ends,
        )


def _note_barriers(report: NetworkReport, log: FaultLog) -> None:
    """Record where barriers cut streets."""
    if report.unmarked_bridges:
        log.add("bridges_unmarked", severity="warning", table="roads", count=report.unmarked_bridges)
    cuts = report.barrier_cuts + report.barrier_corners
    if cuts or report.barrier_crossings:
        log.add(
            "barriers_cut",
            severity="notice",
            table="barriers",
            cuts=cuts,
            crossings=report.barrier_crossings,
        )
