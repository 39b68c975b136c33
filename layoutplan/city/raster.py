"""Residents from a raster (GeoTIFF of people per cell): every inhabited cell becomes an area with a point."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
from affine import Affine
from rasterio.windows import Window, from_bounds

from layoutplan.arrays import FloatArray
from layoutplan.city.contents import is_what_it_says
from layoutplan.city.guard import guard
from layoutplan.city.limits import RASTER_CELLS, within
from layoutplan.city.opening import is_readable
from layoutplan.city.raster_cells import RasterCells, RasterPlacement, parts_of_cells
from layoutplan.dictionary.table_log import TableLog
from layoutplan.offline import ALONE
from layoutplan.regular_files import read_regular

RASTER_SUFFIXES: Final = (".tif", ".tiff")
_ALONE: Final = {**ALONE, "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
_WORLD_FILES: Final = (".tfw", ".tifw", ".wld")
_WORLD_BYTES: Final = 4_096
_SHOWN: Final = 10
_DENSITY: Final = re.compile(r"densit|per[ _]?(?:sq|km)|/ ?km|km-2|密度|每平方", re.IGNORECASE)
_KM2: Final = 1_000_000.0
_DENSE: Final = 50_000.0  # residents per km²: Manila and Dhaka have about 45,000
_IMPOSSIBLE: Final = 250_000.0  # the Kowloon Walled City, razed in 1994, is put at ten times that on 2.6 ha
_IMPOSSIBLE_CELL: Final = 3_000_000.0


@dataclass(frozen=True)
class RasterUnits:
    """Inhabited cells of a raster.

    Attributes
    ----------
    frame
        Input table ``units`` with ``unit_id`` and ``population`` filled.
    shapes
        Centres of the cells in the working CRS, on the same index.
    crs
        CRS of the raster, as text.
    """

    frame: pd.DataFrame
    shapes: gpd.GeoSeries
    crs: str


@dataclass(frozen=True)
class RasterSettings:
    """What the plan states of the raster: CRS, bands to add up, no-data value, and what its cells hold."""

    crs: str | None = None
    bands: tuple[int, ...] = ()
    nodata: float | None = None
    unit: Literal["people", "per_km2"] | None = None


def read_raster(
    path: Path, written: Path, *, settings: RasterSettings, inside: gpd.GeoSeries, log: TableLog
) -> RasterUnits | None:
    """Read the cells with residents in the study area; borders cut a cell in proportion to area.

    Scale and offset of a band are applied; a density is multiplied by the area of the cell. No-data cells
    (stated, NaN or negative) have no residents. Cells are not resampled; the id of a cell is its row and
    column in the file.

    Parameters
    ----------
    path
        GeoTIFF of people per cell.
    written
        The path as written in the plan.
    settings
        CRS, bands and no-data value that the plan states.
    inside
        Polygons of the study area, in the working CRS.
    log
        Receives the faults: several bands of which none is chosen, cells with the largest number of the type,
        densities that no place has.

    Returns
    -------
    RasterUnits or None
        ``None`` after a fault.
    """
    if not is_readable(path, written=written, suffixes=RASTER_SUFFIXES, log=log):
        return None
    read = None
    with guard("raster_damaged", log=log):
        if is_what_it_says(path, log=log):
            read = _read(path, settings, inside=inside, log=log)
    return read


def _read(
    path: Path, settings: RasterSettings, *, inside: gpd.GeoSeries, log: TableLog
) -> RasterUnits | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.Env(**_ALONE), rasterio.open(path.absolute(), driver="GTiff") as source:
            system = pyproj.CRS.from_user_input(source.crs) if source.crs else _stated(settings.crs)
            if system is None:
                log.add("crs_missing")
                return None
            bands = _bands(source, settings, log=log)
            if bands is None:
                return None
            if settings.unit is None and _names_density(source, bands, log.file):
                log.add("raster_unit_unclear")
                return None
            place = RasterPlacement(_transform(source, path), system, inside)
            return _cells(source, bands, settings, place, log=log)


def _bands(
    source: rasterio.DatasetReader, settings: RasterSettings, *, log: TableLog
) -> tuple[int, ...] | None:
    """Return the bands that count; several must be named, since they may be ages, sexes or years."""
    known = range(1, source.count + 1)
    if not settings.bands and source.count > 1:
        names = [f"{band}: {source.descriptions[band - 1] or '-'}" for band in known]
        log.add("raster_bands", count=source.count, names=", ".join(names[:_SHOWN]))
        return None
    bands = tuple(dict.fromkeys(settings.bands)) or (1,)
    missing = [band for band in bands if band not in known]
    if missing:
        log.add("raster_band_missing", bands=", ".join(map(str, missing)), count=source.count)
        return None
    return bands


def _transform(source: rasterio.DatasetReader, path: Path) -> Affine:
    """Return the geotransform: that of the file, else of the world file next to it (six numbers).

    GDAL is kept from reading other files in the folder, since they may refer to further files.
    """
    own: Affine = source.transform
    if not own.is_identity:
        return own
    for ending in _WORLD_FILES:
        content = read_regular(path.with_suffix(ending), most_bytes=_WORLD_BYTES)
        if content is not None:
            a, d, b, e, c, f = (float(number) for number in content.decode("ascii").split()[:6])
            return Affine(a, b, c - a / 2 - b / 2, d, e, f - d / 2 - e / 2)
    return own


def _stated(crs: str | None) -> pyproj.CRS | None:
    return None if crs is None else pyproj.CRS.from_user_input(crs)


def _cells(
    source: rasterio.DatasetReader,
    bands: tuple[int, ...],
    settings: RasterSettings,
    place: RasterPlacement,
    *,
    log: TableLog,
) -> RasterUnits | None:
    bounds = place.inside.to_crs(place.system).total_bounds
    window = _window(source, place.transform, bounds)
    if window is None:
        log.add("raster_elsewhere")
        return None
    rows_of_block, columns_of_block = source.block_shapes[0]
    if not (
        within(int(window.width * window.height), RASTER_CELLS, of="raster", log=log)
        and within(rows_of_block * columns_of_block * source.count, RASTER_CELLS, of="raster", log=log)
    ):
        return None
    people = np.zeros((int(window.height), int(window.width)))
    for band in bands:
        counted = _people(source, band, window, settings, log=log)
        if counted is None:
            return None
        people += counted
    rows, columns = np.nonzero(people > 0)
    cells = RasterCells(rows + int(window.row_off), columns + int(window.col_off), people[rows, columns])
    return _units(cells, place, per_km2=settings.unit == "per_km2", log=log)


def _names_density(source: rasterio.DatasetReader, bands: tuple[int, ...], file: str) -> bool:
    """Return whether the file's name, or what it says of its bands, speaks of a density."""
    said = [Path(file).name]
    for band in bands:
        said += [source.descriptions[band - 1] or "", source.units[band - 1] or ""]
    return any(_DENSITY.search(one) for one in said)


