"""Household registration (户籍) of children by unit, and children of migrant workers."""

from __future__ import annotations

from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.dictionary.rolls import stage_column
from layoutplan.synthetic.settlement import COMPOUND, DORM, ESTATE, RESETTLEMENT, VILLAGE
from layoutplan.synthetic.stages import STAGE_FACTS
from layoutplan.synthetic.town import Town, random_stream
from layoutplan.synthetic.zones import CORE, FRINGE

# Share of migrant workers' children by land use; villages in the fringe let rooms to workers.
_MIGRANTS: Final = {ESTATE: 0.16, COMPOUND: 0.10, VILLAGE: 0.42, RESETTLEMENT: 0.22, DORM: 0.60}
_EDGE_VILLAGE: Final = 0.55
_WITH_PERMIT: Final = 0.86
# Registered children per child of non-migrants: some families of new estates are still registered
# elsewhere in the city, and old quarters have more registered children than residents (挂户).
_REGISTERED: Final = {ESTATE: 0.86, COMPOUND: 0.98, VILLAGE: 0.97, RESETTLEMENT: 0.95, DORM: 0.70}
_ON_THE_BOOKS: Final = 1.22
_ADULTS_REGISTERED: Final = 0.93
_DISABLED: Final = 0.0042


def unit_registration(town: Town, blocks: IntArray) -> dict[str, IntArray]:
    """Return the registration columns of table ``units``, one value per block.

    They are ``migrants_*``, ``hukou_*`` and ``permit_*`` by stage, ``population_hukou`` and
    ``disabled_children``. The share of migrant workers' children depends on land use, and most of them have a
    residence permit; most others are registered where they live. In the old core more children are registered
    than live there.

    Parameters
    ----------
    town
        The town.
    blocks
        The inhabited blocks.

    Returns
    -------
    dict
        Integers by column, shape (blocks,).
    """
    rng = random_stream(town.seed, 53)
    use, zone = town.settlement.use[blocks], town.lattice.blocks.zone[blocks]
    migrant = np.array([_MIGRANTS.get(kind, 0.0) for kind in range(11)])[use]
    migrant = np.where((use == VILLAGE) & (zone == FRINGE), _EDGE_VILLAGE, migrant)
    migrant = np.clip(migrant * np.exp(rng.normal(0.0, 0.15, len(blocks))), 0.0, 0.9)
    registered = np.array([_REGISTERED.get(kind, 0.0) for kind in range(11)])[use]
    registered = np.where((use == COMPOUND) & (zone == CORE), _ON_THE_BOOKS, registered)
    columns: dict[str, IntArray] = {}
    ages = town.settlement.ages[blocks]
    for stage, facts in STAGE_FACTS.items():
        first, last = facts.ages
        children = ages[:, first : last + 1].sum(axis=1)
        migrants = rng.binomial(children, migrant)
        columns[stage_column("migrants", stage)] = migrants
        columns[stage_column("hukou", stage)] = _registered(children - migrants, registered, rng)
        columns[stage_column("permit", stage)] = rng.binomial(migrants, _WITH_PERMIT)
    residents = town.settlement.residents[blocks]
    at_home = residents * (1.0 - migrant) * np.minimum(registered, 1.05) * _ADULTS_REGISTERED
    columns["population_hukou"] = np.rint(at_home).astype(np.int64)
    compulsory = ages[:, STAGE_FACTS["primary"].ages[0] : STAGE_FACTS["junior"].ages[1] + 1].sum(axis=1)
    columns["disabled_children"] = rng.binomial(compulsory, _DISABLED)
    return columns


def _registered(children: IntArray, share: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw the number of registered children; a share above 1 adds children who do not live there."""
    there = rng.binomial(children, np.minimum(share, 1.0))
    more: IntArray = there + rng.binomial(children, np.maximum(share - 1.0, 0.0))
    return more
