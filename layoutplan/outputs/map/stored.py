"""Read a stored page. Whoever wrote it, what is returned conforms to the schema of the payload."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NoReturn

from pydantic import ValidationError

from layoutplan.errors import Fault, InputError
from layoutplan.outputs.map.packing import unpack_bytes
from layoutplan.outputs.map.page_schema import Payload
from layoutplan.outputs.map.payload import PAGE_FORMAT
from layoutplan.texts import LANGUAGES

MOST_PAYLOAD_BYTES: Final = 1 << 30
"""Of JSON. The page of a metropolis (12.8 million residents, three scenarios) has a tenth of it."""

_SHOWN_PARTS: Final = 6
_SAFE: Final = re.compile(r"\w{1,40}")


class StoredMapError(InputError):
    """A stored page is none of ours, of another version, or altered.

    Attributes
    ----------
    place
        Which of several pages it is, from 0.
    reason
        What is wrong and where in the payload; no text from the page.
    """

    def __init__(self, reason: str, place: int = 0) -> None:
        self.reason, self.place = reason, place
        super().__init__((Fault(code="broken_run", file="map.html", params={"reason": reason}),))

    def __reduce__(self) -> tuple[type[StoredMapError], tuple[str, int]]:
        """Return how it is made again: copies and other processes get the same error."""
        return StoredMapError, (self.reason, self.place)


def read_map_page(page: str, *, place: int = 0) -> dict[str, Any]:
    """Return the payload of a page that :func:`~layoutplan.outputs.map.render_map` wrote.

    Parameters
    ----------
    page
        The document.
    place
        What an error says of which page it is.

    Returns
    -------
    dict[str, Any]
        The payload, validated, with the texts and style of the installed package.

    Raises
    ------
    StoredMapError
        If the page holds no payload, one of another version, or one that does not hold to
        :class:`~layoutplan.outputs.map.page_schema.Payload`, or whose parts do not belong together.
    """
    try:
        plain = unpack_bytes(page, most=MOST_PAYLOAD_BYTES)
        if plain is None:
            raise StoredMapError("no payload", place)
        payload = json.loads(plain, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        if isinstance(error, StoredMapError):
            raise
        raise StoredMapError("payload", place) from error
    if not isinstance(payload, dict) or payload.get("format") != PAGE_FORMAT:
        raise StoredMapError("format", place)
    try:
        Payload.model_validate_json(plain)
    except ValidationError as error:
        raise StoredMapError(_where(error), place) from None
    for reason in _faults_between(payload):
        raise StoredMapError(reason, place)
    return payload


def _refuse(_name: str) -> NoReturn:
    raise ValueError("a number that is none")


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError("a number too large")
    return found


def _where(error: ValidationError) -> str:
    """Say where the first fault lies, by our own keys and places: other keys are text from the page."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    parts = [str(part) for part in first["loc"][:_SHOWN_PARTS]]
    return ".".join(part if _SAFE.fullmatch(part) else "…" for part in parts) or "payload"


def _faults_between(payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield where parts of a payload do not belong together: places beyond a list, years without a value."""
    shapes, zones, schools = (len(payload[name]) for name in ("shapes", "zones", "schools"))
    yield from _where_not((zone["shape"] < shapes for zone in payload["zones"]), "zones")
    first = payload["scenarios"][0]["meta"]
    for at, scenario in enumerate(payload["scenarios"]):
        where = f"scenarios.{at}"
        meta, wide = scenario["meta"], len(scenario["meta"]["years"])
        stages = set(meta["stages"])
        yield from _where_not(
            (
                meta["stages"] == first["stages"],
                meta["years"] == first["years"],
                len(stages) == len(meta["stages"]),
                meta["years"] == sorted(set(meta["years"])),
                {meta["base_year"], meta["target_year"]} <= set(meta["years"]),
                stages == set(meta["reach_m"]) == set(meta["service_radius_m"]),
            ),
            f"{where}.meta",
        )
        yield from _where_not((place < zones for place, _ in scenario["zones"]), f"{where}.zones")
        yield from _where_not((place < schools for place, _ in scenario["schools"]), f"{where}.schools")
        yield from _where_not(_layouts_fit(scenario), f"{where}.layouts")
        for name, figures in _series_of(scenario):
            yield from _where_not((len(one) == wide for one in figures.values()), f"{where}.{name}")
        for homes in scenario["unserved"].values():
            yield from _where_not(_homes_fit(homes, wide), f"{where}.unserved")
        for groups in scenario["groups"].values():
            yield from _where_not(_groups_fit(groups, wide), f"{where}.groups")
    for zone in payload["zones"]:
        yield from _where_not([zone["stage"] in first["stages"]], "zones")
    for streets in payload["ground"]["roads"].values():
        yield from _where_not([2 * sum(streets["points"]) == len(streets["steps"])], "ground.roads")


def _where_not(laws: Iterable[bool], where: str) -> Iterator[str]:
    if not all(laws):
        yield where


def _series_of(scenario: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every group of series that have a value a year."""
    for by_layout in scenario["city"].values():
        yield from (("city", figures) for figures in by_layout.values())
    yield from (("bands", figures) for figures in scenario["bands"].values())
    yield from (("waterfalls", steps) for steps in scenario["waterfalls"].values())
    for _, zone in scenario["zones"]:
        yield from (("zones", figures) for figures in zone["figures"].values())
        yield "zones", zone["bands"]
        yield "zones", zone.get("bases", {})
        remedies = zone.get("remedies") or {"figures": {}, "main": []}
        yield "zones", {**remedies["figures"], **({"main": remedies["main"]} if remedies["main"] else {})}
    for _, school in scenario["schools"]:
        for taught in school["stages"].values():
            yield from (("schools", figures) for figures in taught["figures"].values())


def _layouts_fit(scenario: Mapping[str, Any]) -> Iterator[bool]:
    """Say whether layouts have different ids, titles in both languages, and figures of no other layout."""
    ids = [layout["id"] for layout in scenario["layouts"]]
    yield len(set(ids)) == len(ids)
    yield all(set(layout["title"]) == {*LANGUAGES} for layout in scenario["layouts"])
    yield sum(layout["proposals"] for layout in scenario["layouts"]) <= 1
    by_layout = [
        *scenario["city"].values(),
        *(zone["figures"] for _, zone in scenario["zones"]),
        *(homes["others"] for homes in scenario["unserved"].values()),
    ]
    yield all(set(figures) <= set(ids) for figures in by_layout)
    for _, school in scenario["schools"]:
        yield all(set(taught["figures"]) <= set(ids) for taught in school["stages"].values())


def _homes_fit(homes: Mapping[str, Any], wide: int) -> Iterator[bool]:
    count = len(homes["at"]) // 2
    yield len(homes["at"]) == 2 * count
    yield len(homes["pupils"]) == count * wide
    for other in homes["others"].values():
        yield len(other["pupils"]) == len(other["homes"]) * wide
        yield not other["homes"] or sum(other["homes"]) < count


def _groups_fit(groups: Mapping[str, Any], wide: int) -> Iterator[bool]:
    yield len(groups["reach"]) == len(groups["demand"])
    yield all(len(pupils) == wide for pupils in groups["demand"])
    yield all(not steps or sum(steps) < len(groups["schools"]) for steps in groups["reach"])
