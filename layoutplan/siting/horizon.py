"""Use of a proposal after the peak of demand (远期利用): permanent building or temporary classes.

A proposal is sized for the target year. At the horizon, the last year of the plan, the pupils who would have
no seat within reach without it are computed again. If they are fewer than ``siting.lasting_share`` of those
that it places in the target year, the shortage is temporary: the seats would become vacant, and temporary
classes or spare seats of neighbouring schools cover the peak. Otherwise the shortage lasts, and building is
advised. If the target year is the last of the plan, nothing is known about later years.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.balance.grade_bands import grades_in_year
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
    """Input of the evaluation at the horizon.

    Attributes
    ----------
    study
        Its demand is the one for which the proposals were sized.
    peaks
        Result table ``peaks``.
    level
        Level of that demand.
    lang
        Language of the reasons.
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
        """Return a sentence of the catalogue in ``lang``.

        Parameters
        ----------
        key
            Key below ``siting.horizon``.
        **params
            Values of the sentence; floats are formatted as numbers, integers (years) as they are.

        Returns
        -------
        str
            The sentence.
        """
        written = {
            name: number(value, self.lang) if isinstance(value, float) else value
            for name, value in params.items()
        }
        return text(f"siting.horizon.{key}", self.lang, **written)


def evaluate_horizon(proposal: Proposal, ahead: HorizonInputs) -> Proposal:
    """Return the proposal with the advice at the horizon and the level of demand of each item.

    Columns ``needed_at_horizon`` and ``advice`` (``build``, ``temporary``) of table ``proposals`` are filled
    (null if the target year is the last), and corresponding sentences are added to ``reason``. ``advice`` is
    also null if the other proposals suffice without the item in both years, since its own effect is then
    undetermined.

    Parameters
    ----------
    proposal
        The proposal for the target year.
    ahead
        Study, peaks and level.

    Returns
    -------
    Proposal
        With a warning if the demand level of the plan is not available.
    """
    table = proposal.proposals
    noted = replace(proposal, notes=(*proposal.notes, *_notes(ahead)))
    if table.empty:
        return noted
    beyond = ahead.horizon > ahead.year
    needed = _needed(proposal, ahead) if beyond else np.full(len(table), np.nan)
    served = table["pupils_served"].to_numpy(dtype=float)
    lasts = needed >= ahead.settings.lasting_share * served
    determined = beyond & (np.maximum(served, needed) >= PUPILS_TOLERANCE)
    advice = [
        ("build" if last else "temporary") if known else None
        for last, known in zip(lasts, determined, strict=True)
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
    """Return a warning if the wanted level of demand is not available."""
    log = FaultLog()
    wanted = ahead.settings.demand_level
    if ahead.level != wanted:
        log.add("siting_level_undrawn", severity="warning", level=wanted)
    return log.notes


def _needed(proposal: Proposal, ahead: HorizonInputs) -> np.ndarray:
    """Return, per proposal, the pupils at the horizon with a seat under all proposals and none without it."""
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
    """Return the stage at the horizon with today's seats, and the proposed locations without seats."""
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
        grades=grades_in_year(ahead.study, proposal.layout.seats, stage, ahead.horizon),
    )


def _sentences(
    row: dict[object, object], ahead: HorizonInputs, *, needed: float, advice: str | None
) -> list[str]:
    """Return sentences added to the reason: level of demand, peak of the catchment, use at the horizon."""
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
    """State when demand peaks in the catchment of a proposal, if it declines until the horizon."""
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
