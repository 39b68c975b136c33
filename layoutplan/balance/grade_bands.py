"""Bands of grades: ages of a stage that every school teaches together or not at all.

Where a school teaches some grades of a stage only (an infant school, a teaching point), its seats serve the
pupils of those grades. A unit's pupils are then split into bands, each an origin of the transport problem
with walks to the schools that teach it; the seats of a school are one capacity for all its bands. A stage in
which every school teaches all grades has one band, and nothing is split.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.boarding import Beds
from layoutplan.city.grades import ages_taught
from layoutplan.layouts.seats import Seats
from layoutplan.study import Study
from layoutplan.travel.distinct import distinct
from layoutplan.travel.matrix import WalkMatrix

MOST_KINDS: Final = 6
"""Kinds of school, by the grades they teach, up to which every set of them is looked at."""


@dataclass(frozen=True)
class GradeBands:
    """Bands of one stage. Origins of the split problem are numbered by band, then by unit.

    Attributes
    ----------
    share
        Share of each band in a unit's pupils, bands × units × years; they sum to one.
    taught
        Whether a school teaches a band, bands × schools; places beyond these teach all.
    """

    share: FloatArray
    taught: BoolArray

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.share.shape[1])

    def of_years(self, years: BoolArray | IntArray) -> GradeBands:
        """Return the bands of selected years.

        Parameters
        ----------
        years
            Boolean mask or positions of the years.
        """
        return replace(self, share=self.share[:, :, years])

    def teaches(self, band: int, places: npt.NDArray[np.signedinteger[Any]]) -> BoolArray:
        """Return whether places teach a band.

        Parameters
        ----------
        band
            Position of the band.
        places
            Positions of schools, or of candidates beyond them.
        """
        known = self.taught.shape[1]
        row = self.taught[band]
        return np.asarray((places >= known) | row[np.minimum(places, known - 1)])

    def cut_sets(self) -> list[BoolArray]:
        """Return the sets of bands that may lack seats although there are enough in all.

        The pupils without a seat are the most by which a set of grades exceeds the seats of the schools that
        teach any of them (a minimum cut); it suffices to look at the sets that some kinds of school do not
        teach. Beyond :data:`MOST_KINDS` kinds of school, sets of at most two kinds are looked at.

        Returns
        -------
        list of numpy.ndarray
            Boolean, shape (bands,); without the set of all bands.
        """
        kinds = np.unique(self.taught.T, axis=0)
        most = len(kinds) if len(kinds) <= MOST_KINDS else 2
        found = {
            tuple(bool(one) for one in np.logical_not(np.atleast_1d(kinds[[*group]].any(axis=0))))
            for size in range(1, most + 1)
            for group in combinations(range(len(kinds)), size)
        }
        return [np.array(one, dtype=bool) for one in sorted(found) if any(one)]

    def pairs(self, units: IntArray, places: IntArray) -> tuple[IntArray, IntArray]:
        """Return the origin and the pair of each arc of the split problem.

        Parameters
        ----------
        units, places
            Ends of each pair.

        Returns
        -------
        origin, pair
            Parallel arrays, by band.
        """
        origins, pairs = [], []
        for band in range(len(self.taught)):
            own = np.flatnonzero(self.teaches(band, places))
            origins.append(units[own] + band * self.units)
            pairs.append(own)
        return np.concatenate(origins), np.concatenate(pairs)

    def pupils(self, demand: FloatArray) -> FloatArray:
        """Return the pupils of each origin.

        Parameters
        ----------
        demand
            Pupils, units × years.

        Returns
        -------
        numpy.ndarray
            Origins × years.
        """
        return np.asarray((self.share * demand).reshape(-1, demand.shape[1]))

    def by_unit(self, values: FloatArray) -> FloatArray:
        """Return the sums by unit of a value per origin.

        Parameters
        ----------
        values
            Origins, or origins × years.
        """
        return np.asarray(values.reshape(len(self.taught), self.units, *values.shape[1:]).sum(axis=0))

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean of a value per origin over the pupils of each unit; nan is left out.

        Parameters
        ----------
        values
            Origins × years.
        """
        known = np.isfinite(values)
        share = np.where(known, self.share.reshape(values.shape), 0.0)
        total = self.by_unit(share)
        summed = self.by_unit(share * np.where(known, values, 0.0))
        return np.asarray(np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0))

    def split_matrix(self, pairs: WalkMatrix) -> WalkMatrix:
        """Return the walks of the split problem as a matrix; its origins are numbers.

        Parameters
        ----------
        pairs
            Walks of the units to the layout's schools.
        """
        parts = [pairs.keep(self.teaches(band, pairs.indices)) for band in range(len(self.taught))]
        counts = np.concatenate([np.diff(part.indptr) for part in parts])
        return replace(
            pairs,
            origins=pd.RangeIndex(len(counts)),
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            indices=np.concatenate([part.indices for part in parts]),
            metres=np.concatenate([part.metres for part in parts]),
            unsnapped_origins=(),
            island_origins=(),
            moved_origins=(),
        )

    def split_walks(self, walks: Walks) -> tuple[Walks, IntArray]:
        """Return the walks of the split problem, and the walk that each is.

        Parameters
        ----------
        walks
            Walks of the units.
        """
        origin, pair = self.pairs(walks.units, walks.schools)
        return Walks(units=origin, schools=walks.schools[pair], metres=walks.metres[pair]), pair

    def split_beds(self, beds: Beds | None) -> Beds | None:
        """Return beds with the pairs of the split problem.

        Parameters
        ----------
        beds
            Beds of the stage.
        """
        return None if beds is None else replace(beds, ways=self.split_walks(beds.ways)[0])

    def joined(self, walks: Walks, pupils: FloatArray) -> tuple[Walks, FloatArray]:
        """Return walks of the split problem as walks of units, each pair once, and the pupils on them.

        Parameters
        ----------
        walks
            Walks of the split problem.
        pupils
            Pupils on each.
        """
        if not len(walks.units):
            return walks, pupils
        unit, count = walks.units % self.units, int(walks.schools.max()) + 1
        keys = unit * count + walks.schools
        kinds, first = np.unique(keys, return_index=True)
        summed = np.asarray(np.bincount(np.searchsorted(kinds, keys), weights=pupils), dtype=np.float64)
        whole = Walks(units=unit[first], schools=walks.schools[first], metres=walks.metres[first])
        order = np.lexsort((whole.schools, whole.metres, whole.units))
        return whole.where(order), summed[order]


