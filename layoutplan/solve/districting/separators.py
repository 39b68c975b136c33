"""Inequalities of contiguity, found where a plan or a relaxation breaks it.

If unit ``y`` belongs to school ``q``, so does some unit of every set ``S`` that separates ``y`` from the own
unit of ``q`` among the units that may go to ``q``: x[y, q] ≤ Σ x[S, q] (Oehrlein and Haunert 2017,
https://doi.org/10.5311/JOSIS.2017.15.379; Validi, Buchanan and Lykhovyd 2022,
https://doi.org/10.1287/opre.2021.2141).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

Cut = tuple[int, int, tuple[int, ...]]
"""(school, unit, separator)."""


def part_of(neighbours: Sequence[Sequence[int]], start: int, among: Collection[int]) -> set[int]:
    """Return the units joined to one over units of a collection."""
    found, stack = {start}, [start]
    while stack:
        for other in neighbours[stack.pop()]:
            if other in among and other not in found:
                found.add(other)
                stack.append(other)
    return found


def cut_off_cuts(
    neighbours: Sequence[Sequence[int]], school: int, own: int, *, members: set[int], allowed: Collection[int]
) -> list[Cut]:
    """Return inequalities that the parts of a district away from its own unit break.

    Parameters
    ----------
    members
        The district.
    allowed
        Every unit that may go to the school.
    """
    rest = members - part_of(neighbours, own, members)
    cuts: list[Cut] = []
    while rest:
        part = part_of(neighbours, min(rest), rest)
        rest -= part
        edge = {v for unit in part for v in neighbours[unit] if v not in part and v in allowed}
        separator = touched(neighbours, own, edge=edge, allowed=allowed)
        cuts.extend((school, unit, separator) for unit in sorted(part))
    return cuts


def touched(
    neighbours: Sequence[Sequence[int]], own: int, *, edge: set[int], allowed: Collection[int]
) -> tuple[int, ...]:
    """Return the units of an edge that the own unit reaches without crossing it: a minimal separator."""
    if own in edge:
        return (own,)
    seen, stack, met = {own}, [own], set()
    while stack:
        for other in neighbours[stack.pop()]:
            if other in edge:
                met.add(other)
            elif other in allowed and other not in seen:
                seen.add(other)
                stack.append(other)
    return tuple(sorted(met))