def _people(
    source: rasterio.DatasetReader, band: int, window: Window, settings: RasterSettings, *, log: TableLog
) -> FloatArray | None:
    """Return the people of each cell in one band, scaled, 0 without data; ``None`` after a fault."""
    stored = source.read(band, window=window)
    nodata = source.nodatavals[band - 1] if settings.nodata is None else settings.nodata
    hidden = source.read_masks(band, window=window) == 0
    if nodata is not None and _may_hold(stored.dtype, nodata):
        hidden |= stored == np.asarray(nodata).astype(stored.dtype)
    top = _largest(stored.dtype)
    at_top = ~hidden & (stored == top)
    if at_top.any() and settings.nodata is None:
        log.add("raster_largest", value=f"{top:.15g}", cells=int(at_top.sum()))
        return None
    values = stored.astype(np.float64)
    if np.isposinf(values[~hidden]).any():
        log.add("raster_infinite", cells=int(np.isposinf(values[~hidden]).sum()))
        return None
    scale, offset = source.scales[band - 1], source.offsets[band - 1]
    if (scale, offset) != (1.0, 0.0):
        log.add("raster_scaled", severity="notice", scale=f"{scale:g}", offset=f"{offset:g}")
        values = values * scale + offset
    return np.where(hidden | ~(values > 0), 0.0, values)


def _may_hold(dtype: np.dtype, value: float) -> bool:
    """Return whether a cell of a type can have a value."""
    if not np.issubdtype(dtype, np.integer):
        return not np.isnan(value)
    kind = np.iinfo(dtype)
    return float(value).is_integer() and kind.min <= value <= kind.max


def _largest(dtype: np.dtype) -> float:
    """Return the largest number of a type, which programs use for cells without data."""
    return float(np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else np.finfo(dtype).max)


def _units(cells: RasterCells, place: RasterPlacement, *, per_km2: bool, log: TableLog) -> RasterUnits | None:
    """Return the cells, and the parts of cells on borders, as units."""
    parts = parts_of_cells(cells, place)
    if not len(parts.cell):
        log.add("raster_elsewhere")
        return None
    square_km = parts.square_metres / _KM2
    whole = cells.value[parts.cell] * (square_km if per_km2 else 1.0)
    people = whole * parts.share
    metres = place.inside.crs is not None and place.inside.crs.is_projected
    if metres and not _plausible(whole / square_km, people, float(place.inside.union_all().area), log=log):
        return None
    names = [f"R{cells.rows[one]}C{cells.columns[one]}" for one in parts.cell]
    ids = [f"{name}/{number}" if number else name for name, number in zip(names, parts.number, strict=True)]
    frame = pd.DataFrame({"unit_id": ids, "population": people})
    inhabited = len(np.unique(parts.cell))
    log.add("raster_read", severity="notice", cells=inhabited, residents=f"{people.sum():,.0f}")
    shapes = gpd.GeoSeries(parts.points, crs=place.inside.crs)
    return RasterUnits(frame=frame, shapes=shapes, crs=place.system.to_string())


def _plausible(densities: FloatArray, people: FloatArray, square_metres: float, *, log: TableLog) -> bool:
    """Report densities above those of any place; ``False`` where they are impossible."""
    overall = float(people.sum()) / (square_metres / _KM2)
    densest = float(densities.max())
    density, most = f"{overall:,.0f}", f"{densest:,.0f}"
    if overall > _IMPOSSIBLE or densest > _IMPOSSIBLE_CELL:
        log.add("raster_too_dense", density=density, densest=most)
        return False
    if overall > _DENSE:
        log.add("raster_dense", severity="warning", density=density, densest=most)
    return True


def _window(source: rasterio.DatasetReader, transform: Affine, bounds: np.ndarray) -> Window | None:
    """Return the part of the raster within ``bounds`` plus one cell; ``None`` if they do not intersect."""
    asked = from_bounds(*bounds, transform=transform)
    first_row, first_column = max(int(asked.row_off) - 1, 0), max(int(asked.col_off) - 1, 0)
    last_row = min(int(asked.row_off + asked.height) + 2, source.height)
    last_column = min(int(asked.col_off + asked.width) + 2, source.width)
    if first_row >= last_row or first_column >= last_column:
        return None
    return Window(first_column, first_row, last_column - first_column, last_row - first_row)