def grade_bands(study: Study, seats: Seats, stage: str) -> GradeBands | None:
    """Return the bands of a stage under a layout; ``None`` if every school teaches all its grades.

    Schools that the city's table does not list (of projects and proposals) teach all grades.

    Parameters
    ----------
    study
        City, standards and the pupils by age.
    seats
        Seats of the layout.
    stage
        Stage.
    """
    by_age = study.demand.by_age.get(stage)
    if by_age is None:
        return None
    known = study.city.schools
    listed = ages_taught(known, stage, study.profile.at(study.base_year))
    place = known.index.get_indexer(seats.schools.index)
    taught = (place < 0)[:, None] | listed[place]
    if taught.all():
        return None
    patterns, band = np.unique(taught.T, axis=0, return_inverse=True)
    ages = len(by_age)
    even = np.full(by_age.shape[1:], 1.0 / ages)
    total = by_age.sum(axis=0)
    share = np.divide(by_age, total, out=np.stack([even] * ages), where=total > 0)
    summed = np.stack([share[band.ravel() == one].sum(axis=0) for one in distinct(band.ravel())])
    return GradeBands(share=summed, taught=patterns)


def grades_in_year(study: Study, seats: Seats, stage: str, year: int) -> GradeBands | None:
    """Return the bands of a stage in one year; ``None`` if every school teaches all grades.

    Parameters
    ----------
    study, seats, stage
        As for :func:`grade_bands`.
    year
        A year of the study.
    """
    grades = grade_bands(study, seats, stage)
    return None if grades is None else grades.of_years(np.array([study.years.index(year)]))
