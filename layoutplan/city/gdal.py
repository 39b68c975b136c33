"""The doors to GDAL: vector layers through pyogrio, offline, by the one driver of the file's kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio

from layoutplan.offline import ALONE


@dataclass(frozen=True)
class LayerInfo:
    """What GDAL says of a layer before it is read."""

    driver: str
    rows: int
    columns: int


@contextmanager
def offline() -> Iterator[None]:
    """Read through pyogrio's GDAL without the network; what was configured before is put back."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in ALONE}
    pyogrio.set_gdal_config_options(dict(ALONE))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def layer_names(path: Path) -> list[str]:
    """Return the layers of a file."""
    with offline():
        return [str(name) for name in pyogrio.list_layers(path.absolute())[:, 0]]


def layer_info(path: Path, layer: str, **options: object) -> LayerInfo:
    """Return the driver, the rows and the columns of a layer."""
    with offline():
        said: dict[str, Any] = pyogrio.read_info(path.absolute(), layer=layer, **options)
    return LayerInfo(driver=str(said["driver"]), rows=int(said["features"]), columns=len(said["fields"]))


def read_layer(path: Path, layer: str, **options: object) -> pd.DataFrame:
    """Read a layer: a GeoDataFrame, or a plain frame where it has no shapes."""
    with offline():
        frame: pd.DataFrame = pyogrio.read_dataframe(path.absolute(), layer=layer, **options)
    return frame
