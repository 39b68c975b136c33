"""Walks beside straight lines.

``python -m benchmarks.detour PLAN [--stage primary]``, or ``--extract PBF GRID``.

Prints for bands of the straight line the median of walk ÷ straight line and, in brackets, the ratio of their
sums; then the share of the homes and schools within 500 m in a straight line that are within a 500 m walk.
Homes are the units of the plan, schools those of the stage. ``--extract`` takes an OpenStreetMap extract
instead, cells of a grid (columns ``lon``, ``lat``) as homes and every 50th junction as a school.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import layoutplan as lp
from layoutplan.city.readers import read_table
from layoutplan.city.teaching import teaches
from layoutplan.dictionary import check_frame, input_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import TableSettings
from layoutplan.standards import load_profile
from layoutplan.travel import Network, build_network
from layoutplan.travel.distances import walk_matrix

BANDS_M = ((100, 300), (300, 500), (500, 1000), (1000, 1500))
CIRCLE_M = 500.0
LIMIT_M = 6_000.0  # four times the longest straight line: a pair without a walk by then is a ratio above 4
EVERY = 50


def detours(homes: gpd.GeoSeries, schools: gpd.GeoSeries, network: Network | None) -> pd.DataFrame:
    """Return the table of the page: a row a band, and the share of the circle.

    Parameters
    ----------
    homes, schools
        Points in the network's CRS, metres.
    network
        Streets.
    """
    walks = walk_matrix(homes, schools, limit_m=LIMIT_M, network=network)
    metres = np.full((len(homes), len(schools)), np.inf)
    metres[walks.rows, walks.indices] = walks.metres
    at = [np.column_stack([points.x, points.y]) for points in (homes, schools)]
    straight = np.hypot(*(at[0][:, None, :] - at[1][None, :, :]).transpose(2, 0, 1))
    known = np.isfinite(metres)
    rows = []
    for low, high in BANDS_M:
        own = known & (straight >= low) & (straight < high)
        ratio = metres[own] / straight[own]
        sums = metres[own].sum() / straight[own].sum()
        rows.append((f"{low}-{high} m", int(own.sum()), f"{np.median(ratio):.2f} ({sums:.2f})"))
    circle = straight <= CIRCLE_M
    share = (metres[circle] <= CIRCLE_M).mean()
    rows.append((f"circle of {CIRCLE_M:.0f} m", int(circle.sum()), f"{share:.0%}"))
    return pd.DataFrame(rows, columns=["straight line", "pairs", "walk / straight line"])


def of_plan(path: Path, stage: str) -> pd.DataFrame:
    """Return the table of a plan's homes and the schools of a stage.

    Parameters
    ----------
    path
        The plan.
    stage
        Id of the stage; empty for the first one planned.
    """
    study = lp.make_study(lp.load_plan(path))
    city = study.city
    taught = teaches(city.schools, stage or city.stages[0], city.schooling)
    lived = city.units.geometry[city.units["residents"] > 0]
    return detours(lived, city.schools.geometry[taught], study.walking.network)


def of_extract(extract: Path, grid: Path) -> pd.DataFrame:
    """Return the table of an OpenStreetMap extract.

    Parameters
    ----------
    extract, grid
        The extract, and a CSV file of cells.
    """
    log = FaultLog()
    raw = read_table(
        extract, TableSettings(file=extract), log=TableLog(log, file=extract.name, table="roads")
    )
    log.raise_if_errors()
    if raw is None:
        raise SystemExit(str(extract))
    frame = check_frame(raw.frame, input_table("roads"), file=extract.name, log=log)
    roads = gpd.GeoDataFrame(frame, geometry=raw.frame["geometry"], crs=raw.crs)
    crs = roads.estimate_utm_crs()
    excluded = load_profile("cn-national").at(2025).words("walking.excluded_classes")
    network = build_network(roads.to_crs(crs), exclude_classes=excluded)
    cells = pd.read_csv(grid)
    homes = gpd.GeoSeries(gpd.points_from_xy(cells["lon"], cells["lat"]), crs=4326).to_crs(crs)
    within = homes.within(
        shapely.box(*np.concatenate([network.nodes.min(axis=0), network.nodes.max(axis=0)]))
    )
    schools = gpd.GeoSeries(shapely.points(network.nodes[::EVERY]), crs=crs)
    return detours(homes[within], schools, network)


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("plan", type=Path, nargs="?")
    ask.add_argument("--stage", default="")
    ask.add_argument("--extract", type=Path, nargs=2, metavar=("PBF", "GRID"))
    given = ask.parse_args()
    found = of_extract(*given.extract) if given.extract else of_plan(given.plan, given.stage)
    print(found.to_string(index=False))


if __name__ == "__main__":
    main()
