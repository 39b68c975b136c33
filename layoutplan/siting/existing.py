"""What existing schools and buildings may become (盘活存量): enlarged, converted, smaller, closed.

A school, or the building of a closed one, changes from today's seats to others of a type and level. Seats
beyond today's are added, seats below today's are given up. Only what the plan names is offered, but for
enlargements (``[siting] enlarge``, ``convert``, ``shrink``, ``close``); what it names and can not be offered
is kept with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import pandas as pd

from layoutplan.city.city import City
from layoutplan.dictionary.rolls import stage_column
from layoutplan.layouts.seats import Seats
from layoutplan.plan import SitingSettings
from layoutplan.siting.candidates import Candidate, Option, OptionKind, Sizing, known_number

CONVERT_PRICE: Final = "cost.convert_per_seat"
_FLOOR: Final = "floor.per_seat"
_Why = Literal["unknown", "stages", "boards", "type", "price", "size", "successor"]


@dataclass(frozen=True)
class NotOffered:
    """A school or site that a key of ``[siting]`` names and that can not be offered, with the reason."""

    key: str
    id: str
    why: _Why


@dataclass(frozen=True)
class ExistingOffers:
    """Schools that may change, those on sites included, and what can not be offered."""

    candidates: tuple[Candidate, ...]
    refused: tuple[NotOffered, ...] = ()


def enlargements(city: City, seats: Seats, sizing: Sizing, *, year: int) -> tuple[Candidate, ...]:
    """Return the open public schools that could grow to the next allowed level, in the order of ``seats``.

    Only the next level is offered: the smallest that adds at least a class and removes no seats. Where the
    school's land is known, it must suffice for all seats; where it is unknown, the proposal says so.

    Parameters
    ----------
    city
        The city.
    seats
        Seats of today's layout.
    sizing
        Rules for the options.
    year
        Target year.

    Returns
    -------
    tuple of Candidate
        At most one option each.
    """
    found = []
    for school_id, school in seats.schools.iterrows():
        present = _present(seats, str(school_id), year)
        if school_id in city.schools.index and _is_open(school) and sum(present.values()) > 0:
            candidate = _enlargement(str(school_id), school, city.schools.loc[school_id], sizing, present)
            if candidate is not None:
                found.append(candidate)
    return tuple(found)


def existing_offers(
    city: City, seats: Seats, sizing: Sizing, settings: SitingSettings, *, year: int, sites: Collection[str]
) -> ExistingOffers:
    """Return the schools that may change as the plan allows it.

    Parameters
    ----------
    city
        The city.
    seats
        Seats of today's layout.
    sizing
        Rules for the options.
    settings
        Section ``[siting]``.
    year
        Target year.
    sites
        Ids of the sites offered, which may be successors.

    Returns
    -------
    ExistingOffers
        One candidate for each school, with the options of all kinds.
    """
    grown: tuple[Candidate, ...] = ()
    if settings.enlarge:
        grown = enlargements(city, seats, sizing, year=year)
    by_school = {one.school_id: one for one in grown}
    refused: list[NotOffered] = []
    school = _Existing(city, seats, sizing, year, frozenset(sites))
    known = {str(name) for name in _idle(city)}
    asked = (
        *(("convert", name) for name in settings.convert if name not in known),
        *(("shrink", name) for name in dict.fromkeys(settings.shrink)),
        *(("close", name) for name in settings.close),
    )
    for key, name in asked:
        options: Sequence[Option] | _Why
        if key == "convert":
            options = school.converted(name, settings.convert[name])
        elif key == "shrink":
            options = school.smaller(name)
        else:
            options = school.closed(name, settings.close[name])
        if isinstance(options, str):
            refused.append(NotOffered(key, name, options))
            continue
        before = by_school.get(name) or school.candidate(name)
        by_school[name] = replace(before, options=(*before.options, *options))
    order = {str(name): at for at, name in enumerate(seats.schools.index)}
    found = sorted(by_school.values(), key=lambda one: order[one.school_id])
    return ExistingOffers(tuple(found), tuple(refused))


def with_reuse(
    sites: Sequence[Candidate], city: City, sizing: Sizing, settings: SitingSettings
) -> ExistingOffers:
    """Return sites with the options of buildings that stand idle there and that the plan lets be reused.

    Parameters
    ----------
    sites
        Sites on which a school could be built.
    city
        The city.
    sizing
        Rules for the options.
    settings
        Section ``[siting]``: ``convert`` names sites of status ``idle``, and what they become.

    Returns
    -------
    ExistingOffers
        All sites in their order.
    """
    idle = _idle(city)
    found, refused = [], []
    at = {one.site_id: one for one in sites if one.origin == "site"}
    more: dict[str | None, tuple[Option, ...]] = {}
    for name in (one for one in settings.convert if one in idle):
        site = at.get(name)
        options: Sequence[Option] | _Why = "unknown"
        if site is not None:
            floor = known_number(idle[name].get("floor_area_m2"))
            wanted = _Wanted(settings.convert[name], site.site_area_m2, floor)
            options = _converted(sizing, {}, wanted)
        if isinstance(options, str):
            refused.append(NotOffered("convert", name, options))
        else:
            land = known_number(idle[name].get("land_cost")) or 0.0
            more[name] = tuple(replace(one, cost=(one.cost or 0.0) + land, land_cost=land) for one in options)
    for one in sites:
        added = more.get(one.site_id, ()) if one.origin == "site" else ()
        found.append(replace(one, options=(*one.options, *added)))
    return ExistingOffers(tuple(found), tuple(refused))


def _idle(city: City) -> dict[str, pd.Series]:
    """Return the rows of the sites whose buildings stand idle, by id."""
    sites = city.tables.get("sites")
    if sites is None or not len(sites):
        return {}
    frame = sites.set_index("site_id") if "site_id" in sites.columns else sites
    rows = frame[(frame["status"] == "idle").fillna(value=False).astype(bool)]
    return {str(name): row for name, row in rows.iterrows()}


def _is_open(school: pd.Series) -> bool:
    """Return whether a school is open, public, and its seats count."""
    return bool(school["counts"]) and school["status"] == "open" and school["ownership"] == "public"


def _present(seats: Seats, school_id: str, year: int) -> dict[str, float]:
    return {stage: float(frame[year].astype(float)[school_id]) for stage, frame in seats.seats.items()}


@dataclass(frozen=True)
class _Wanted:
    """A school type, and the land and floor there are for it, m²; ``None`` where unknown."""

    school_type: str
    land_m2: float | None
    floor_m2: float | None


def _changed(sizing: Sizing, present: Mapping[str, float], option: Option, *, kind: OptionKind) -> Option:
    """Return an option of a whole school as a change from present seats: those added, and the shares kept."""
    total = option.seats
    stages = dict.fromkeys((*total, *present))
    net = {stage: total.get(stage, 0.0) - present.get(stage, 0.0) for stage in stages}
    return replace(
        option,
        kind=kind,
        seats={stage: seats for stage, seats in net.items() if seats > 0},
        kept={
            stage: total.get(stage, 0.0) / present[stage]
            for stage in stages
            if net[stage] < 0 < present.get(stage, 0.0)
        },
        replacement_value=sizing.price("cost.per_seat", net) or 0.0,
    )


def _converted(sizing: Sizing, present: Mapping[str, float], wanted: _Wanted) -> Sequence[Option] | _Why:
    """Return the levels that a building may be converted to; the price is that of the seats gained."""
    taught = sizing.standards.schooling.taught_by(wanted.school_type) if _is_type(sizing, wanted) else ()
    if not taught or not set(taught) <= set(sizing.stages):
        return "type"
    whole, _ = sizing.options(wanted.school_type, area_m2=wanted.land_m2)
    found = []
    for one in whole:
        option = _changed(sizing, present, one, kind="convert")
        price = sizing.price(CONVERT_PRICE, option.seats)
        if price is None:
            return "price"
        if option.seats and sizing.adds_a_class(option) and _fits(sizing, one.seats, wanted.floor_m2):
            found.append(replace(option, cost=price))
    return found or "size"


def _is_type(sizing: Sizing, wanted: _Wanted) -> bool:
    known = wanted.school_type in sizing.standards.schooling.type_ids
    return known and bool(sizing.standards.levels(wanted.school_type))


def _fits(sizing: Sizing, seats: Mapping[str, float], floor_m2: float | None) -> bool:
    """Return whether the floor that stands suffices, as far as it and the rule are known."""
    needed = sizing.price(_FLOOR, seats)
    return floor_m2 is None or needed is None or needed <= floor_m2


@dataclass(frozen=True)
class _Existing:
    """The schools of today, and what each may become."""

    city: City
    seats: Seats
    sizing: Sizing
    year: int
    sites: frozenset[str]

    def candidate(self, school_id: str) -> Candidate:
        """Return a school without options."""
        school, campus = self.seats.schools.loc[school_id], self.city.schools.loc[school_id]
        return _candidate(school_id, school, campus)

    def _refused(self, school_id: str) -> _Why | None:
        """Return why seats of a school can not be given up; ``None`` where they can."""
        if school_id not in self.city.schools.index or school_id not in self.seats.schools.index:
            return "unknown"
        if not (self._taught(school_id) and _is_open(self.seats.schools.loc[school_id])):
            return "unknown"
        if not set(self._taught(school_id)) <= set(self.sizing.stages):
            return "stages"
        boarding = self.seats.boarding
        beds = 0.0
        for frame in () if boarding is None else boarding.beds.values():
            beds += float(frame.reindex([school_id]).fillna(0.0).to_numpy().sum())
        return "boards" if beds > 0 else None

    def _taught(self, school_id: str) -> list[str]:
        """Return the stages in which a school has seats in some year."""
        return [stage for stage, frame in self.seats.seats.items() if (frame.loc[school_id] > 0).any()]

    def converted(self, school_id: str, school_type: str) -> Sequence[Option] | _Why:
        """Return the levels of another type, or of a school that has closed."""
        if school_id not in self.city.schools.index or school_id not in self.seats.schools.index:
            return "unknown"
        taught = self._taught(school_id)
        if taught and (why := self._refused(school_id)):
            return why
        campus = self.city.schools.loc[school_id]
        wanted = _Wanted(
            school_type, known_number(campus.get("site_area_m2")), known_number(campus.get("floor_area_m2"))
        )
        present = {stage: seats for stage, seats in self._now(school_id).items() if seats > 0}
        return _converted(self.sizing, present, wanted)

    def _now(self, school_id: str) -> dict[str, float]:
        return _present(self.seats, school_id, self.year)

    def smaller(self, school_id: str) -> Sequence[Option] | _Why:
        """Return the lower levels of a school's type, which give up seats and add none."""
        if why := self._refused(school_id):
            return why
        school_type = str(self.seats.schools.loc[school_id, "school_type"])
        present = {stage: seats for stage, seats in self._now(school_id).items() if seats > 0}
        if not _is_type(self.sizing, _Wanted(school_type, None, None)):
            return "type"
        found = []
        for one in self.sizing.options(school_type, area_m2=None)[0]:
            option = _changed(self.sizing, present, one, kind="shrink")
            if not option.seats and option.kept and set(one.seats) == set(present):
                classes = one.level - self._classes(school_id, present)
                found.append(replace(option, cost=0.0, classes=classes))
        return found or "size"

    def _classes(self, school_id: str, present: Mapping[str, float]) -> int:
        return present_classes(self.city.schools.loc[school_id], self.sizing, present)

    def closed(self, school_id: str, successor: str) -> Sequence[Option] | _Why:
        """Return the option of a closed school, whose pupils a successor takes."""
        if why := self._refused(school_id):
            return why
        present = {stage: seats for stage, seats in self._now(school_id).items() if seats > 0}
        first = self._opens(successor, self._taught(school_id)) if successor else None
        if (successor and successor not in self.sites and first is None) or successor == school_id:
            return "successor"
        nothing = Option(
            school_type=str(self.seats.schools.loc[school_id, "school_type"]),
            level=0,
            classes=-self._classes(school_id, present),
            seats={},
            cost=0.0,
            land_m2=None,
        )
        option = _changed(self.sizing, present, nothing, kind="close")
        kept = dict.fromkeys(self._taught(school_id), 0.0)
        return [replace(option, kept=kept, successor=successor or None, first_year=first)]

    def _opens(self, school_id: str, stages: Collection[str]) -> int | None:
        """Return the year from which a school has seats in some stages to the end; ``None`` without any."""
        if school_id not in self.seats.schools.index:
            return None
        last = None
        for year in reversed(self.seats.years):
            if any(float(self.seats.counted(stage)[year].astype(float)[school_id]) <= 0 for stage in stages):
                break
            last = year
        return last


