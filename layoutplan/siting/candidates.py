"""Candidates for new seats and their options: the standard sizes that each could have.

A candidate is a location for a new school, or a school to enlarge; an option is one school type and standard
level there. Levels that the rules forbid are kept as refusals, so that explanations can state the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import geopandas as gpd
import pandas as pd

from layoutplan.city.city import City
from layoutplan.dictionary.rolls import stage_column
from layoutplan.layouts.school_land import guide_m2, has_tenure, least_m2, net_areas
from layoutplan.layouts.seats import Seats
from layoutplan.standards import Standards

Origin = Literal["site", "generated", "school"]
Refused = Literal["size_cap", "max_classes", "site_classes", "land"]

USABLE_STATES: Final = ("reserved", "available", "idle")
"""States of a site on which a school can be proposed; others are occupied or unavailable."""


@dataclass(frozen=True)
class Option:
    """One size of one candidate.

    Attributes
    ----------
    school_type
        Type of the school once built or enlarged.
    level
        Classes of the school once built or enlarged.
    classes
        Classes built or added.
    seats
        Seats added by stage; stages without added seats are omitted.
    cost
        In the profile's currency; ``None`` if the profile has no price for a stage.
    land_m2, least_land_m2
        Land that the standards advise for the whole school, and the least, m²; ``None`` if the profile has no
        rule.
    land_cost
        The part of ``cost`` that pays for the site.
    """

    school_type: str
    level: int
    classes: int
    seats: Mapping[str, float]
    cost: float | None
    land_m2: float | None
    least_land_m2: float | None = None
    land_cost: float = 0.0

    @property
    def total_seats(self) -> float:
        """Seats added in all stages."""
        return sum(self.seats.values())


@dataclass(frozen=True)
class Refusal:
    """A level that a rule forbids: the rule, the amount that the level needs, and the amount available."""

    school_type: str
    level: int
    why: Refused
    needs: float
    has: float


@dataclass(frozen=True)
class Candidate:
    """A location for a new school, or a school to enlarge; ``x``, ``y`` are in the city's CRS, metres.

    ``site_id`` names the location of a new school; ``school_id`` is the school enlarged, or the id of the new
    one. ``site_area_m2`` is ``None`` where unknown: land is then not checked, and the proposal says so.
    ``available_year`` is the first year in which the land can be used.
    """

    origin: Origin
    site_id: str | None
    school_id: str
    name: str
    x: float
    y: float
    district_id: str | None = None
    site_area_m2: float | None = None
    hotspot_id: str | None = None
    options: tuple[Option, ...] = ()
    refusals: tuple[Refusal, ...] = field(default=())
    available_year: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether a new school would open."""
        return self.origin != "school"


