"""Places ahead, year by year: pupils go up or on, entrants are shared, places open and close, all raked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.enrolment.changes import PlaceChange
from layoutplan.enrolment.history import NOBODY, History
from layoutplan.enrolment.places import rake, shares_of


def structure_of(history: History) -> tuple[BoolArray, BoolArray]:
    """Return where the pupils of every place and grade come from, as at the origin.

    A place ends with a grade if its pupils left after it in the last year (they were counted, and a year
    later the next grade was not); a place that has not reached that grade continues. A grade taught without
    the grade below, now and a year before, begins there. The first grade of a junior or senior stage is fed
    by the grade below where the place teaches both.

    Parameters
    ----------
    history
        Past enrolment.

    Returns
    -------
    climbs, draws : BoolArray
        Places × grades: fed by the grade below in the same place; by the place's share of the district's
        grade.
    """
    now = history.taught[:, :, -1]
    before = history.taught[:, :, -2] if len(history.years) > 1 else np.zeros_like(now)
    climbs, draws = np.zeros_like(now), np.zeros_like(now)
    for grade in history.entries:
        draws[:, grade] = now[:, grade]
    for grade in history.climbs:
        ends = before[:, grade - 1] & ~now[:, grade]
        begins = now[:, grade] & ~now[:, grade - 1] & ~before[:, grade - 1]
        draws[:, grade] = begins
        climbs[:, grade] = ~ends & ~begins
    for grade in set(history.rises) - set(
        history.climbs
    ):  # a stage begins where the place has the one before
        climbs[:, grade] = now[:, grade] & now[:, grade - 1]
        draws[:, grade] &= ~climbs[:, grade]
    return climbs, draws


def project_places(
    history: History,
    district: FloatArray,
    *,
    effects: FloatArray,
    changes: Sequence[PlaceChange] = (),
    areas: Sequence[str] = (),
) -> tuple[FloatArray, FloatArray]:
    """Return every place's pupils, raked to the district year by year, and the factors.

    A place that closes hands the pupils of each grade, and its share of entry, to its successor; without one
    to the places of its area, in proportion to what they have (if there are none, to all). A place that opens
    draws entrants, in its first year and after: of those of its area its part of the area's seats; it fills
    up grade by grade. The last place of a stage does not close.

    Parameters
    ----------
    district
        Control totals, grades × years after the origin.
    effects
        From :func:`~layoutplan.enrolment.places.effects_of`.
    changes, areas
        From :func:`~layoutplan.enrolment.changes.planned_changes`; the area of every place.

    Returns
    -------
    pupils
        places × grades × years; sums over places are ``district``.
    factors
        grades × years.
    """
    flow = _Flow(history, areas)
    ratios = np.exp(effects)
    pupils = np.zeros((*flow.now.shape, district.shape[1]))
    factors = np.full(district.shape, np.nan)
    before = np.nan_to_num(history.totals[:, -1])
    for step in range(district.shape[1]):
        flow.change([change for change in changes if change.step == step])
        after = flow.after(district[:, step], before, ratios)
        pupils[:, :, step], factors[:, step] = rake(after, district[:, step])
        flow.now, before = pupils[:, :, step].copy(), district[:, step]
    return pupils, factors


class _Flow:
    """Pupils of the year reached, and how they go on: all arrays places × grades."""

    def __init__(self, history: History, areas: Sequence[str]) -> None:
        self._history = history
        self._areas = np.array([*areas] or [""] * len(history.places), dtype=object)
        self._climbs, self._draws = structure_of(history)
        self._taught = history.taught[:, :, -1].copy()
        self._closed: set[tuple[str, int]] = set()
        self._shares = np.zeros(self._draws.shape)
        for grade in np.flatnonzero(self._draws.any(axis=0)):
            self._shares[:, grade] = np.where(self._draws[:, grade], shares_of(history, int(grade)), 0.0)
        self.now = np.nan_to_num(history.counts[:, :, -1])

    def after(self, district: FloatArray, before: FloatArray, ratios: FloatArray) -> FloatArray:
        """Return the pupils a year later as the places themselves expect them; 0 where no one does."""
        after = np.where(self._draws, self._shares * district, 0.0)
        for grade in self._history.rises:
            if before[grade - 1] > 0:
                ratio = district[grade] / before[grade - 1]
                up = np.where(self._climbs[:, grade], self.now[:, grade - 1] * ratios[:, grade] * ratio, 0.0)
                drawn = after[:, grade].sum()
                if grade in self._history.entries and drawn > NOBODY:  # the others divide who is left
                    after[:, grade] *= max(district[grade] - up.sum(), 0.0) / drawn
                after[:, grade] += up
        nowhere = after.sum(axis=0) <= NOBODY  # all who are to come sit in places that end before the grade
        return np.where(nowhere, self._taught, after)

    def change(self, changes: Sequence[PlaceChange]) -> None:
        """Open and close the places of one year; a place that follows another takes over what that had."""
        following = {(one.stage, one.successor) for one in changes if not one.opens}
        for one in changes:
            rows = self._history.stage_rows(one.stage)
            if not one.opens:
                self._close(one, rows)
            elif (one.stage, one.place) not in following:
                self._open(one, rows)

    def _open(self, change: PlaceChange, rows: Sequence[int]) -> None:
        place, climbs = change.place, [row for row in rows if row in self._history.climbs]
        for row in (row for row in rows if row not in climbs):
            drawing = self._near(place, self._draws[:, row])
            known = change.seats[drawing]
            own = change.seats[place]
            typical = np.nanmean([*known, own])
            part = own / (own + np.where(np.isnan(known), typical, known).sum())
            taken = self._shares[drawing, row].sum() * part
            self._shares[drawing, row] *= 1.0 - part
            self._shares[place, row] = taken
            self._draws[place, row] = True
        self._climbs[place, climbs] = True
        self._taught[place, rows] = True

    def _close(self, change: PlaceChange, rows: Sequence[int]) -> None:
        place, successor = change.place, change.successor
        taking: BoolArray = np.asarray(self._taught[:, rows].any(axis=1))
        taking[place] = False
        followed = successor not in (None, place) and (change.stage, successor) not in self._closed
        if not (followed or taking.any()):
            return
        self._closed.add((change.stage, place))
        if followed:
            takers = np.asarray(np.arange(len(taking)) == successor)
            for mask in (self._climbs, self._draws, self._taught):
                mask[successor, rows] |= mask[place, rows]
        else:
            takers = self._near(place, taking)
        for row in rows:
            for figures in (self.now, self._shares):
                figures[takers, row] += figures[place, row] * _parts(figures[takers], row, rows)
                figures[place, row] = 0.0
        for mask in (self._climbs, self._draws, self._taught):
            mask[place, rows] = False

    def _near(self, place: int, among: BoolArray) -> BoolArray:
        """Return which of some places are in the area of a place; if none is, all of them."""
        near = among & (self._areas == self._areas[place])
        near[place] = False
        return near if near.any() else among


def _parts(figures: FloatArray, row: int, rows: Sequence[int]) -> FloatArray:
    """Return how takers divide a grade: by what they have of it, else of the stage, else evenly."""
    for have in (figures[:, row], figures[:, rows].sum(axis=1)):
        if have.sum() > 0:
            return np.asarray(have / have.sum())
    return np.full(len(figures), 1.0 / len(figures))
