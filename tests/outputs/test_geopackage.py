"""The GeoPackage: the same layer gives the same bytes, however its columns lie in memory."""

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

from layoutplan.outputs.files import write_geopackage
from tests.same_bytes import same_bytes


def test_a_text_column_in_several_pieces_gives_the_same_bytes(tmp_path):
    halves = [pd.DataFrame({"name": pd.array([name], dtype="str")}) for name in ("东区", "西区")]
    pieces = pd.concat(halves, ignore_index=True)
    whole = pd.DataFrame({"name": pd.array(["东区", "西区"], dtype="str")})
    places = [Point(0, 0), Point(1, 0)]
    for name, frame in (("pieces", pieces), ("whole", whole)):
        layer = gpd.GeoDataFrame(frame, geometry=places, crs="EPSG:4547")
        write_geopackage([("schools", layer)], tmp_path / f"{name}.gpkg")
    assert same_bytes(tmp_path / "pieces.gpkg", tmp_path / "whole.gpkg")
    assert list(gpd.read_file(tmp_path / "pieces.gpkg")["name"]) == ["东区", "西区"]