def _enlargement(
    school_id: str, school: pd.Series, campus: pd.Series, sizing: Sizing, present: Mapping[str, float]
) -> Candidate | None:
    school_type = str(school["school_type"])
    options, refusals = sizing.options(
        school_type,
        area_m2=known_number(campus.get("site_area_m2")),
        present=present,
        present_classes=present_classes(campus, sizing, present),
    )
    useful = [replace(option, kind="enlarge") for option in options if sizing.adds_a_class(option)][:1]
    if not useful and not refusals:
        return None
    return replace(_candidate(school_id, school, campus), options=tuple(useful), refusals=refusals)


def _candidate(school_id: str, school: pd.Series, campus: pd.Series) -> Candidate:
    return Candidate(
        origin="school",
        site_id=None,
        school_id=school_id,
        name=str(school["name"]),
        x=float(school.geometry.x),
        y=float(school.geometry.y),
        district_id=str(school["district_id"]) if pd.notna(school["district_id"]) else None,
        site_area_m2=known_number(campus.get("site_area_m2")),
    )


def present_classes(campus: pd.Series, sizing: Sizing, present: Mapping[str, float]) -> int:
    """Return the classes of a school: as stated, otherwise its seats divided by the standard class size.

    Parameters
    ----------
    campus
        Row of table ``schools``.
    sizing
        Gives the class sizes.
    present
        Seats by stage.
    """
    return sum(_stage_classes(campus, sizing, stage, seats) for stage, seats in present.items())


def _stage_classes(campus: pd.Series, sizing: Sizing, stage: str, seats: float) -> int:
    given = campus.get(stage_column("classes", stage))
    whole = round(seats / sizing.standards.class_size(stage)) if seats > 0 else 0
    return whole if given is None or pd.isna(given) else int(given)
