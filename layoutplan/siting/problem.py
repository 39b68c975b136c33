"""Input of the siting model: pupils without a seat, and the candidates that could serve them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.grade_bands import grades_in_year
from layoutplan.city.city import City
from layoutplan.hotspots.result import Hotspots
from layoutplan.layouts.seats import Seats
from layoutplan.plan.settings import SitingSettings
from layoutplan.siting.candidates import Candidate, Sizing, enlargements, site_candidates
from layoutplan.siting.generated import BuildableLand, generated_candidates
from layoutplan.siting.reach import StageReach, stage_reach
from layoutplan.siting.shortage import Shortage, shortage
from layoutplan.solve import Placement
from layoutplan.study import Study
from layoutplan.texts import Language
from layoutplan.travel.distinct import distinct
from layoutplan.travel.matrix import WalkMatrix


@dataclass(frozen=True)
class SitingInputs:
    """The study, today's hotspots, and the rules for school sizes."""

    study: Study
    hotspots: Hotspots
    sizing: Sizing

    @property
    def city(self) -> City:
        """The city."""
        return self.study.city

    @property
    def seats(self) -> Seats:
        """Seats of today's layout."""
        return self.study.today.seats

    @property
    def pairs(self) -> WalkMatrix:
        """Walks of today's layout, metres."""
        return self.study.today.walks

    @property
    def settings(self) -> SitingSettings:
        """``[siting]`` of the plan."""
        return self.study.plan.siting

    @property
    def reach_m(self) -> Mapping[str, float]:
        """Longest placement distance of each stage, walking metres."""
        return self.study.reach_m

    @property
    def year(self) -> int:
        """The target year."""
        return self.study.target_year

    @property
    def lang(self) -> Language:
        """Language of the reasons; their translations are in further columns."""
        return self.study.lang

    def reach(self, stage: str, seats: Seats, pairs: WalkMatrix) -> StageReach:
        """Return one stage's pupils, seats that count and pairs within reach, as in the balance.

        Parameters
        ----------
        stage
            Stage id.
        seats, pairs
            Seats and walks of a layout.

        Returns
        -------
        StageReach
            In the target year.
        """
        return stage_reach(
            stage,
            seats,
            pairs,
            units=self.city.units,
            pupils=self.study.demand.pupils[stage][self.year].to_numpy(dtype=np.float64),
            counted=seats.counted(stage)[self.year].to_numpy(dtype=np.float64),
            reach_m=self.reach_m[stage],
            year=self.year,
            grades=grades_in_year(self.study, seats, stage, self.year),
        )

    def walks_to(self, places: Sequence[Candidate], *, limits_m: Sequence[float]) -> WalkMatrix:
        """Return the walks from all units to candidates.

        Parameters
        ----------
        places
            The candidates.
        limits_m
            Limit of the walks to each candidate, metres.

        Returns
        -------
        WalkMatrix
            Origins ``city.units``, destinations the candidates, in their order.
        """
        index = pd.Index([one.school_id for one in places], dtype=self.pairs.destinations.dtype)
        return self.study.walking.pairs(
            self.city.units.geometry,
            gpd.GeoSeries.from_xy(
                [one.x for one in places], [one.y for one in places], index=index, crs=self.city.crs
            ),
            limit_m=np.array(limits_m, dtype=np.float64),
        )


