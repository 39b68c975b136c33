"""Spatial results as one GeoPackage, the same bytes for the same results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

_FIXED_DATE = "2000-01-01T00:00:00.000Z"


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Stop GDAL from writing the time of day into the file."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_geopackage(layers: Iterable[tuple[str, gpd.GeoDataFrame]], path: Path) -> None:
    """Write each named layer that has rows to one GeoPackage; list columns and categories become text.

    Parameters
    ----------
    layers
        Name and layer; each keeps its CRS.
    path
        The file; layers are appended where it exists.
    """
    with _fixed_date():
        for name, layer in layers:
            if layer.empty:
                continue
            # In one piece: a column in several Arrow chunks, as concatenating leaves it, is written in
            # several transactions, and the file counts them.
            plain = layer.assign(**{c: layer[c].astype(object).astype("string") for c in _texts(layer)})
            # Arrow avoids one Python object per text cell.
            pyogrio.write_dataframe(
                plain, path, layer=name, driver="GPKG", append=path.exists(), use_arrow=True
            )


def _texts(layer: gpd.GeoDataFrame) -> list[str]:
    kinds = (
        pd.api.types.is_object_dtype,
        lambda dtype: isinstance(dtype, (pd.CategoricalDtype, pd.StringDtype)),
    )
    return [c for c in layer.columns if c != "geometry" and any(kind(layer[c].dtype) for kind in kinds)]
