"""Choices as they were made, or would have been, in any past year: on the errors seen by then alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from layoutplan.enrolment.births import Births
from layoutplan.enrolment.choices import Ageing, Choices, Effects, Entry, EntrySource, Shares, Trials
from layoutplan.enrolment.district import ageing_trials, entry_trials, source_of
from layoutplan.enrolment.history import History
from layoutplan.enrolment.places import effects_trials, shares_trials


@dataclass(frozen=True)
class Chooser:
    """Makes the choices of a forecast as of any year of a history.

    Every candidate is tried from every past year once; a year then chooses by the errors seen up to it. What
    is chosen is what the history cut off at that year would have chosen by itself, so that errors of past
    forecasts are those of choices that did not know their outcome: errors of today's choices in the past
    would be too small, and bands made from them too narrow.
    """

    history: History
    births: Births
    spread: float
    _ageing: Trials[Ageing] = field(init=False, repr=False)
    _effects: Trials[Effects] = field(init=False, repr=False)
    _shares: Trials[Shares] = field(init=False, repr=False)
    _entries: dict[tuple[int, EntrySource], Trials[Entry]] = field(
        init=False, repr=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Try every candidate; those of entry are tried when their source is asked for."""
        object.__setattr__(self, "_ageing", ageing_trials(self.history, spread=self.spread))
        object.__setattr__(self, "_effects", effects_trials(self.history))
        object.__setattr__(self, "_shares", shares_trials(self.history))

    def at(self, year: int) -> Choices:
        """Return the choices made in a year of the history."""
        known = self.history.years.index(year)
        past, births = self.history.until(year), self.births.until(year)
        sources = {grade: source_of(past, births, grade) for grade in past.entries}
        return Choices(
            ageing=self._ageing.best(known),
            entries={grade: self._entry(grade, source).best(known) for grade, source in sources.items()},
            sources=sources,
            effects=self._effects.best(known),
            shares=self._shares.best(known),
        )

    def _entry(self, grade: int, source: EntrySource) -> Trials[Entry]:
        if (grade, source) not in self._entries:
            self._entries[grade, source] = entry_trials(
                self.history, self.births, grade, source=source, spread=self.spread
            )
        return self._entries[grade, source]