@dataclass(frozen=True)
class Problem:
    """The siting problem at the target year.

    Attributes
    ----------
    baseline
        By stage, today's pupils, seats and pairs within reach.
    placed
        By stage, the placement of the pupils in these seats.
    candidates, places
        What could be built, and the position of each: that of the school, or one after all schools.
    extra
        Walks to the candidates that are new locations, in their order.
    shortages
        By stage, the part of the city that new seats can change.
    members
        By hotspot, the positions of its units.
    """

    baseline: Mapping[str, StageReach]
    placed: Mapping[str, Placement]
    candidates: tuple[Candidate, ...] = ()
    places: tuple[int, ...] = ()
    extra: WalkMatrix | None = None
    shortages: Mapping[str, Shortage] = field(default_factory=dict)
    members: Mapping[str, IntArray] = field(default_factory=dict)

    @property
    def unserved(self) -> dict[str, FloatArray]:
        """Unserved pupils by stage, shape (units,) each."""
        return {stage: placement.unserved for stage, placement in self.placed.items()}

    @property
    def unserved_total(self) -> float:
        """Pupils without a seat within reach today, all stages sited."""
        return float(sum(values.sum() for values in self.unserved.values()))

    def units_near(self, place: int, stage: str, *, reach_m: float) -> IntArray:
        """Return the units within reach of a place.

        Parameters
        ----------
        place
            Position of a school or, after all schools, of a new location.
        stage
            Stage id.
        reach_m
            Reach for new locations, metres.

        Returns
        -------
        IntArray
            Positions of the units, ascending.
        """
        reach = self.baseline[stage]
        new = place - len(reach.seats)
        if new < 0:
            return distinct(reach.unit[reach.place == place])
        if self.extra is None:
            return np.zeros(0, dtype=np.int64)
        near = (self.extra.indices == new) & (self.extra.metres <= reach_m)
        return distinct(self.extra.rows[near])


def situation_today(task: SitingInputs) -> Problem:
    """Return the problem at the target year without candidates.

    Parameters
    ----------
    task
        Input of siting.

    Returns
    -------
    Problem
        Pupils placed in today's seats.
    """
    baseline = {stage: task.reach(stage, task.seats, task.pairs) for stage in task.sizing.stages}
    placed = {stage: reach.placed(reach.seats) for stage, reach in baseline.items()}
    return Problem(baseline=baseline, placed=placed)


def with_candidates(today: Problem, task: SitingInputs) -> Problem:
    """Return the problem with all candidates and what their seats could change.

    Parameters
    ----------
    today
        The problem without candidates.
    task
        Input of siting.

    Returns
    -------
    Problem
        Known sites first, then generated locations, then enlargements.
    """
    members = _members(task.hotspots, task.city.units.index)
    new = list(site_candidates(task.city, task.sizing, year=task.year))
    if task.settings.generate_sites:
        ground = _ground(today, task, members)
        new += generated_candidates(task.hotspots.hotspots, ground, task.sizing)
    new = _distinct(new, taken=task.seats.schools.index)
    grown: tuple[Candidate, ...] = ()
    if task.settings.enlarge:
        grown = enlargements(task.city, task.seats, task.sizing, year=task.year)
    schools = task.seats.schools.index
    places = [len(schools) + position for position in range(len(new))]
    places += [int(position) for position in schools.get_indexer([one.school_id for one in grown])]
    extra = _pairs_to(new, task)
    found = replace(today, candidates=(*new, *grown), places=tuple(places), extra=extra, members=members)
    return replace(found, shortages=shortages_with(found, task, {}))


def shortages_with(
    situation: Problem, task: SitingInputs, added: Mapping[str, Mapping[int, float]]
) -> dict[str, Shortage]:
    """Return, by stage, the part of the city that new seats can change once seats have been added.

    Parameters
    ----------
    situation
        Candidates and today's placement.
    task
        Input of siting.
    added
        Seats added, by stage and place.

    Returns
    -------
    dict
        By stage.
    """
    return {
        stage: _shortage(situation, reach, task, added.get(stage, {}))
        for stage, reach in situation.baseline.items()
    }


def _members(hotspots: Hotspots, units: pd.Index) -> dict[str, IntArray]:
    """Return the positions of the units of each hotspot."""
    positions = units.get_indexer(pd.Index(hotspots.members["unit_id"]))
    owners = hotspots.members["hotspot_id"].astype(str).to_numpy()
    return {
        name: np.sort(positions[owners == name]).astype(np.int64)
        for name in hotspots.hotspots["hotspot_id"].astype(str)
    }