@dataclass(frozen=True)
class Sizing:
    """Rules that determine a candidate's options: standards of the target year, and the stages sited."""

    standards: Standards
    stages: tuple[str, ...]

    def school_types(self) -> tuple[str, ...]:
        """Return the school types that have standard levels and teach only stages that are sited."""
        return tuple(
            kind.id
            for kind in self.standards.schooling.types
            if kind.stages and set(kind.stages) <= set(self.stages) and self.standards.levels(kind.id)
        )

    def options(
        self,
        school_type: str,
        *,
        area_m2: float | None,
        present: Mapping[str, float] | None = None,
        present_classes: int = 0,
        max_classes: int | None = None,
        land_cost: float = 0.0,
    ) -> tuple[tuple[Option, ...], tuple[Refusal, ...]]:
        """Return the options of a candidate for one school type, and the levels that rules forbid.

        Parameters
        ----------
        school_type
            The school type.
        area_m2
            Land available, m²; ``None`` where unknown: land is not checked.
        present
            Existing seats by stage; only levels that remove none and add some are considered.
        present_classes
            Existing classes.
        max_classes
            Maximum number of classes on the site; ``None`` for none.
        land_cost
            Cost of the land, added to the cost of each option.

        Returns
        -------
        options, refusals
            Smallest level first.
        """
        have = present or {}
        options: list[Option] = []
        refusals: list[Refusal] = []
        for level in self.standards.levels(school_type):
            total = self.standards.level_seats(school_type, level)
            added = {stage: total.get(stage, 0.0) - have.get(stage, 0.0) for stage in {**total, **have}}
            if set(self.standards.schooling.taught_by(school_type)) != set(total) or not _grows(added):
                continue
            refusal = self._refusal(school_type, level, total=total, area_m2=area_m2, max_classes=max_classes)
            if refusal:
                refusals.append(refusal)
                continue
            grown = {stage: seats for stage, seats in added.items() if seats > 0}
            price = self._sum("cost.per_seat", grown)
            options.append(
                Option(
                    school_type=school_type,
                    level=level,
                    classes=level - present_classes,
                    seats=grown,
                    cost=None if price is None else price + land_cost,
                    land_m2=guide_m2(self.standards, total),
                    least_land_m2=least_m2(self.standards, total),
                    land_cost=land_cost,
                ),
            )
        return tuple(options), tuple(refusals)

    def adds_a_class(self, option: Option) -> bool:
        """Return whether an option adds at least one standard class to a stage that is sited.

        Parameters
        ----------
        option
            The option.
        """
        return any(option.seats.get(stage, 0.0) >= self.standards.class_size(stage) for stage in self.stages)

    def _refusal(
        self,
        school_type: str,
        level: int,
        *,
        total: Mapping[str, float],
        area_m2: float | None,
        max_classes: int | None,
    ) -> Refusal | None:
        """Return the first rule that forbids a level, or ``None``."""
        for rule in self.standards.broken_by(school_type, level):
            cap = self.standards.number(rule.key, school_type)
            pupils = sum(total.values())
            if rule.key == "school_size.cap":
                return Refusal(school_type, level, "size_cap", needs=pupils, has=cap)
            return Refusal(school_type, level, "max_classes", needs=level, has=cap)
        if max_classes is not None and level > max_classes:
            return Refusal(school_type, level, "site_classes", needs=level, has=max_classes)
        land = least_m2(self.standards, total)
        if area_m2 is not None and land is not None and land > area_m2:
            return Refusal(school_type, level, "land", needs=land, has=area_m2)
        return None

    def _sum(self, key: str, seats: Mapping[str, float]) -> float | None:
        """Return seats × the rule, summed over stages; ``None`` if the rule is missing for one of them."""
        if any(self.standards.find(key, stage) is None for stage in seats):
            return None
        return sum(count * self.standards.number(key, stage) for stage, count in seats.items())


def _grows(added: Mapping[str, float]) -> bool:
    """Return whether some stage gains seats and none loses any."""
    return min(added.values()) >= 0 and max(added.values()) > 0


def site_candidates(city: City, sizing: Sizing, *, year: int) -> tuple[Candidate, ...]:
    """Return the sites of table ``sites`` on which a school could open, in the table's order.

    Sites that are not usable (occupied, unavailable, available too late, wholly to be rezoned, collective
    land not acquired yet) or already used by a project are left out. The area of a site is net of what is to
    be rezoned (:mod:`layoutplan.layouts.school_land`).

    Parameters
    ----------
    city
        The city.
    sizing
        Rules for the options.
    year
        Target year, by which the site must be available.
    """
    sites = city.tables.get("sites")
    if sites is None or len(sites) == 0:
        return ()
    frame = gpd.GeoDataFrame(sites, geometry="geometry", crs=city.crs)
    if "site_id" in frame.columns:
        frame = frame.set_index("site_id")
    taken = _sites_of_projects(city)
    frame = frame.assign(net_area_m2=net_areas(frame))
    frame = frame[has_tenure(frame) & ~(frame["net_area_m2"] <= 0)]
    found = []
    for site_id, row in frame.iterrows():
        state = row["status"] if pd.notna(row["status"]) else "reserved"
        late = pd.notna(row["available_year"]) and int(row["available_year"]) > year
        if state in USABLE_STATES and not late and str(site_id) not in taken and row.geometry is not None:
            found.append(_site(str(site_id), row, sizing))
    return tuple(found)


