"""Decide on whole plans: programs over whole moves and units, until their bound meets the best plan."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from layoutplan.solve.expansion.search import ExpansionSearch
from layoutplan.solve.expansion.unit_choice import choose_units, keep_rounded

_FIRST_GAP: Final = 5e-3
_ROUNDING: Final = 1e-6
_SEEN_SHARE: Final = 0.4  # of the time left
_WHOLE: Final = 60  # rounds of whole programs of one kind


def decide(search: ExpansionSearch, *, all_moves: bool = True) -> bool:
    """Solve whole programs until the bound meets the best plan; return whether it does.

    The moves that were made in part in some relaxation come first: they are few, and good plans are made
    of them. Then come all moves, with units in parts (solved faster, with nearly as good a bound; units
    are then chosen for the moves), and last whole units.

    Parameters
    ----------
    search
        The search.
    all_moves
        Whether to go on to all moves.
    """
    share = 1.0 if not all_moves else _SEEN_SHARE
    if _decide(search, seen=True, whole_units=False, share=share) or not all_moves:
        return search.gap <= search.relative_gap + _ROUNDING
    if len(search.objective.capacities.unit_row) and _decide(search, whole_units=False):
        return True
    return _decide(search, whole_units=True)


def _decide(search: ExpansionSearch, *, whole_units: bool, seen: bool = False, share: float = 1.0) -> bool:
    """Solve whole programs of one kind; return whether the bound meets the best plan."""
    enough = search.relative_gap + _ROUNDING
    gap = search.relative_gap / 4 if seen else max(_FIRST_GAP, search.relative_gap)
    until = time.monotonic() + share * (search.until - time.monotonic())
    tried: set[bytes] = set()
    for _ in range(_WHOLE):
        limit = search.wanted  # what makes none of the moves left out costs no less
        among = search.seen if seen else search.promising()
        found = search.solve_master(whole=True, whole_units=whole_units, gap=gap, among=among, until=until)
        if found is None:
            return False
        solution, columns = found
        if not seen:
            search.bound = max(search.bound, min(solution.bound * search.unit, limit))
        learnt, plan = search.learn(solution, columns)
        if whole_units:
            search.keep(plan)
        else:
            if search.objective.large:
                keep_rounded(search, plan)
            choose_units(search, plan.moves)
        if search.gap <= enough:
            return True
        known = np.rint(plan.moves).tobytes() in tried
        if (known and not whole_units) or (learnt == 0 and (seen or gap <= enough)):
            return False  # nothing more is learnt: the gap that is left is told
        tried.add(np.rint(plan.moves).tobytes())
        wrong = (plan.value - solution.objective * search.unit) / max(1.0, abs(plan.value))
        gap = max(search.relative_gap / 4, min(gap, wrong / 4 if learnt else gap / 4))
    return False
