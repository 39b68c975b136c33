"""Candidates and their options: the standard sizes that a location or a school could have.

A candidate is a location for a new school, or a school that may change (:mod:`layoutplan.siting.existing`);
an option is one school type and standard level there. Levels that the rules forbid are kept as refusals, so
that explanations can state the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import geopandas as gpd
import pandas as pd

from layoutplan.city.city import City
from layoutplan.layouts.school_land import guide_m2, has_tenure, is_education_land, least_m2, net_areas
from layoutplan.standards import Standards

Origin = Literal["site", "generated", "school"]
OptionKind = Literal["build", "enlarge", "convert", "shrink", "close"]
Refused = Literal["size_cap", "max_classes", "site_classes", "land", "floor"]

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
    kind
        How the seats come about, or that seats are given up.
    kept
        Share of today's seats that stay, by stage; all of them in stages that are not named.
    replacement_value
        Seats added less seats given up, at the price of building them: running cost is a share of it.
    successor
        School or site that must have seats while this option is in force.
    first_year
        First year in which it can be in force; ``None`` for any.
    """

    school_type: str
    level: int
    classes: int
    seats: Mapping[str, float]
    cost: float | None
    land_m2: float | None
    least_land_m2: float | None = None
    land_cost: float = 0.0
    kind: OptionKind = "build"
    kept: Mapping[str, float] = field(default_factory=dict)
    replacement_value: float = 0.0
    successor: str | None = None
    first_year: int | None = None

    @property
    def gives_up(self) -> bool:
        """Whether seats are given up and none added."""
        return self.kind in ("shrink", "close")

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
    ``available_year`` is the first year in which the land can be used, ``with_estate`` the year in which the
    first residents move into the estate of the site (三同时): a school opens there by then or not at all, as
    soon as it can where that is later.
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
    with_estate: int | None = None

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
            price = self.price("cost.per_seat", grown)
            options.append(
                Option(
                    school_type=school_type,
                    level=level,
                    classes=level - present_classes,
                    seats=grown,
                    cost=None if price is None else price + land_cost,
                    replacement_value=price or 0.0,
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

    def price(self, key: str, seats: Mapping[str, float]) -> float | None:
        """Return seats × the rule, summed over stages; ``None`` if the rule is missing for one of them.

        Parameters
        ----------
        key
            Key of a rule by stage.
        seats
            Seats by stage.
        """
        if any(self.standards.find(key, stage) is None for stage in seats):
            return None
        return sum(count * self.standards.number(key, stage) for stage, count in seats.items())


def _grows(added: Mapping[str, float]) -> bool:
    """Return whether some stage gains seats and none loses any."""
    return min(added.values()) >= 0 and max(added.values()) > 0


def site_candidates(
    city: City, sizing: Sizing, *, year: int, education_land_only: bool = False
) -> tuple[Candidate, ...]:
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
    education_land_only
        Whether sites that are not zoned for education are left out too.
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
    if education_land_only:
        frame = frame[is_education_land(frame)]
    occupied = estate_years(city)
    found = []
    for site_id, row in frame.iterrows():
        state = row["status"] if pd.notna(row["status"]) else "reserved"
        late = pd.notna(row["available_year"]) and int(row["available_year"]) > year
        if state in USABLE_STATES and not late and str(site_id) not in taken and row.geometry is not None:
            site = _site(str(site_id), row, sizing)
            found.append(replace(site, with_estate=occupied.get(str(row["housing_id"]))))
    return tuple(found)


def estate_years(city: City) -> Mapping[str, int]:
    """Return the year in which the first residents of each estate move in.

    Parameters
    ----------
    city
        The city.
    """
    housing = city.tables.get("housing")
    if housing is None or not len(housing):
        return {}
    first = housing.dropna(subset="first_occupancy_year").groupby("housing_id")["first_occupancy_year"].min()
    return {str(estate): int(year) for estate, year in first.items()}


def _sites_of_projects(city: City) -> frozenset[str]:
    """Return the sites used by a project that has not been cancelled."""
    projects = city.tables.get("projects")
    if projects is None or len(projects) == 0 or "site_id" not in projects.columns:
        return frozenset()
    alive = projects[projects["state"] != "cancelled"]
    return frozenset(alive["site_id"].dropna().astype(str))


def _site(site_id: str, row: pd.Series, sizing: Sizing) -> Candidate:
    place = row.geometry.representative_point()
    area = known_number(row["net_area_m2"])
    limit = known_number(row["max_classes"])
    given = _listed(row["school_types"])
    types = [name for name in given if sizing.standards.levels(name)] if given else sizing.school_types()
    options, refusals = _all_types(
        types,
        sizing,
        area_m2=area,
        max_classes=None if limit is None else int(limit),
        land_cost=known_number(row["land_cost"]) or 0.0,
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


def known_number(value: object) -> float | None:
    """Return a cell of a table as a number.

    Parameters
    ----------
    value
        The cell.

    Returns
    -------
    float or None
        ``None`` for a null or no cell.
    """
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


def _listed(value: object) -> tuple[str, ...]:
    """Return the items of a list cell; empty for null."""
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(";") if item.strip())
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()
