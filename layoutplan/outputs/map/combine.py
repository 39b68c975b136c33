"""Several scenarios on one page: the pages of single runs, combined without recomputation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from layoutplan.outputs.map.interning import Interner
from layoutplan.outputs.map.page import render_payload
from layoutplan.outputs.map.payload import page_style, page_texts
from layoutplan.outputs.map.stored import read_map_page
from layoutplan.texts import Language


def combine_maps(
    pages: Sequence[str], *, lang: Language, scorecards: Sequence[str] | None = None
) -> str | None:
    """Return one page that holds the scenarios of several, or ``None`` where they do not belong together.

    Parameters
    ----------
    pages
        Pages that :func:`~layoutplan.outputs.map.render_map` wrote, the one shown first in front.
    lang
        Language shown first.
    scorecards
        For each page the address of its scenario's scorecard, relative to the page returned; empty for none,
        as it is for all if left out.

    Returns
    -------
    str or None
        The document: streets, areas and schools once, figures by scenario; texts, colours and script are
        those of this version. ``None`` for fewer than two pages, and for pages of different cities, stages,
        years or basemaps.

    Raises
    ------
    StoredMapError
        If one of the pages is none of ours, of another version, or altered; ``place`` says which.
    """
    payloads = [read_map_page(page, place=place) for place, page in enumerate(pages)]
    if len({_kind(payload) for payload in payloads}) != 1 or len(payloads) < 2:  # noqa: PLR2004
        return None
    first = payloads[0]
    shapes, zones, schools, estates, names = (Interner() for _ in range(5))
    scenarios = []
    for payload, scorecard in zip(payloads, scorecards or [""] * len(payloads), strict=True):
        places = [shapes.add(shape) for shape in payload["shapes"]]
        zone_places = [zones.add({**zone, "shape": places[zone["shape"]]}) for zone in payload["zones"]]
        school_places = [schools.add(school) for school in payload["schools"]]
        for estate in payload["estates"]:
            estates.add(estate)
        for pair in payload["names"]:
            names.add(pair)
        scenarios += [
            {
                **scenario,
                "meta": {**scenario["meta"], "scorecard": scorecard},
                "zones": [[zone_places[zone], said] for zone, said in scenario["zones"]],
                "schools": [[school_places[school], said] for school, said in scenario["schools"]],
            }
            for scenario in payload["scenarios"]
        ]
    return render_payload(
        {
            **first,
            "lang": lang,
            "names": names.values,
            "texts": page_texts(),
            "style": page_style(),
            "shapes": shapes.values,
            "zones": zones.values,
            "schools": schools.values,
            "estates": estates.values,
            "scenarios": scenarios,
        },
        lang=lang,
    )


def _kind(payload: dict[str, Any]) -> str:
    """Return what scenarios of one page must share."""
    meta = payload["scenarios"][0]["meta"]
    return json.dumps([meta[name] for name in ("title", "stages", "years", "tiles")], ensure_ascii=False)
