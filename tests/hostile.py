"""A small city in which every text that is free to choose tries to leave its place in a page."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import pandas as pd

from layoutplan.dictionary import input_table
from layoutplan.synthetic import make_city_tables, write_city

RESIDENTS, SEED = 20_000, 3
PWNED = "self.pwned=1"
TEXTS = (
    f"</script><script>{PWNED}</script>",
    f'<img src=x onerror="{PWNED}">',
    f"<!--<script>{PWNED}",
    f"]]><svg onload={PWNED}>",
    f'" onmouseover="{PWNED}" x="',
    f"' autofocus onfocus='{PWNED}",
    f"javascript:{PWNED}",
    "; script-src * 'unsafe-inline'; img-src *",
    f"\u2028{PWNED}\u2029",
    "\u202e</title><style>*{background:url(https://evil.example/)}</style>\u202d",
    f"${{{PWNED}}}{{{{{PWNED}}}}}{{x}}",
    "<a href='https://evil.example/'>x</a><base href='https://evil.example/'>",
    "__proto__",
)
ID = f'"><img src=x onerror={PWNED}>'
"""What every id ends in; lists of ids are split at marks that it does not hold."""

_PLAIN = {"grades", "class_no", "phase", "indicator", "road_class"}
"""Columns whose texts mean something."""


def hostile_tables() -> dict[str, pd.DataFrame | gpd.GeoDataFrame]:
    """Return the tables of the city, ids changed alike in every table."""
    tables = make_city_tables(residents=RESIDENTS, seed=SEED)
    return {name: _hostile(frame.copy(), name) for name, frame in tables.items()}


def _hostile(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    for column in input_table(table).columns:
        if column.name not in frame or column.choices or column.name in _PLAIN:
            continue
        if column.name.endswith(("_id", "_ids")) or column.reference:
            frame[column.name] = [_with_id(value) for value in frame[column.name]]
        elif column.dtype == "text":
            frame[column.name] = [
                value if pd.isna(value) else f"{value}{TEXTS[at % len(TEXTS)]}"
                for at, value in enumerate(frame[column.name])
            ]
    return frame


def _with_id(value: object) -> object:
    return ";".join(f"{part}{ID}" for part in value.split(";")) if isinstance(value, str) and value else value


def write_hostile_city(folder):
    """Write the city, and a plan with tiles and one scenario whose texts are as hostile; return its path."""
    path = write_city(hostile_tables(), folder, seed=SEED)
    plan = path.read_text(encoding="utf-8")
    said = {
        key: json.dumps(f"{key}{TEXTS[at]}")
        for at, key in enumerate(("name", "name_en", "tiles_attribution"))
    }
    tiles = "https://tiles.example.org/{z}/{x}/{y}.png?a=\"'><script>" + PWNED
    said |= {"tiles": json.dumps(tiles), "review_number": json.dumps(TEXTS[0])}
    for key, value in said.items():
        plan = re.sub(rf"^{key} *=.*\n", "", plan, flags=re.MULTILINE)
        plan = plan.replace("[plan]\n", f"[plan]\n{key} = {value}\n", 1)
    plan = re.sub(
        r"^title = .*$", lambda _: f"title = {json.dumps(''.join(TEXTS))}", plan, flags=re.MULTILINE
    )
    path.write_text(plan, encoding="utf-8")
    return path
