"""Exclaves: blocks that no school can reach over neighbours are joined to the nearest that it can."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from layoutplan.arrays import BoolArray, IntArray
from layoutplan.solve.districting import DistrictingProblem, districting_problem
from layoutplan.solve.districting.problem import reachable_arcs
from layoutplan.study import Study

_ROUNDS: Final = 50


def join_exclaves(
    problem: DistrictingProblem, study: Study, block: IntArray, edges: IntArray
) -> tuple[DistrictingProblem, IntArray]:
    """Join blocks that no zone can reach to the nearest block that can be in a zone of theirs.

    Parameters
    ----------
    problem
        Blocks, zones, arcs and the graph.
    study
        Where people live.
    block
        Units: the block of each.
    edges
        Edges of the graph between blocks.

    Returns
    -------
    problem
        With the edges added; the problem itself where every block can be reached.
    exclaves
        Positions of the units that were joined so.
    """
    points = np.asarray(study.city.units.geometry.array, dtype=object)
    _, first = np.unique(block, return_index=True)
    at = points[first]
    joined: set[int] = set()
    for _ in range(_ROUNDS):
        usable, cut_off = reachable_arcs(problem)
        lone = np.flatnonzero(cut_off)
        if not len(lone):
            break
        new = [_bridge(problem, usable, one, at, again=one in joined) for one in lone.tolist()]
        joined.update(lone.tolist())
        edges = np.concatenate([edges, np.array(new, dtype=np.int64)])
        problem = districting_problem(
            problem.demand,
            problem.capacity,
            own=problem.own,
            arcs=(problem.arc_unit, problem.arc_school, problem.arc_cost),
            edges=edges,
            locked=problem.locked,
        )
    return problem, np.flatnonzero(np.isin(block, [*joined]))


def _bridge(
    problem: DistrictingProblem, usable: BoolArray, lone: int, at: np.ndarray, *, again: bool
) -> tuple[int, int]:
    """Return an edge from a block to the nearest one that can be in one of its zones, else to a school's."""
    mine = problem.arc_school[problem.arc_first[lone] : problem.arc_first[lone + 1]]
    cost = problem.arc_cost[problem.arc_first[lone] : problem.arc_first[lone + 1]]
    if again:
        return lone, int(problem.own[mine[int(np.argmin(cost))]])
    others = np.unique(problem.arc_unit[usable & np.isin(problem.arc_school, mine)])
    others = others[others != lone]
    if not len(others):
        return lone, int(problem.own[mine[int(np.argmin(cost))]])
    return lone, int(others[int(np.argmin(shapely.distance(at[others], at[lone])))])
