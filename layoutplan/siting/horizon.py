"""What is left of a proposal's use when the peak has passed (远期利用): build, or temporary classes.

A proposal is sized for the target year. At the horizon, the last year of the plan, it is asked again how many
pupils would have no seat within reach without it. If that is less than ``siting.lasting_share`` of those it
places in the target year, the shortage it answers passes: its seats would stand empty, and temporary classes,
or a neighbour's spare seats, carry it over the peak. Else it lasts, and building is the answer. Where the
target year is the last of the plan nothing is known beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.errors import Fault, FaultLog
from layoutplan.plan.settings import SitingSettings
from layoutplan.siting.decision import PUPILS_TOLERANCE
from layoutplan.siting.demand_level import DemandLevel
from layoutplan.siting.propose import Proposal
from layoutplan.siting.reach import StageReach, stage_reach
from layoutplan.siting.shortage import shortage
from layoutplan.study import Study
from layoutplan.texts import Language, number, other_language, text


@dataclass(frozen=True)
class HorizonInputs:
    """What a look beyond the target year needs; the demand of ``study`` is what the proposals were sized for.

    ``peaks`` is the result table of that name, ``level`` that of the demand.
    """

    study: Study
    peaks: pd.DataFrame
    level: DemandLevel
    lang: Language

    @property
    def settings(self) -> SitingSettings:
        """``[siting]`` of the plan."""
        return self.study.plan.siting

    @property
    def year(self) -> int:
        """The target year."""
        return self.study.target_year

    @property
    def horizon(self) -> int:
        """The last year of the plan."""
        return self.study.years[-1]

    def say(self, key: str, **params: object) -> str:
        """Return a sentence of the catalogue; numbers written as people do, years as they are."""
        written = {
            name: number(value, self.lang) if isinstance(value, float) else value
            for name, value in params.items()
        }
        return text(f"siting.horizon.{key}", self.lang, **written)


def evaluate_horizon(proposal: Proposal, ahead: HorizonInputs) -> Proposal:
    """Return the proposal with what becomes of each item at the horizon, and at which level it was sized.

    Columns ``needed_at_horizon`` and ``advice`` (``build``, ``temporary``) of table ``proposals`` are filled
    (null where the target year is the last), and their sentences added to ``reason``. ``advice`` is null as
    well where the other proposals would suffice without it, in both years: nothing can be told of it alone.
    """
    table = proposal.proposals
    noted = replace(proposal, notes=(*proposal.notes, *_notes(ahead)))
    if table.empty:
        return noted
    beyond = ahead.horizon > ahead.year
    needed = _needed(proposal, ahead) if beyond else np.full(len(table), np.nan)
    served = table["pupils_served"].to_numpy(dtype=float)
    lasts = needed >= ahead.settings.lasting_share * served
    told = beyond & (np.maximum(served, needed) >= PUPILS_TOLERANCE)
    advice = [
        ("build" if last else "temporary") if known else None for last, known in zip(lasts, told, strict=True)
    ]
    reasons = {
        column: [
            text("siting.sentence_end", said.lang).join(
                [row[column], *_sentences(row, said, needed=float(needed[at]), advice=advice[at])]
            )
            for at, row in enumerate(table.to_dict("records"))
        ]
        for column, said in (
            ("reason", ahead),
            ("reason_translated", replace(ahead, lang=other_language(ahead.lang))),
        )
    }
    found = gpd.GeoDataFrame(
        table.assign(
            needed_at_horizon=needed.round(6),
            advice=pd.Series(advice, index=table.index, dtype=object),
            **reasons,
        )
    )
    return replace(noted, proposals=found)


def _notes(ahead: HorizonInputs) -> tuple[Fault, ...]:
    """Say where the level wanted could not be had."""
    log = FaultLog()
    wanted = ahead.settings.demand_level
    if ahead.level != wanted:
        log.add("siting_level_undrawn", severity="warning", level=wanted)
    return log.notes


def _needed(proposal: Proposal, ahead: HorizonInputs) -> np.ndarray:
    """Return, for each proposal, the pupils who at the horizon have a seat with all and none without it."""
    table = proposal.proposals
    places = proposal.layout.seats.schools.index.get_indexer(pd.Index(table["school_id"]))
    needed = np.zeros(len(table))
    for stage in ahead.study.reach_m:
        seats = table[f"seats_{stage}"].to_numpy(dtype=float)
        sited = np.flatnonzero(seats > 0)
        if not len(sited):
            continue
        reach = _reach(proposal, ahead, stage)
        left = shortage(reach, candidates=[int(place) for place in places[sited]])
        everything = left.seats_with({int(places[at]): float(seats[at]) for at in sited})
        for at in sited:
            needed[at] += max(-left.gain(everything, {int(places[at]): -float(seats[at])}), 0.0)
    return needed


def _reach(proposal: Proposal, ahead: HorizonInputs, stage: str) -> StageReach:
    """Return the stage at the horizon with today's seats, the proposed places there but empty."""
    seats = (
        ahead.study.today.seats.counted(stage)[ahead.horizon]
        .reindex(proposal.layout.seats.schools.index)
        .fillna(0.0)
    )
    return stage_reach(
        stage,
        proposal.layout.seats,
        proposal.layout.walks,
        units=ahead.study.city.units,
        pupils=ahead.study.demand.pupils[stage][ahead.horizon].to_numpy(dtype=np.float64),
        counted=seats.to_numpy(dtype=np.float64),
        reach_m=ahead.study.reach_m[stage],
        year=ahead.horizon,
    )


def _sentences(
    row: dict[object, object], ahead: HorizonInputs, *, needed: float, advice: str | None
) -> list[str]:
    """Return what is said beyond the reason: the level of demand, the peak of its catchment, the horizon."""
    said = []
    if ahead.level != "expected":
        said.append(ahead.say(f"level_{ahead.level}", year=ahead.year))
    peak = _peak(row, ahead)
    if peak is not None:
        said.append(peak)
    if advice is not None:
        seats = float(np.nan_to_num(np.float64(str(row["seats"]))))
        said.append(ahead.say(advice, horizon=ahead.horizon, pupils=needed, seats=seats))
    return said


def _peak(row: dict[object, object], ahead: HorizonInputs) -> str | None:
    """Say when demand of the catchment that holds a proposal peaks, where it falls by the horizon."""
    peaks = ahead.peaks.set_index("catchment_id")
    shapes = ahead.study.today.zoning.catchments.geometry
    here = shapes.index[shapes.intersects(row["geometry"]).to_numpy()]
    for name in here:
        sited = name in peaks.index and float(str(row[f"seats_{peaks.loc[name, 'stage']}"])) > 0
        if sited and peaks.loc[name, "horizon_demand"] < peaks.loc[name, "peak_demand"]:
            of = peaks.loc[name]
            return ahead.say(
                "peak",
                catchment=of["name"],
                year=int(of["peak_year"]),
                pupils=float(of["peak_demand"]),
                share=f"{of['horizon_share']:.0%}",
                horizon=ahead.horizon,
            )
    return None
