"""A layer converted without its datum shift is told by its distance from the other."""

import geopandas as gpd
import pytest
from shapely.geometry import Polygon, box

from layoutplan.city.displaced import report_displaced
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog

OUTLINE = Polygon([(0, 0), (6000, 500), (9000, 4000), (5000, 9000), (1000, 6000)])


def found(areas, catchments):
    log = FaultLog()
    shapes = [gpd.GeoSeries(parts, crs="EPSG:4547") for parts in (areas, catchments)]
    report_displaced(*shapes, log=TableLog(log, "units.gpkg", "units"))
    return [fault for fault in log if fault.code == "layers_displaced"]


def halves(shape, *, at):
    west, south, east, north = shape.bounds
    return [shape.intersection(box(west, south, at, north)), shape.intersection(box(at, south, east, north))]


@pytest.mark.parametrize(("east", "north"), [(120.0, 150.0), (-400.0, 30.0)])
def test_the_same_outline_beside_itself(east, north):
    moved = gpd.GeoSeries(halves(OUTLINE, at=3000)).translate(east, north)
    (fault,) = found(list(moved), halves(OUTLINE, at=5000))
    assert fault.params["metres"] == pytest.approx((east**2 + north**2) ** 0.5, abs=1)
    assert (fault.params["east"], fault.params["north"]) == (
        pytest.approx(-east, abs=1),
        pytest.approx(-north, abs=1),
    )


def test_other_borders_are_not_a_displacement():
    assert not found(halves(OUTLINE, at=3000), halves(OUTLINE, at=5000))
    without_corner = OUTLINE.difference(box(7000, 0, 9000, 9000))
    assert not found(halves(OUTLINE, at=3000), halves(without_corner, at=5000))  # a smaller area
    grown = OUTLINE.difference(box(7500, 0, 9000, 9000)).union(box(-1000, 2000, 900, 3700))
    assert abs(grown.area / OUTLINE.area - 1) < 0.03
    assert not found(halves(OUTLINE, at=3000), halves(grown, at=5000))  # as large, another outline
    assert not found([OUTLINE.centroid], [OUTLINE])
