"""Contiguity inequalities, separated where a solution or a relaxation violates them.

If unit ``y`` is assigned to school ``q``, so is a unit of every set ``S`` that separates ``y`` from the own
unit of ``q`` in the graph of units that have an arc to ``q``: x[y, q] ≤ Σ x[S, q] (Oehrlein and Haunert 2017,
https://doi.org/10.5311/JOSIS.2017.15.379; Validi, Buchanan and Lykhovyd 2022,
https://doi.org/10.1287/opre.2021.2141).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

ContiguityCut = tuple[int, int, tuple[int, ...]]
"""School, unit and separator of the inequality x[unit, school] ≤ Σ x[separator, school]."""


def connected_component(neighbours: Sequence[Sequence[int]], start: int, among: Collection[int]) -> set[int]:
    """Return the units connected to a unit through units of a collection.

    Parameters
    ----------
    neighbours
        Neighbours of each unit.
    start
        The unit.
    among
        Units that may be visited.

    Returns
    -------
    set of int
        The component, ``start`` included.
    """
    found, stack = {start}, [start]
    while stack:
        for other in neighbours[stack.pop()]:
            if other in among and other not in found:
                found.add(other)
                stack.append(other)
    return found


def contiguity_cuts(
    neighbours: Sequence[Sequence[int]], school: int, own: int, *, members: set[int], allowed: Collection[int]
) -> list[ContiguityCut]:
    """Return the inequalities that a district violates: one for each unit not connected to the own unit.

    Parameters
    ----------
    neighbours
        Neighbours of each unit.
    school
        The district's school.
    own
        Its own unit.
    members
        Units of the district.
    allowed
        Every unit that may be assigned to the school.

    Returns
    -------
    list of ContiguityCut
        Empty if the district is connected.
    """
    rest = members - connected_component(neighbours, own, members)
    cuts: list[ContiguityCut] = []
    while rest:
        part = connected_component(neighbours, min(rest), rest)
        rest -= part
        edge = {v for unit in part for v in neighbours[unit] if v not in part and v in allowed}
        separator = minimal_separator(neighbours, own, edge=edge, allowed=allowed)
        cuts.extend((school, unit, separator) for unit in sorted(part))
    return cuts


def minimal_separator(
    neighbours: Sequence[Sequence[int]], own: int, *, edge: set[int], allowed: Collection[int]
) -> tuple[int, ...]:
    """Return the units of a separator that the own unit reaches without crossing it: a minimal separator.

    Parameters
    ----------
    neighbours
        Neighbours of each unit.
    own
        The own unit.
    edge
        Units that separate another component from the own unit.
    allowed
        Units that may be assigned to the school.

    Returns
    -------
    tuple of int
        Sorted.
    """
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
