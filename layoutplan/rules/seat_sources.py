"""Sources of missing seats, in order: idle sites, schools that can be enlarged, new schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.rules.measured import CITY
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.siting.candidates import Candidate, Sizing, site_candidates
from layoutplan.siting.existing import enlargements

WAYS: Final = ("reuse", "expand", "build")


@dataclass(frozen=True)
class SeatSources:
    """The net shortage of an area and stage in the target year, and the seats each source could provide.

    Attributes
    ----------
    area_kind
        ``city`` or ``district``.
    area_id
        Id of the area.
    area
        Its name.
    stage
        Id of the stage.
    shortfall
        Pupils of the area without a seat within reach once schools share theirs (best assignment).
    seats
        Seats by source: ``reuse``, ``expand``, ``build``.
    places
        Ids of the sites and schools by source; new schools have none.
    """

    area_kind: str
    area_id: str
    area: str
    stage: str
    shortfall: float
    seats: Mapping[str, float]
    places: Mapping[str, Sequence[str]]


def seat_sources(inputs: RuleInputs) -> list[SeatSources]:
    """Return what reuse, enlargement and building could cover, for the city and each district, by stage.

    Each site and school serves one stage: the first planned stage it offers seats in. A school of one
    district covers no shortfall of another, so the city is the sum of its districts and of what lies in none.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    list[SeatSources]
        One entry per area and stage, the city first within each stage.
    """
    short = shortfalls(inputs)
    sizing = Sizing(inputs.profile.at(inputs.target_year), inputs.city.stages)
    idle = inputs.table("sites")
    idle_ids = set(idle.loc[idle["status"] == "idle", "site_id"])
    sites = site_candidates(inputs.city, sizing, year=inputs.target_year)
    offers = {
        "reuse": [one for one in sites if one.site_id in idle_ids],
        "expand": list(enlargements(inputs.city, inputs.seats, sizing, year=inputs.target_year)),
    }
    found = {
        (stage, district): _covered(amount, stage=stage, district=district, offers=offers, inputs=inputs)
        for (stage, district), amount in short.items()
    }
    names = inputs.city.districts["name"]
    rows = []
    for stage in inputs.city.stages:
        own = [found[stage, district] for one, district in found if one == stage]
        rows.append(
            SeatSources(
                CITY, CITY, inputs.city.name, stage,
                shortfall=sum(short[stage, district] for one, district in short if one == stage),
                seats={way: sum(seats[way] for seats, _ in own) for way in WAYS},
                places={way: [place for _, places in own for place in places[way]] for way in WAYS},
            )
        )  # fmt: skip
        for district, name in names.items():
            seats, places = found[stage, str(district)]
            amount = short[stage, str(district)]
            rows.append(SeatSources("district", str(district), str(name), stage, amount, seats, places))
    return rows


def shortfalls(inputs: RuleInputs) -> dict[tuple[str, str | None], float]:
    """Return the net shortage of the target year by stage and district.

    Net means after sharing: the pupils whom the best assignment, which crosses the borders of catchments and
    districts, leaves without a seat within reach. The gross shortage within catchments is larger wherever a
    neighbour has seats to spare, and calls for no new seats there.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    dict[tuple[str, str | None], float]
        ``(stage, district id)`` to seats; the id, of the district where the pupils live, is ``None`` for what
        lies in no district.
    """
    city = inputs.balance.city
    whole = city[city["year"] == inputs.target_year].set_index("stage")["unserved"].astype(float)
    table = inputs.balance.districts
    table = table[table["year"] == inputs.target_year]
    found: dict[tuple[str, str | None], float] = {}
    for stage in inputs.city.stages:
        own = table[table["stage"] == stage].set_index("district_id")["unserved"].astype(float)
        for district in inputs.city.districts.index:
            found[stage, str(district)] = float(own.get(district, 0.0))
        found[stage, None] = max(float(whole.get(stage, 0.0)) - float(own.sum()), 0.0)
    return found


def _covered(
    amount: float,
    *,
    stage: str,
    district: str | None,
    offers: Mapping[str, Sequence[Candidate]],
    inputs: RuleInputs,
) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Return seats and places of each way that cover a shortfall, the largest offers first."""
    left, seats, places = amount, dict.fromkeys(WAYS, 0.0), {way: list[str]() for way in WAYS}
    for way, candidates in offers.items():
        mine = [
            (_offered(one, stage, inputs), one.site_id or one.school_id)
            for one in candidates
            if one.district_id == district
        ]
        for offer, place in sorted(mine, key=lambda pair: (-pair[0], pair[1])):
            used = float(np.clip(offer, 0.0, left))
            if used > 0:
                seats[way] += used
                places[way].append(place)
                left -= used
    seats["build"] = left
    return seats, places


def _offered(candidate: Candidate, stage: str, inputs: RuleInputs) -> float:
    """Return the most seats of a stage a candidate offers, if it is the stage it serves."""
    served = [one for one in inputs.city.stages if any(one in option.seats for option in candidate.options)]
    if not served or served[0] != stage:
        return 0.0
    return max(option.seats.get(stage, 0.0) for option in candidate.options)