def _sites_of_projects(city: City) -> frozenset[str]:
    """Return the sites used by a project that has not been cancelled."""
    projects = city.tables.get("projects")
    if projects is None or len(projects) == 0 or "site_id" not in projects.columns:
        return frozenset()
    alive = projects[projects["state"] != "cancelled"]
    return frozenset(alive["site_id"].dropna().astype(str))


def _site(site_id: str, row: pd.Series, sizing: Sizing) -> Candidate:
    place = row.geometry.representative_point()
    area = _known(row["net_area_m2"])
    limit = _known(row["max_classes"])
    given = _listed(row["school_types"])
    types = [name for name in given if sizing.standards.levels(name)] if given else sizing.school_types()
    options, refusals = _all_types(
        types,
        sizing,
        area_m2=area,
        max_classes=None if limit is None else int(limit),
        land_cost=_known(row["land_cost"]) or 0.0,
    )
    return Candidate(
        origin="site",
        site_id=site_id,
        school_id=new_school_id(site_id),
        name=str(row["name"]) if pd.notna(row["name"]) else site_id,
        x=float(place.x),
        y=float(place.y),
        district_id=str(row["district_id"]) if pd.notna(row["district_id"]) else None,
        site_area_m2=area,
        options=options,
        refusals=refusals,
        available_year=None if pd.isna(row["available_year"]) else int(row["available_year"]),
    )


def new_school_id(site_id: str) -> str:
    """Return the id of a school that would open on a site; uniqueness is not checked.

    Parameters
    ----------
    site_id
        The site.
    """
    return f"NEW-{site_id}"


def _all_types(
    types: Sequence[str],
    sizing: Sizing,
    *,
    area_m2: float | None,
    max_classes: int | None = None,
    land_cost: float = 0.0,
) -> tuple[tuple[Option, ...], tuple[Refusal, ...]]:
    """Return the options and refusals of every type that teaches a stage sited."""
    options: list[Option] = []
    refusals: list[Refusal] = []
    for school_type in types:
        if set(sizing.standards.schooling.taught_by(school_type)) & set(sizing.stages):
            more, refused = sizing.options(
                school_type, area_m2=area_m2, max_classes=max_classes, land_cost=land_cost
            )
            options += more
            refusals += refused
    return tuple(options), tuple(refusals)


def _known(value: object) -> float | None:
    """Return a number, or ``None`` for a null."""
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


def _listed(value: object) -> tuple[str, ...]:
    """Return the items of a list cell; empty for null."""
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(";") if item.strip())
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


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
        present = {stage: float(frame.loc[school_id, year]) for stage, frame in seats.seats.items()}
        counts = bool(school["counts"]) and school["status"] == "open" and school["ownership"] == "public"
        if counts and sum(present.values()) > 0 and school_id in city.schools.index:
            candidate = _enlargement(str(school_id), school, city.schools.loc[school_id], sizing, present)
            if candidate is not None:
                found.append(candidate)
    return tuple(found)


def _enlargement(
    school_id: str, school: pd.Series, campus: pd.Series, sizing: Sizing, present: Mapping[str, float]
) -> Candidate | None:
    school_type = str(school["school_type"])
    area = _known(campus["site_area_m2"]) if "site_area_m2" in campus.index else None
    options, refusals = sizing.options(
        school_type,
        area_m2=area,
        present=present,
        present_classes=_present_classes(campus, sizing, present),
    )
    useful = [option for option in options if sizing.adds_a_class(option)][:1]
    if not useful and not refusals:
        return None
    return Candidate(
        origin="school",
        site_id=None,
        school_id=school_id,
        name=str(school["name"]),
        x=float(school.geometry.x),
        y=float(school.geometry.y),
        district_id=str(school["district_id"]) if pd.notna(school["district_id"]) else None,
        site_area_m2=area,
        options=tuple(useful),
        refusals=refusals,
    )


def _present_classes(campus: pd.Series, sizing: Sizing, present: Mapping[str, float]) -> int:
    """Return the classes of a school: as stated, otherwise its seats divided by the standard class size."""
    total = 0
    for stage, seats in present.items():
        given = campus.get(stage_column("classes", stage))
        whole = round(seats / sizing.standards.class_size(stage)) if seats > 0 else 0
        total += whole if given is None or pd.isna(given) else int(given)
    return total
