"""The plan as zoned (方案划片校核): catchments drawn for the chosen seats, year by year, and priced back.

Siting places pupils in any seat within reach; a catchment is whole units, connected, with one school. In each
round the plan is made, catchments are drawn for its seats in every year, each year's from those of the year
before, and what they can not seat is priced back: a pupil who leaves a catchment of which a share could not
be seated counts that share of a built seat's yearly cost more in the next round. The plan that leaves the
fewest pupil-years without a seat as zoned is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.balance import Balance
from layoutplan.balance.zoned_stage import zoned_stage
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.dictionary.rolls import stage_column
from layoutplan.hotspots import Hotspots
from layoutplan.outlook import Outlook
from layoutplan.siting import Proposal, demand_at, propose, usable_level
from layoutplan.study import Study
from layoutplan.watched import unrecorded
from layoutplan.zoning import Redraw, redraw

_ROUNDING: Final = 1e-6
Sited = Callable[[Mapping[str, FloatArray]], Proposal]


@dataclass(frozen=True)
class ZonedRound:
    """One round: a plan, and the catchments drawn for it.

    Attributes
    ----------
    proposal
        The plan.
    rows
        Rows of table ``plan_zoned``.
    unseated
        By stage, share of the pupils of each catchment of today whom the drawn catchments can not seat, shape
        (catchments, years of the plan).
    """

    proposal: Proposal
    rows: pd.DataFrame
    unseated: Mapping[str, FloatArray]

    @property
    def left(self) -> tuple[float, float]:
        """Pupil-years without a seat as zoned, and the discounted cost: what rounds are compared by."""
        return round(float(self.rows["overload"].sum()), 3), float(self.rows["discounted"].iloc[0])


def plan_as_zoned(study: Study, today: Balance, hotspots: Hotspots, outlook: Outlook) -> Proposal:
    """Return the plan of a study, priced back by zoning where ``zoning_rounds`` of ``[siting]`` says so.

    Parameters
    ----------
    study, today, hotspots, outlook
        As for :func:`~layoutplan.siting.propose`.

    Returns
    -------
    Proposal
        The plan of the best round, with table ``plan_zoned``: every round. Without rounds, or without a
        stage that has catchments, the plan alone and an empty table.
    """

    def sited(unzoned: Mapping[str, FloatArray]) -> Proposal:
        return propose(study, today, hotspots, outlook, unzoned=unzoned)

    stages = _zoned_stages(study)
    rounds = study.plan.siting.zoning_rounds if stages else 0
    if not rounds:
        return sited(MappingProxyType({}))
    level = usable_level(outlook, study.plan.siting.demand_level)
    sized = replace(study, demand=demand_at(study, outlook, level=level))
    done = list(_rounds(sized, sited, stages, rounds))
    best = min(range(len(done)), key=lambda at: done[at].left)
    rows = [one.rows.assign(round=at + 1, chosen=at == best) for at, one in enumerate(done)]
    table = result_table("plan_zoned")
    frame = pd.concat(rows, ignore_index=True)[[*table.column_names]]
    zoned = frame.astype(empty_frame(table).dtypes.to_dict())
    chosen = done[best].proposal
    return replace(chosen, tables=MappingProxyType({**chosen.tables, "plan_zoned": zoned}))


def _zoned_stages(study: Study) -> tuple[str, ...]:
    """Return the stages that are sited and have catchments."""
    wanted = study.plan.siting.stages or study.stages
    having = set(study.today.zoning.catchments["stage"])
    return tuple(stage for stage in study.stages if stage in wanted and stage in having)


def _rounds(study: Study, sited: Sited, stages: tuple[str, ...], rounds: int) -> Iterator[ZonedRound]:
    """Yield plan after plan, each priced by what the one before could not seat."""
    prices: dict[str, FloatArray] = {}
    for _ in range(rounds):
        one = drawn_round(study, sited(MappingProxyType(prices)), stages)
        yield one
        prices = {
            stage: prices.get(stage, np.zeros_like(shares)) + seat_a_year(study, stage) * shares
            for stage, shares in one.unseated.items()
        }


def seat_a_year(study: Study, stage: str) -> float:
    """Return what a built seat costs a year: running cost, loss of value and interest on its capital.

    Parameters
    ----------
    study
        Gives the prices of the target year.
    stage
        Stage id.

    Returns
    -------
    float
        0 where the profile does not price the seats of the stage.
    """
    standards = study.profile.at(study.target_year)

    def known(key: str, of: str = "") -> float:
        return standards.number(key, of) if standards.find(key, of) is not None else 0.0

    life = known("cost.life_years")
    share = known("cost.running_share") + known("cost.discount_rate") + (1.0 / life if life else 0.0)
    return known("cost.per_seat", stage) * share


def drawn_round(study: Study, proposal: Proposal, stages: tuple[str, ...]) -> ZonedRound:
    """Draw the catchments of each stage for a plan, year by year.

    Parameters
    ----------
    study
        City, demand, adjacency, ``[zoning]``.
    proposal
        The plan.
    stages
        Stages with catchments.

    Returns
    -------
    ZonedRound
        The round.
    """
    measures = proposal.tables["measures"]
    cost = float(measures.loc[measures["kind"] != "redraw", "discounted"].sum())
    years = [int(year) for year in proposal.tables["plan_costs"]["year"]]
    rows, unseated = [], {}
    for stage in stages:
        before = zoned_stage(study, proposal.layout, stage)
        catchments = pd.Index(study.today.zoning.held(stage).dropna().unique())
        shares = np.zeros((len(catchments), len(years)))
        layout = proposal.layout
        for at, year in enumerate(years):
            found = redraw(_of_year(study, stage, year), layout)
            layout = replace(found.layout, id=proposal.layout.id, title=proposal.layout.title)
            shares[:, at] = _unseated(study, found, catchments, year)
            told = found.outcome.iloc[0]
            column = study.years.index(year)
            rows.append(
                {
                    "stage": stage,
                    "year": year,
                    "pooled": _pooled(proposal, stage, year),
                    "overload_today": float(before.zoned.overload[:, column].sum())
                    + _nowhere(before.zoned.has_school[:, column], before.demand[:, column]),
                    "overload": float(told["overload"]),
                    "overload_bound": float(told["overload_bound"]),
                    "moved": float(told["moved"]),
                    "mean_walk_m": float(told["mean_walk_m"]),
                    "discounted": cost,
                }
            )
        unseated[stage] = shares
    return ZonedRound(proposal, pd.DataFrame(rows), unseated)


def _nowhere(has_school: np.ndarray, demand: FloatArray) -> float:
    """Return the pupils whose catchment has no school with seats."""
    return float(demand[~has_school].sum())


def _of_year(study: Study, stage: str, year: int) -> Study:
    """Return the study with ``[zoning]`` of one stage and year."""
    with unrecorded():  # a copy reads every field; what is read of it later is noted
        zoning = study.plan.zoning.model_copy(update={"stages": (stage,), "years": (year,)})
        return replace(study, plan=replace(study.plan, zoning=zoning))


def _unseated(study: Study, found: Redraw, catchments: pd.Index, year: int) -> FloatArray:
    """Return the share of the pupils of each of today's catchments who sit in no seat of the drawn ones."""
    (division,) = found.divisions
    load, over = division.load[:, 0], division.overload[:, 0]
    share = np.divide(over, load, out=np.zeros_like(over), where=load > _ROUNDING)
    stage = division.problem.zones.stage
    pupils = study.demand.pupils[stage][year].to_numpy(dtype=float)
    home = catchments.get_indexer(pd.Index(study.today.zoning.held(stage).to_numpy()))
    inside = home >= 0
    count = len(catchments)
    lost = np.bincount(home[inside], weights=(pupils * share[division.zone])[inside], minlength=count)
    whole = np.bincount(home[inside], weights=pupils[inside], minlength=count)
    return np.asarray(np.divide(lost, whole, out=np.zeros(count), where=whole > _ROUNDING))


def _pooled(proposal: Proposal, stage: str, year: int) -> float:
    """Return the pupils for whom the plan has no seat anywhere in reach."""
    left = proposal.tables["plan_costs"].set_index("year")[stage_column("unserved", stage)]
    return float(left.to_dict()[year])
