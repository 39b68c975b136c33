"""What a reader must know about the walking distances: warnings and notices."""

from __future__ import annotations

from typing import Final

from layoutplan.errors import Fault, FaultLog, Severity
from layoutplan.travel.network import Network, NetworkReport
from layoutplan.travel.pairs import Pairs

WHOLE_SHARE: Final = 0.9
"""A network with less than this share of its nodes in the main part is doubtful, not just untidy."""


def travel_notes(pairs: Pairs, network: Network | None) -> tuple[Fault, ...]:
    """Return the warnings and notices about walking distances, for the report and the manifest.

    Parameters
    ----------
    pairs
        Distances from units (origins) to schools (destinations).
    network
        The network they were measured on, or ``None`` if by straight line.
    """
    log = FaultLog()
    if network is None:
        log.add("straight_line_used", severity="warning", factor=f"{pairs.detour_factor or 1.0:g}")
    else:
        _note_network(network.report, log)
    groups: tuple[tuple[str, Severity, str, tuple[str, ...]], ...] = (
        ("homes_without_street", "warning", "units", pairs.unsnapped_origins),
        ("schools_without_street", "warning", "schools", pairs.unsnapped_destinations),
        ("homes_on_islands", "warning", "units", pairs.island_origins),
        ("schools_on_islands", "warning", "schools", pairs.island_destinations),
        ("points_moved_off_islands", "notice", "units", pairs.moved_origins),
        ("points_moved_off_islands", "notice", "schools", pairs.moved_destinations),
    )
    for code, severity, table, ids in groups:
        if ids:
            log.add(code, severity=severity, table=table, rows=ids, count=len(ids))
    return tuple(log)


def _note_network(report: NetworkReport, log: FaultLog) -> None:
    """Record what was done to the roads."""
    if report.nodes == 0:
        log.add("no_walkable_roads", severity="warning", table="roads")
        return
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
    if report.components > 1:
        log.add(
            "roads_in_parts",
            severity="notice" if report.main_share >= WHOLE_SHARE else "warning",
            table="roads",
            components=report.components,
            share=f"{100 * report.main_share:.1f}",
        )
