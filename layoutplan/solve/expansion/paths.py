"""Paths of sites through their states: the moves of a plan, and the smaller plans beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.expansion.problem import Expansion

_HALF: Final = 0.5


def states_of(problem: Expansion, moves: FloatArray) -> FloatArray:
    """Return the states that whole moves lead through.

    Parameters
    ----------
    problem
        States and moves.
    moves
        Whether each move is made, shape (moves,).

    Returns
    -------
    FloatArray
        1 where a state is in force, shape (states, years).
    """
    held = np.zeros(problem.states.cost.shape)
    for site, first in enumerate(problem.states.first):
        del site
        held[first] = 1.0
    made = np.flatnonzero(moves > _HALF)
    for move in made[np.argsort(problem.moves.year[made], kind="stable")]:
        year = problem.moves.year[move]
        held[problem.moves.before[move], year:] = 0.0
        held[problem.moves.after[move], year:] = 1.0
    return held


def barred_units(problem: Expansion, held: FloatArray, units: FloatArray) -> BoolArray:
    """Return which rows have units that a state in force bars.

    Parameters
    ----------
    problem
        The problem.
    held
        1 where a state is in force, shape (states, years).
    units
        Units of each row.

    Returns
    -------
    BoolArray
        Shape (rows,).
    """
    bars = problem.bars
    found = np.zeros(len(units), dtype=np.bool_)
    found[bars.row[held[bars.state, problem.years_of_units[bars.row]] > _HALF]] = True
    return found & (units > 0)


def without_unmet(problem: Expansion, moves: FloatArray) -> FloatArray:
    """Return moves without those into states that lack, in some year, what they need.

    Parameters
    ----------
    problem
        The problem.
    moves
        Whether each move is made, shape (moves,).
    """
    kept = moves
    while not (met := problem.needs.met(states_of(problem, kept))).all():
        lacking = problem.needs.state[~met.all(axis=1)]
        kept = np.where(np.isin(problem.moves.after, lacking), 0.0, kept)
    return kept


def reachable(problem: Expansion, able: BoolArray) -> BoolArray:
    """Return the states that some of the moves can lead to, by year.

    Parameters
    ----------
    problem
        States and moves.
    able
        Whether each move may be made, shape (moves,).

    Returns
    -------
    BoolArray
        Shape (states, years).
    """
    found = np.zeros(problem.states.cost.shape, dtype=np.bool_)
    found[problem.states.first] = True
    moves = problem.moves
    for year in range(problem.years):
        made = np.flatnonzero(able & (moves.year == year))
        before = found[moves.before[made], max(year - 1, 0)]
        found[moves.after[made[before]], year:] = True
    return found


def least_through(problem: Expansion, states: FloatArray, moves: FloatArray) -> FloatArray:
    """Return the least cost of a site's path through its states over the years that makes each move.

    Parameters
    ----------
    problem
        States and moves.
    states
        Cost of each state in each year, shape (states, years).
    moves
        Cost of each move, shape (moves,).

    Returns
    -------
    FloatArray
        Shape (moves,); infinite where the move can not be made.
    """
    of, years = problem.moves, problem.years
    in_year = [np.flatnonzero(of.year == year) for year in range(years)]
    start = np.full(len(problem.states.site), np.inf)
    start[problem.states.first] = 0.0
    reached = []  # cost of the path before each year, by state
    for year in range(years):
        reached.append(start)
        now = start.copy()
        made = in_year[year]
        np.minimum.at(now, of.after[made], start[of.before[made]] + moves[made])
        start = now + states[:, year]
    after = np.zeros(len(start))  # cost of the path after each year, by state
    found = np.full(len(moves), np.inf)
    for year in reversed(range(years)):
        onward = states[:, year] + after
        made = in_year[year]
        into = moves[made] + onward[of.after[made]]
        found[made] = reached[year][of.before[made]] + into
        after = onward.copy()
        np.minimum.at(after, of.before[made], into)
    return found


def moves_of_sites(problem: Expansion, moves: FloatArray) -> dict[int, IntArray]:
    """Return the moves made at each site that makes any, in order of their years.

    Parameters
    ----------
    problem
        States and moves.
    moves
        Whether each move is made, shape (moves,).
    """
    made = np.flatnonzero(moves > _HALF)
    made = made[np.argsort(problem.moves.year[made], kind="stable")]
    site = problem.states.site[problem.moves.after[made]]
    return {int(one): made[site == one] for one in np.unique(site)}


def smaller_paths(problem: Expansion, moves: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """Yield, for each site that moves, plans in which it does less: nothing, its last move not, less, later.

    Parameters
    ----------
    problem
        States and moves.
    moves
        Whether each move is made, shape (moves,).

    Yields
    ------
    int
        The site.
    FloatArray
        Whether each move is made instead, shape (moves,).
    """
    for site, made in moves_of_sites(problem, moves).items():
        without = moves.copy()
        without[made] = 0.0
        yield site, without
        if len(made) > 1:
            shorter = moves.copy()
            shorter[made[-1]] = 0.0
            yield site, shorter
        for move in instead_of(problem, int(made[-1])):
            other = moves.copy()
            other[made[-1]] = 0.0
            other[move] = 1.0
            yield site, other


def instead_of(problem: Expansion, move: int) -> IntArray:
    """Return the moves from the same state to less in that year, or to the same later.

    Less is fewer seats built with as many of today's kept, or as many built with fewer of today's given up.

    Parameters
    ----------
    problem
        States and moves.
    move
        Position of the move.
    """
    moves, seats, keeps = problem.moves, problem.states.seats, problem.states.keeps
    now, kept = seats[moves.after[move]], keeps[moves.after[move]]
    others, others_kept = seats[moves.after], keeps[moves.after]
    no_more: BoolArray = (others <= now).all(axis=1) & (others_kept >= kept).all(axis=1)
    less = (others < now).any(axis=1) | (others_kept > kept).any(axis=1)
    lower = no_more & less & (moves.year == moves.year[move])
    later = (moves.after == moves.after[move]) & (moves.year == moves.year[move] + 1)
    return np.flatnonzero((moves.before == moves.before[move]) & (lower | later)).astype(np.int64)
