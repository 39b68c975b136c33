"""The physical city: streets, blocks, barriers, residents and districts, without schools."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.growth import Neighbours, find_neighbours, grow, with_borders
from layoutplan.synthetic.lanes import make_lanes
from layoutplan.synthetic.lattice import TERTIARY, Lattice, make_grid, make_lattice
from layoutplan.synthetic.names import Names, street_names, unit_names
from layoutplan.synthetic.placement import place_sites
from layoutplan.synthetic.scale import Scale, scale_of
from layoutplan.synthetic.settlement import Settlement, lane_shapes, settle
from layoutplan.synthetic.streets import Barrier, StreetPlan, make_streets
from layoutplan.synthetic.terrain import make_terrain
from layoutplan.synthetic.zones import make_zones

_DISTRICT_BORDER_M = 500.0


@dataclass(frozen=True, slots=True)
class Town:
    """A city of blocks. Arrays are by block unless stated otherwise; geometry is EPSG:4547, metres.

    Attributes
    ----------
    polygons
        Block polygons; together they tile the city without gap or overlap.
    place
        A point inside each block, shape (blocks, 2).
    district
        Index of the district of each block.
    hot
        1 at the centre of the estates built without schools, falling to 0 at their edge.
    line_names
        Name of each street line; ``beside`` is a named line along each block, -1 for none.
    """

    seed: int
    scale: Scale
    lattice: Lattice
    settlement: Settlement
    streets: StreetPlan
    barriers: tuple[Barrier, ...]
    polygons: npt.NDArray[np.object_]
    place: FloatArray
    neighbours: Neighbours
    district: IntArray
    hot: FloatArray
    line_names: Names
    beside: IntArray
    home_names: Names

    @property
    def inhabited(self) -> Flags:
        """Blocks with residents, shape (blocks,)."""
        return self.settlement.residents > 0

    def street_beside(self, blocks: IntArray) -> Names:
        """Return the name of a street along each block.

        Parameters
        ----------
        blocks
            The blocks.

        Returns
        -------
        Names
            Empty where there is none.
        """
        return _line_names(self.line_names, self.beside[blocks])


def random_stream(seed: int, part: int) -> np.random.Generator:
    """Return a random generator for one part of the city, independent of the other parts.

    Parameters
    ----------
    seed
        Seed of the city.
    part
        Number of the part.

    Returns
    -------
    Generator
        The same arguments give the same numbers.
    """
    return np.random.default_rng([seed, part])


def build_town(residents: int, *, seed: int) -> Town:
    """Generate the physical city; the same arguments give the same city.

    Parameters
    ----------
    residents
        5,000 to 15,000,000.
    seed
        Random seed.

    Returns
    -------
    Town
        Without schools.

    Raises
    ------
    ValueError
        If ``residents`` is out of range.
    """
    scale = scale_of(residents)
    grid = make_grid(scale.side_m, random_stream(seed, 1))
    zones = make_zones(width_m=float(grid.x[-1]), height_m=float(grid.y[-1]), rng=random_stream(seed, 2))
    lattice = make_lattice(grid, zones, random_stream(seed, 3))
    blocks = lattice.blocks
    settlement = settle(blocks, zones=zones, scale=scale, rng=random_stream(seed, 4))
    rng = random_stream(seed, 5)
    lanes = make_lanes(blocks, lane_shapes(settlement, blocks, rng=rng), rng=rng)
    streets, polygons, barriers = make_streets(lattice, lanes, terrain=make_terrain(grid, rng), rng=rng)
    place = shapely.get_coordinates(shapely.point_on_surface(polygons))
    neighbours = find_neighbours(polygons, blocks=blocks, lines=lattice.lines)
    line_names = street_names(lattice.lines, longest_first=_by_importance(lattice))
    beside = _named_line_beside(lattice, line_names)
    use = np.where(settlement.residents > 0, settlement.use, -1)
    return Town(
        seed=seed,
        scale=scale,
        lattice=lattice,
        settlement=settlement,
        streets=streets,
        barriers=barriers,
        polygons=polygons,
        place=place,
        neighbours=neighbours,
        district=_districts(settlement, place=place, neighbours=neighbours, scale=scale, seed=seed),
        hot=zones.hotness((blocks.x0 + blocks.x1) / 2.0, (blocks.y0 + blocks.y1) / 2.0),
        line_names=line_names,
        beside=beside,
        home_names=unit_names(use, street=_line_names(line_names, beside), rng=random_stream(seed, 6)),
    )


def _by_importance(lattice: Lattice) -> IntArray:
    """Return the named lines in order: main roads first, then side streets in the order of creation."""
    named = np.flatnonzero(lattice.lines.road_class <= TERTIARY)
    order: IntArray = named[np.argsort(lattice.lines.road_class[named], kind="stable")]
    return order


def _named_line_beside(lattice: Lattice, names: Names) -> IntArray:
    """Return for each block a side with a name, minor streets before main roads; -1 for none."""
    named = np.array([bool(name) for name in names.zh])
    sides = lattice.blocks.sides
    rank = np.where(named[sides], 10 - lattice.lines.road_class[sides], 99)
    best = np.argmin(rank, axis=1)
    chosen = sides[np.arange(len(sides)), best]
    return np.where(named[chosen], chosen, -1)


def _line_names(names: Names, lines: IntArray) -> Names:
    chosen = lines.tolist()
    return Names(
        zh=tuple(names.zh[line] if line >= 0 else "" for line in chosen),
        en=tuple(names.en[line] if line >= 0 else "" for line in chosen),
    )


def _districts(
    settlement: Settlement, *, place: FloatArray, neighbours: Neighbours, scale: Scale, seed: int
) -> IntArray:
    """Divide the city into districts of similar size that tend to end at corridors and main roads."""
    seeds = place_sites(
        scale.districts,
        place=place,
        weight=settlement.residents.astype(np.float64),
        free=settlement.residents > 0,
        rng=random_stream(seed, 7),
    )
    return grow(neighbours, seeds)


def district_bound(town: Town) -> Neighbours:
    """Return the town's neighbours with district borders as an additional distance.

    Parameters
    ----------
    town
        The town.

    Returns
    -------
    Neighbours
        The same pairs.
    """
    return with_borders(town.neighbours, town.district, extra_m=_DISTRICT_BORDER_M)