def _ground(today: Problem, task: SitingInputs, members: Mapping[str, IntArray]) -> BuildableLand:
    schools = _coordinates(task.seats.schools.geometry)
    return BuildableLand(
        places=_coordinates(task.city.units.geometry),
        unserved=_short(today, task.hotspots, members),
        schools={stage: schools[reach.seats > 0] for stage, reach in today.baseline.items()},
        members=members,
    )


def _short(today: Problem, hotspots: Hotspots, members: Mapping[str, IntArray]) -> dict[str, FloatArray]:
    """Return the pupils short of every unit by stage; 0 outside the hotspots."""
    found = {stage: np.zeros_like(unserved) for stage, unserved in today.unserved.items()}
    pupils = hotspots.members.groupby("hotspot_id", sort=False)["pupils"]
    stages = hotspots.hotspots.set_index("hotspot_id")["stage"]
    for hotspot, values in pupils:
        stage = str(stages[hotspot])
        if stage in found:
            found[stage][members[str(hotspot)]] = values.to_numpy(dtype=float)
    return found


def _coordinates(points: gpd.GeoSeries) -> FloatArray:
    return np.stack([points.x.to_numpy(dtype=np.float64), points.y.to_numpy(dtype=np.float64)], axis=1)


def _distinct(candidates: Sequence[Candidate], *, taken: pd.Index) -> list[Candidate]:
    """Return the candidates with school ids that no school has."""
    used = {str(name) for name in taken}
    found = []
    for candidate in candidates:
        school_id = candidate.school_id
        while school_id in used:
            school_id += "-N"
        used.add(school_id)
        found.append(replace(candidate, school_id=school_id))
    return found


def _pairs_to(new: Sequence[Candidate], task: SitingInputs) -> WalkMatrix | None:
    """Return the walks from all units to new locations, within the largest reach of each one's stages."""
    if not new:
        return None
    limits = [max((task.reach_m[stage] for stage in _stages(one)), default=1.0) for one in new]
    return task.walks_to(new, limits_m=limits)


def _stages(candidate: Candidate) -> set[str]:
    return {stage for option in candidate.options for stage in option.seats if option.seats[stage]}


def _shortage(
    situation: Problem, reach: StageReach, task: SitingInputs, added: Mapping[int, float]
) -> Shortage:
    """Return what new seats of a stage can change, with arcs to new locations and added seats."""
    extra, schools = situation.extra, len(reach.seats)
    seats = np.concatenate([reach.seats, np.zeros(0 if extra is None else len(extra.destinations))])
    for place, count in added.items():
        seats[place] += count
    teaching = _places_teaching(situation, reach.stage)
    wider = replace(reach, seats=seats)
    if extra is not None:
        near = extra.keep((extra.metres <= task.reach_m[reach.stage]) & teaching[extra.indices + schools])
        wider = replace(
            wider,
            unit=np.concatenate([reach.unit, near.rows]),
            place=np.concatenate([reach.place, near.indices.astype(np.int64) + schools]),
            metres=np.concatenate([reach.metres, near.metres.astype(np.float64)]),
        )
    simple = not added and reach.beds is None and reach.grades is None
    now = _widened(situation.placed[reach.stage], wider) if simple else None
    return shortage(wider, candidates=np.flatnonzero(teaching), now=now)


def _places_teaching(situation: Problem, stage: str) -> npt.NDArray[np.bool_]:
    """Return whether each place (schools, then new locations) could get seats of a stage."""
    new = 0 if situation.extra is None else len(situation.extra.destinations)
    teaching = np.zeros(len(situation.baseline[stage].seats) + new, dtype=bool)
    for candidate, place in zip(situation.candidates, situation.places, strict=True):
        teaching[place] |= any(option.seats.get(stage) for option in candidate.options)
    return teaching


def _widened(placement: Placement, wider: StageReach) -> Placement:
    """Return today's placement with new locations, which have no seats and therefore no pupils."""
    return replace(
        placement,
        pupils=_with_zeros(placement.pupils, len(wider.unit)),
        filled=_with_zeros(placement.filled, len(wider.seats)),
    )


def _with_zeros(values: FloatArray, length: int) -> FloatArray:
    return np.concatenate([values, np.zeros(length - len(values))])
