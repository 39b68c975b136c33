"""Where units change catchment, for maps: unit by unit, and merged by the catchments they leave and join."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.study import Study
from layoutplan.zoning.redraw import Redraw

_COLUMNS = ("from_id", "from_name", "to_id", "to_name")
_GRID_M = 0.01


def moved_areas(study: Study, redraws: Sequence[Redraw]) -> gpd.GeoDataFrame:
    """Return the cells of units that change catchment, merged by layout, stage and the two catchments.

    Parameters
    ----------
    study
        Cells of the units.
    redraws
        Redrawn catchments.

    Returns
    -------
    GeoDataFrame
        Columns ``layout``, ``stage``, ``from_id``, ``from_name``, ``to_id``, ``to_name``, ``units`` (their
        number), ``pupils``, ``walk_before_m``, ``walk_m`` (means over pupils) and polygons in the city's CRS.
    """
    moves = pd.concat([one.moves for one in redraws], ignore_index=True)
    at = study.city.units.index.get_indexer(moves["unit_id"])
    cells = np.asarray(study.adjacency.cells.array, dtype=object)
    rows, shapes = [], []
    keys = ["layout", "stage", *_COLUMNS]
    for key, group in moves.groupby(keys, sort=True, dropna=False):
        pupils = group["pupils"].to_numpy(dtype=float)
        rows.append(
            {
                **dict(zip(keys, key, strict=True)),
                "units": len(group),
                "pupils": float(pupils.sum()),
                **{name: _mean(group[name], pupils) for name in ("walk_before_m", "walk_m")},
            }
        )
        shapes.append(shapely.union_all(cells[at[group.index]], grid_size=_GRID_M))
    frame = pd.DataFrame(rows, columns=[*keys, "units", "pupils", "walk_before_m", "walk_m"])
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=study.city.crs), crs=study.city.crs)


def moved_cells(study: Study, redraws: Sequence[Redraw]) -> gpd.GeoDataFrame:
    """Return the cell of every unit that changes catchment.

    Parameters
    ----------
    study
        Cells of the units.
    redraws
        Redrawn catchments.

    Returns
    -------
    GeoDataFrame
        Rows of result table ``zoning_moves``, with polygons in the city's CRS.
    """
    moves = pd.concat([one.moves for one in redraws], ignore_index=True)
    cells = study.adjacency.cells.reindex(moves["unit_id"]).reset_index(drop=True)
    return gpd.GeoDataFrame(moves, geometry=cells, crs=study.city.crs)


def _mean(metres: pd.Series[float], pupils: np.ndarray) -> float:
    known = metres.notna().to_numpy() & (pupils > 0)
    if not known.any():
        return float("nan")
    return float(np.average(metres.to_numpy(dtype=float)[known], weights=pupils[known]))
