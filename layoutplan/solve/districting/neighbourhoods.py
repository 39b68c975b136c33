"""Exact re-optimisation of a part of a solution (large neighbourhood search).

Two kinds of neighbourhoods, both a set of adjacent districts with some of the arcs among them: every usable
arc (re-optimisation), or the arcs of several good solutions (solution merging: the binary program recombines
them; Blum et al. 2016, https://doi.org/10.1016/j.cor.2015.10.014).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, IntArray
from layoutplan.solve.districting.budget import Allowance
from layoutplan.solve.districting.moves import HeuristicSolution, SearchContext
from layoutplan.solve.districting.separators import ContiguityCut
from layoutplan.solve.districting.subproblem import Subproblem, improve_districts

_ROUNDS: Final = 12
_NODES: Final = 150
_MAX_REPEATS: Final = 20
"""Neighbourhoods in succession that were solved before, after which a task ends."""


@dataclass
class NeighbourhoodSearch:
    """Adaptive size of the neighbourhoods, and those that need no second solve.

    Attributes
    ----------
    arcs
        Current limit on the arcs of a neighbourhood: about the largest that is solved to optimality.
    minimum, maximum
        Range of the limit.
    solved
        Digests of the neighbourhoods solved to optimality.
    """

    arcs: float = 250.0
    minimum: float = 60.0
    maximum: float = 1_500.0
    solved: set[bytes] = field(default_factory=set)

    def update(self, *, solved: bool) -> None:
        """Enlarge the limit by 12 % after a solved neighbourhood, otherwise reduce it by 25 %.

        Parameters
        ----------
        solved
            Whether the last neighbourhood was solved to optimality.
        """
        self.arcs = min(self.maximum, self.arcs * 1.12) if solved else max(self.minimum, self.arcs * 0.75)


def reoptimise(
    context: SearchContext,
    solution: HeuristicSolution,
    memory: NeighbourhoodSearch,
    *,
    draw_arcs: Callable[[], BoolArray],
    cuts: Collection[ContiguityCut],
    random: np.random.Generator,
    proposals_millions: float,
    allowance: Allowance,
) -> HeuristicSolution:
    """Re-optimise neighbourhoods of a solution one after another until about as much work as planned is done.

    Parameters
    ----------
    context
        Data of the search.
    solution
        Start solution.
    memory
        Size of the neighbourhoods; updated in place.
    draw_arcs
        Returns the arcs of the next neighbourhood as a mask of its own, shape (arcs,).
    cuts
        Valid contiguity inequalities.
    random
        Random generator.
    proposals_millions
        Planned work, millions of proposals; the last neighbourhood may exceed it.
    allowance
        Time of one program, and the work not to be exceeded; work is counted there.

    Returns
    -------
    HeuristicSolution
        The improved solution, or the start solution.
    """
    repeats, planned = 0, min(proposals_millions, allowance.work)
    while allowance.spent < planned and repeats < _MAX_REPEATS and not context.is_out_of_time():
        candidates = draw_arcs()
        schools = _adjacent_districts(context, solution, candidates, limit=memory.arcs, random=random)
        inside = np.isin(np.arange(context.problem.schools), schools)
        candidates &= (
            inside[context.problem.arc_school] & inside[solution.assignment[context.problem.arc_unit]]
        )
        subproblem = Subproblem(
            context.problem,
            context.region_grower.neighbours,
            solution.assignment,
            candidates=candidates,
            overload_price=context.price_ceiling,
        )
        key = hashlib.blake2b(
            subproblem.arcs.tobytes() + solution.assignment.tobytes(), digest_size=16
        ).digest()
        if key in memory.solved:
            repeats += 1
            memory.update(solved=True)
            continue
        repeats = 0
        subproblem.add_cuts(cuts)
        before = allowance.spent
        changed, solved = improve_districts(subproblem, rounds=_ROUNDS, nodes=_NODES, allowance=allowance)
        if not solved and allowance.spent == before:
            break  # what is left does not pay for its root
        memory.update(solved=solved)
        if changed is not None:
            solution = context.evaluate(changed, solution.price)
        elif solved:
            memory.solved.add(key)
    return solution


def arcs_of_solutions(context: SearchContext, solutions: Collection[HeuristicSolution]) -> BoolArray:
    """Return the arcs that any of several solutions uses.

    Parameters
    ----------
    context
        Data of the search.
    solutions
        Solutions of the problem.

    Returns
    -------
    BoolArray
        Mask of the arcs, shape (arcs,).
    """
    problem = context.problem
    used = np.zeros(len(problem.arc_cost), dtype=bool)
    for solution in solutions:
        used |= problem.arc_school == solution.assignment[problem.arc_unit]
    return used


def _adjacent_districts(
    context: SearchContext,
    solution: HeuristicSolution,
    candidates: BoolArray,
    *,
    limit: float,
    random: np.random.Generator,
) -> IntArray:
    """Grow a set of adjacent districts from a random one until their candidate arcs reach the limit.

    Only arcs to a school other than the present one count.
    """
    problem, district = context.problem, solution.assignment
    start, end = district[problem.edge_from], district[problem.edge_to]
    border = start != end
    from_school, to_school = district[problem.arc_unit[candidates]], problem.arc_school[candidates]
    moves = from_school != to_school
    from_school, to_school = from_school[moves], to_school[moves]
    chosen = np.zeros(problem.schools, dtype=bool)
    if len(from_school):
        chosen[from_school[int(random.integers(len(from_school)))]] = True
    else:
        chosen[int(random.integers(problem.schools))] = True
    while True:
        border_edges = np.bincount(end[border & chosen[start] & ~chosen[end]], minlength=problem.schools)
        if not border_edges.any():
            return np.flatnonzero(chosen)
        joining = int(np.argmax(border_edges * random.random(problem.schools)))
        chosen[joining] = True
        if chosen.sum() > 2 and (chosen[from_school] & chosen[to_school]).sum() > limit:  # noqa: PLR2004
            chosen[joining] = False
            return np.flatnonzero(chosen)
