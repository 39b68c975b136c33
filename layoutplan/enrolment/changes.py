"""Places planned to open or close after the origin: when, who follows, by which seats a new one draws."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.enrolment.history import History
from layoutplan.errors import FaultLog


@dataclass(frozen=True)
class PlannedPlaces:
    """What is planned for the places of a history by school.

    Attributes
    ----------
    seats
        For each stage the seats of places (rows) by school year (columns). A place whose seats end, closes in
        the first year without; one not in the history, whose seats begin after the first column, opens then.
        A place without seats in any year has none stated, and goes on.
    areas
        For each place its area: its other places take the pupils of one that closes without a successor, and
        share their entrants with a new one. Places not named are of one area.
    successors
        For a place that closes, the place that takes its pupils.
    """

    seats: Mapping[str, pd.DataFrame]
    areas: Mapping[str, str] = field(default_factory=dict)
    successors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        projects: pd.DataFrame,
        *,
        seats: Mapping[str, pd.DataFrame],
        areas: pd.Series[str],
        states: Collection[str],
    ) -> PlannedPlaces:
        """Return the planned seats with the successors of schools that close or move.

        The successor of a closed school is the one that the project names; that of a relocated school is the
        row of seats with the project's id.

        Parameters
        ----------
        projects
            Input table ``projects``.
        seats
            Seats by stage, places × years, with projects applied.
        areas
            Area of each place; null for none.
        states
            Project states that count.

        Returns
        -------
        PlannedPlaces
            Seats, areas and successors by id.
        """
        known = {str(place) for frame in seats.values() for place in frame.index}
        successors = {}
        for row in projects[projects["state"].isin(states)].to_dict("records"):
            moved = row["kind"] == "relocate" and row["project_id"] in known
            successor = row["project_id"] if moved else row["successor_school_id"]
            if row["kind"] in ("close", "relocate") and isinstance(successor, str):
                successors[str(row["school_id"])] = successor
        return cls(
            seats=seats,
            areas={str(place): area for place, area in areas.items() if isinstance(area, str)},
            successors=successors,
        )


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """A place opens or closes in a stage.

    Attributes
    ----------
    step
        Years after the origin, less one: the position among the years ahead.
    place, successor
        Positions in ``History.places``; no successor is ``None``.
    seats
        Of every place in the year, nan where none are stated.
    """

    step: int
    stage: str
    place: int
    opens: bool
    successor: int | None
    seats: FloatArray


def planned_changes(
    history: History, planned: PlannedPlaces, *, horizon: int, log: FaultLog
) -> tuple[History, tuple[PlaceChange, ...]]:
    """Return the history extended by planned places, and the openings and closings in order of application.

    Openings are applied before closings of the same year. Stages of which no place of the history has seats
    are counted by other units (areas) and are left unchanged.

    Parameters
    ----------
    history
        Past enrolment.
    planned
        Planned seats and successors.
    horizon
        Number of years.
    log
        Receives notices on the changes.

    Returns
    -------
    history : History
        With the new places, which have no counts yet.
    changes : tuple of PlaceChange
        Openings and closings within the horizon.
    """
    seats = {
        stage: planned.seats[stage].rename(index=str)
        for stage in history.stages
        if stage in planned.seats and planned.seats[stage].index.astype(str).isin(history.places).any()
    }
    new = sorted({place for frame in seats.values() for place in frame.index} - set(history.places))
    whole = _with_places(history, new)
    at = {place: position for position, place in enumerate(whole.places)}
    changes = []
    for stage, frame in seats.items():
        taught: BoolArray = np.asarray(whole.taught[:, whole.stage_rows(stage), -1].any(axis=1))
        every = frame.reindex([*whole.places]).to_numpy(dtype=float)
        for place in sorted(frame.index):
            position = at[place]
            found = _years(every[position], [*frame.columns], taught=bool(taught[position]))
            changes += [
                PlaceChange(
                    step=year - history.origin - 1,
                    stage=stage,
                    place=position,
                    opens=opens,
                    successor=None if opens else at.get(planned.successors.get(place, "")),
                    seats=np.where(every > 0, every, np.nan)[:, [*frame.columns].index(year)],
                )
                for year, opens in found
                if 0 <= year - history.origin - 1 < horizon
            ]
    ordered = sorted(changes, key=lambda one: (one.step, not one.opens, one.stage, one.place))
    touched = {one.place for one in ordered}
    kept = [place for place in whole.places if place in history.places or at[place] in touched]
    _note(ordered, whole.places, log)
    return _renumbered(whole, kept, ordered)


def _with_places(history: History, places: list[str]) -> History:
    """Return the history with more places, sorted in, that have no counts."""
    every = sorted([*history.places, *places])
    counts = np.full((len(every), *history.counts.shape[1:]), np.nan)
    counts[np.searchsorted(every, [*history.places])] = history.counts
    estimated = np.zeros(counts.shape, dtype=bool)
    estimated[np.searchsorted(every, [*history.places])] = history.estimated
    return replace(history, places=tuple(every), counts=counts, estimates=estimated)


def _years(seats: FloatArray, years: list[int], *, taught: bool) -> list[tuple[int, bool]]:
    """Return the year in which a place opens (``True``), and that in which it closes for good."""
    some = np.flatnonzero(seats > 0)
    if not some.size:
        return []
    opens = not taught and some[0] > 0
    closes = (taught or opens) and some[-1] < len(years) - 1
    return [
        *([(years[some[0]], True)] if opens else []),
        *([(years[some[-1] + 1], False)] if closes else []),
    ]


def _renumbered(
    history: History, kept: list[str], changes: list[PlaceChange]
) -> tuple[History, tuple[PlaceChange, ...]]:
    """Return the history of some places, and the changes with their positions there."""
    rows = np.flatnonzero(np.isin(history.places, kept))
    now = {int(before): position for position, before in enumerate(rows)}
    moved = [
        replace(
            one,
            place=now[one.place],
            successor=None if one.successor is None else now.get(one.successor),
            seats=one.seats[rows],
        )
        for one in changes
    ]
    places = tuple(history.places[row] for row in rows)
    kept_history = replace(
        history, places=places, counts=history.counts[rows], estimates=history.estimated[rows]
    )
    return kept_history, tuple(moved)


def _note(changes: list[PlaceChange], places: tuple[str, ...], log: FaultLog) -> None:
    """Say which places open and close."""
    for code, opens in (("forecast_openings", True), ("forecast_closings", False)):
        named = list(dict.fromkeys(places[one.place] for one in changes if one.opens == opens))
        if named:
            log.add(code, severity="notice", table="schools", rows=named, count=len(named))
