"""Access to GDAL: vector layers through pyogrio, without network access."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyogrio

from layoutplan.offline import ALONE

_FEW: Final = 10_000
"""Rows of a small layer."""


@dataclass(frozen=True)
class LayerInfo:
    """Properties of a layer, as reported by GDAL before it is read."""

    driver: str
    rows: int
    columns: int


@contextmanager
def offline() -> Iterator[None]:
    """Disable network access of pyogrio's GDAL inside the block, and restore its configuration after it."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in ALONE}
    pyogrio.set_gdal_config_options(dict(ALONE))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def layer_names(path: Path) -> list[str]:
    """Return the layers of a file.

    Parameters
    ----------
    path
        Vector file.

    Returns
    -------
    list of str
        In the order of the file.
    """
    with offline():
        return [str(name) for name in pyogrio.list_layers(path.absolute())[:, 0]]


def layer_info(path: Path, layer: str, **options: object) -> LayerInfo:
    """Return driver, number of rows and number of columns of a layer.

    Parameters
    ----------
    path
        Vector file.
    layer
        Name of the layer.
    **options
        Options of :func:`pyogrio.read_info`.

    Returns
    -------
    LayerInfo
        As reported by GDAL; not verified.
    """
    with offline():
        said: dict[str, Any] = pyogrio.read_info(path.absolute(), layer=layer, **options)
    return LayerInfo(driver=str(said["driver"]), rows=int(said["features"]), columns=len(said["fields"]))


def read_layer(path: Path, layer: str, *, most: int, **options: object) -> pd.DataFrame:
    """Read a layer.

    Pyogrio reserves memory for as many rows as are allowed, not as there are: for five million, 0.3 s and
    300 MB even if the layer has six. A layer is therefore read as a small one first.

    Parameters
    ----------
    path
        Vector file.
    layer
        Name of the layer.
    most
        Number of rows at which reading stops, whatever the file says it holds.
    **options
        Options of :func:`pyogrio.read_dataframe`.

    Returns
    -------
    pandas.DataFrame
        A GeoDataFrame in the CRS of the file; a plain frame if the layer has no geometry.
    """
    few = min(_FEW, most)
    frame = _read(path, layer, few, **options)
    return frame if len(frame) < few or few == most else _read(path, layer, most, **options)


def _read(path: Path, layer: str, rows: int, **options: object) -> pd.DataFrame:
    with offline():
        frame: pd.DataFrame = pyogrio.read_dataframe(
            path.absolute(), layer=layer, max_features=rows, **options
        )
    return frame
