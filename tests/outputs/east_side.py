"""A planner's own layout of the small town: a larger school and a new one."""

from __future__ import annotations

import pyproj

from tests.outputs.town import CRS, SOUTH, WEST

TITLES = {"zh": "东片区<调整>", "en": "East <side>"}


def write_layout(path):
    """Write the layout file and return its path."""
    lon, lat = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True).transform(WEST + 2000, SOUTH + 500)
    path.write_text(
        f'id = "east-side"\ntitle = "{TITLES["zh"]}"\ntitle_en = "{TITLES["en"]}"\n'
        '[[measure]]\nmeasure_id = "E1"\nkind = "expand"\nschool_id = "S1"\n'
        "opening_year = 2026\nclasses_primary = 6\n"
        '[[measure]]\nmeasure_id = "N1"\nkind = "new"\nname = "新校"\nschool_type = "primary"\n'
        f"lon = {lon}\nlat = {lat}\nopening_year = 2027\nclasses_primary = 12\n",
        encoding="utf-8",
    )
    return path
