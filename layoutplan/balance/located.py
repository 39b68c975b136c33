"""The places of the rows of a result table."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd


def located(frame: pd.DataFrame, places: gpd.GeoSeries, key: str) -> gpd.GeoDataFrame:
    """Return the rows with the geometry of their entity.

    Parameters
    ----------
    frame
        Rows; not modified.
    places
        Geometries by id, in one CRS.
    key
        Column of ``frame`` with the id.

    Returns
    -------
    GeoDataFrame
        The columns of ``frame``, then ``geometry``; null for an id without geometry. Rows of one entity
        share one geometry object.
    """
    ids = pd.Categorical(frame[key])  # each id is looked up once
    at = np.append(places.index.get_indexer(ids.categories), -1)[ids.codes]
    shapes = places.array.take(at, allow_fill=True)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=places.crs))
