"""Checks of GeoJSON before GDAL reads it: type, nesting, size and coordinate system."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layoutplan.city.contents import report_other
from layoutplan.city.limits import COLUMNS, NESTING, ROWS, within
from layoutplan.dictionary.table_log import TableLog

_GEOMETRIES: Final = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
)  # fmt: skip
_TYPES: Final = ("FeatureCollection", "Feature", *_GEOMETRIES)
_PIPELINE: Final = b"gdal_streamed_alg"
"""Marks a GDAL pipeline, a list of commands that may read any file."""
_BY_NAME: Final = re.compile(
    r"urn:(ogc|x-ogc):def:crs:[\w.:-]*|https?://www\.opengis\.net/def/crs/[\w./-]+|(EPSG|OGC):\w+|\w+",
    re.IGNORECASE,
)
"""Names that GDAL resolves without the network; URLs of the OGC are names too."""


@dataclass(frozen=True)
class Document:
    """Properties of a GeoJSON document: whether it states a coordinate system."""

    states_crs: bool


def look_at_geojson(path: Path, *, log: TableLog) -> Document | None:
    """Check a GeoJSON file.

    A coordinate system given by a URL is refused, since it would be requested from the network.

    Parameters
    ----------
    path
        The file.
    log
        Receives the fault.

    Returns
    -------
    Document or None
        ``None`` if the file is not GeoJSON or exceeds the limits.
    """
    data = path.read_bytes()
    document = _parsed(data, log=log)
    if document is None:
        return None
    suffix = path.suffix.lower()
    if not isinstance(document, dict) or document.get("type") not in _TYPES or _PIPELINE in data:
        report_other("pipeline" if _PIPELINE in data else _other_json(document), suffix, log=log)
        return None
    if any(not _by_name(crs) for crs in _systems(document)):
        log.add("crs_by_address")
        return None
    features = document.get("features")
    rows = len(features) if isinstance(features, list) else 1
    inside = within(rows, ROWS, of="rows", log=log) and within(
        _columns(features), COLUMNS, of="columns", log=log
    )
    return Document(states_crs="crs" in document) if inside else None


def _parsed(data: bytes, *, log: TableLog) -> object:
    """Return the document; report invalid JSON and excessive nesting."""
    try:
        written = data.decode("utf-8-sig")
        document = json.loads(written)
    except UnicodeDecodeError as error:
        log.add("encoding_wrong", encoding="UTF-8", position=error.start)
        return None
    except RecursionError:
        log.add("nested_too_deep", levels=NESTING)
        return None
    except ValueError as error:
        log.add("vector_damaged", reason=" ".join(str(error).split())[:200])
        return None
    if document is None:
        log.add("no_records")
        return None
    if _deeper_than(document, NESTING):
        log.add("nested_too_deep", levels=NESTING)
        return None
    return document


def _deeper_than(document: object, levels: int) -> bool:
    """Return whether lists and objects are nested more deeply than allowed, without recursion."""
    level: list[Any] = [document]
    for _ in range(levels):
        inner: list[Any] = []
        for value in level:
            children = value.values() if isinstance(value, dict) else value
            inner.extend(child for child in children if isinstance(child, (dict, list)))
        if not inner:
            return False
        level = inner
    return True


def _other_json(document: object) -> str:
    """Return the type of a JSON file that is not GeoJSON."""
    if not isinstance(document, dict):
        return "json_other"
    if document.get("type") == "Topology":
        return "topojson"
    return "esri_json" if {"geometryType", "spatialReference"} & set(document) else "json_other"


def _systems(document: dict[str, Any]) -> Iterator[Any]:
    """Yield every coordinate system stated outside the properties."""
    waiting: list[Any] = [document]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        if one.get("crs") is not None:
            yield one["crs"]
        for name in ("features", "geometries"):
            if isinstance(one.get(name), list):
                waiting.extend(one[name])
        waiting.append(one.get("geometry"))


def _by_name(crs: object) -> bool:
    """Return whether a ``crs`` member identifies the system by name or code, not by a URL to request."""
    if not isinstance(crs, dict):
        return False
    properties = crs.get("properties")
    if not isinstance(properties, dict):
        return False
    kind = str(crs.get("type")).casefold()
    if kind == "epsg":
        return str(properties.get("code")).isdigit()
    return kind == "name" and _BY_NAME.fullmatch(str(properties.get("name"))) is not None


def _columns(features: object) -> int:
    """Return the number of distinct properties of the features."""
    names: set[str] = set()
    for feature in features if isinstance(features, list) else ():
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if isinstance(properties, dict) and not properties.keys() <= names:
            names |= properties.keys()
    return len(names)
