"""Land use of each block, its residents and their ages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.arrays import Flags, whole_parts
from layoutplan.synthetic.lanes import SHAPES
from layoutplan.synthetic.lattice import Blocks
from layoutplan.synthetic.scale import Scale
from layoutplan.synthetic.zones import FRINGE, NEW, NeighbourhoodZones

ESTATE, COMPOUND, VILLAGE, RESETTLEMENT, DORM, CAMPUS, WORKS, PARK, FIELD, RESERVE, GREEN = range(11)
LAND_USES: Final = (
    "estate", "compound", "village", "resettlement", "dorm", "campus", "works", "park", "field", "reserve",
    "green",
)  # fmt: skip
INHABITED: Final = (ESTATE, COMPOUND, VILLAGE, RESETTLEMENT, DORM)
ADULT_FROM: Final = 18
ELDERLY_FROM: Final = 60

# Share of land uses in each zone: core, mid, new, industry, fringe.
_MIX: Final = (
    {ESTATE: 0.28, COMPOUND: 0.58, RESETTLEMENT: 0.03, CAMPUS: 0.04, PARK: 0.07},
    {ESTATE: 0.48, COMPOUND: 0.20, VILLAGE: 0.07, RESETTLEMENT: 0.06, CAMPUS: 0.07, PARK: 0.06, WORKS: 0.06},
    {ESTATE: 0.66, RESETTLEMENT: 0.10, VILLAGE: 0.02, RESERVE: 0.13, PARK: 0.07, WORKS: 0.02},
    {WORKS: 0.58, DORM: 0.20, ESTATE: 0.08, PARK: 0.06, RESERVE: 0.08},
    {VILLAGE: 0.50, FIELD: 0.36, ESTATE: 0.06, PARK: 0.04, RESERVE: 0.04},
)
# Residents per hectare before scaling to the total, share aged 60 and over, and the weight of children aged
# 0-9 and 10-17 relative to the city, by inhabited land use.
_DENSITY: Final = {ESTATE: 300.0, COMPOUND: 330.0, VILLAGE: 380.0, RESETTLEMENT: 400.0, DORM: 130.0}
_RURAL_DENSITY: Final = 60.0
_ELDERLY: Final = {ESTATE: 0.14, COMPOUND: 0.27, VILLAGE: 0.21, RESETTLEMENT: 0.18, DORM: 0.02}
_YOUNG: Final = {ESTATE: 1.0, COMPOUND: 0.66, VILLAGE: 0.85, RESETTLEMENT: 1.0, DORM: 0.12}
_OLDER: Final = {ESTATE: 1.05, COMPOUND: 0.95, VILLAGE: 0.9, RESETTLEMENT: 1.05, DORM: 0.08}
_NEW_YOUNG, _NEW_OLDER = 1.6, 0.92
_HOT_YOUNG: Final = 0.35
_MOST_CHILDREN: Final = 0.5
_FEWEST: Final = 12
# Lanes by residents: up to so many, the share of each shape (the rest has none).
_LANES: Final[tuple[tuple[int, Mapping[str, float]], ...]] = (
    (170, {"stub": 0.2}),
    (260, {"stub": 0.6, "court": 0.4}),
    (800, {"court": 0.4, "ring": 0.4, "spine": 0.2}),
    (1_000_000, {"double": 0.45, "spine": 0.55}),
)
_OPEN_LANES: Final = {"stub": 0.3}
_CROOKED_FROM: Final = 500


@dataclass(frozen=True, slots=True)
class Settlement:
    """Land use and residents by block.

    Attributes
    ----------
    use
        Index into ``LAND_USES``, shape (blocks,).
    residents
        Residents at the base year; 0 where nobody lives.
    ages
        Residents by single year 0 … 17, shape (blocks, 18).
    elderly
        Residents aged 60 and over.
    """

    use: IntArray
    residents: IntArray
    ages: IntArray
    elderly: IntArray


def settle(
    blocks: Blocks, *, zones: NeighbourhoodZones, scale: Scale, rng: np.random.Generator
) -> Settlement:
    """Assign land use, residents and ages to every block; residents add up to ``scale.residents`` exactly.

    Parameters
    ----------
    blocks
        Blocks of the lattice.
    zones
        Kinds of neighbourhood.
    scale
        Size of the city.
    rng
        Random numbers.

    Returns
    -------
    Settlement
        Land use and residents by block.
    """
    use = _land_uses(blocks, rng=rng)
    lived_in = np.flatnonzero(np.isin(use, INHABITED))
    middle_x, middle_y = (blocks.x0 + blocks.x1) / 2.0, (blocks.y0 + blocks.y1) / 2.0
    hot = zones.hotness(middle_x, middle_y)
    density = np.array([_DENSITY.get(kind, 0.0) for kind in range(len(LAND_USES))])[use]
    rural = (use == VILLAGE) & (blocks.zone == FRINGE)
    density = np.where(rural, _RURAL_DENSITY, density) * np.exp(rng.normal(0.0, 0.5, len(use)))
    weight = density * blocks.area_m2 * (1.0 + 0.5 * hot)
    residents = np.zeros(len(use), dtype=np.int64)
    spare = scale.residents - _FEWEST * len(lived_in)
    residents[lived_in] = _FEWEST + whole_parts(weight[lived_in], total=spare)
    ages = _ages(use, residents, in_new=blocks.zone == NEW, hot=hot, scale=scale, rng=rng)
    share = np.array([_ELDERLY.get(kind, 0.0) for kind in range(len(LAND_USES))])[use]
    share = np.where((blocks.zone == NEW) & (use == ESTATE), 0.09, share)
    elderly = np.floor((residents - ages.sum(axis=1)) * share * rng.uniform(0.85, 1.15, len(use)))
    return Settlement(use=use, residents=residents, ages=ages, elderly=elderly.astype(np.int64))


def _land_uses(blocks: Blocks, *, rng: np.random.Generator) -> IntArray:
    draw = rng.random(len(blocks.x0))
    use = np.full(len(draw), GREEN, dtype=np.int64)
    for zone, mix in enumerate(_MIX):
        steps = np.cumsum(list(mix.values()))
        kinds = np.array(list(mix))
        rows = (blocks.zone == zone) & ~blocks.corridor
        use[rows] = kinds[np.minimum(np.searchsorted(steps, draw[rows], side="right"), len(kinds) - 1)]
    return use


def _ages(
    use: IntArray,
    residents: IntArray,
    *,
    in_new: Flags,
    hot: FloatArray,
    scale: Scale,
    rng: np.random.Generator,
) -> IntArray:
    """Draw children by single year of age; the expected city total of each year is that of ``scale``."""
    kinds = range(len(LAND_USES))
    young = np.array([_YOUNG.get(kind, 0.0) for kind in kinds])[use]
    older = np.array([_OLDER.get(kind, 0.0) for kind in kinds])[use]
    modern = np.isin(use, (ESTATE, RESETTLEMENT)) & in_new
    young = np.where(modern, young * _NEW_YOUNG * (1.0 + _HOT_YOUNG * hot), young)
    older = np.where(modern, older * _NEW_OLDER, older)
    years = np.arange(ADULT_FROM)
    turn, width = 9.0, 1.4
    mostly_young = 1.0 / (1.0 + np.exp((years - turn) / width))
    tilt = older[:, None] + (young - older)[:, None] * mostly_young
    noise = np.exp(rng.normal(0.0, 0.12, (len(use), 1)) + rng.normal(0.0, 0.08, tilt.shape))
    raw = residents[:, None] * tilt * scale.ages / 1000.0 * noise
    wanted = scale.ages / 1000.0 * scale.residents
    ages: IntArray = np.floor(raw * (wanted / raw.sum(axis=0)) + rng.random(raw.shape)).astype(np.int64)
    over = ages.sum(axis=1) > _MOST_CHILDREN * residents
    ages[over] = (ages[over] * (_MOST_CHILDREN * residents[over] / ages[over].sum(axis=1))[:, None]).astype(
        np.int64
    )
    return ages


def lane_shapes(settlement: Settlement, blocks: Blocks, *, rng: np.random.Generator) -> IntArray:
    """Select the lanes of each block by land use and residents.

    Parameters
    ----------
    settlement
        Land use and residents by block.
    blocks
        Blocks of the lattice.
    rng
        Random numbers.

    Returns
    -------
    IntArray
        Index into ``lanes.SHAPES``, -1 for none, shape (blocks,).
    """
    draw = rng.random(len(blocks.x0))
    people = settlement.residents
    chosen = np.full(len(draw), -1, dtype=np.int64)
    fewest = 0
    for most, mix in _LANES:
        rows = (people > fewest) & (people <= most)
        chosen[rows] = _drawn(draw[rows], mix)
        fewest = most
    crooked = (settlement.use == VILLAGE) & (people > _CROOKED_FROM)
    chosen[crooked] = SHAPES.index("village")
    open_land = np.isin(settlement.use, (CAMPUS, WORKS, PARK))
    chosen[open_land] = _drawn(draw[open_land], _OPEN_LANES)
    return chosen


def _drawn(draw: FloatArray, mix: Mapping[str, float]) -> IntArray:
    """Return a shape for each draw from [0, 1): that of the mix, -1 beyond its shares."""
    codes = np.array([*(SHAPES.index(name) for name in mix), -1], dtype=np.int64)
    found: IntArray = codes[np.searchsorted(np.cumsum(list(mix.values())), draw, side="right")]
    return found
