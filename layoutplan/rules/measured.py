"""The shape of a measure's result, and the functions that build it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.rule_spec import MEASURED

_ROUNDING = 1e-9  # shares of whole numbers that are equal but for rounding

_NUMBERS = ("numerator", "denominator", "value", "need")
_SUMMED = ("numerator", "denominator", "need")
RowIndices = npt.NDArray[np.intp]

CITY = "city"
"""Kind of area, and id, of rows about the whole plan."""


def measured(rows: Sequence[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Return rows with the columns of a measure, :data:`~layoutplan.rules.rule_spec.MEASURED`.

    ``value`` is numerator / denominator unless it is given (a CV, a Gini), and the numerator where there is
    no denominator (a count). A denominator of 0 gives no value.

    Parameters
    ----------
    rows
        Records or a frame; a column that is absent stays missing.

    Returns
    -------
    DataFrame
        Numbers as float, ``year`` as Int64, texts with ``None`` where missing.

    Examples
    --------
    >>> rows = measured([{"area_kind": "city", "stage": "primary", "numerator": 875, "denominator": 1439}])
    >>> rows[["numerator", "denominator", "value"]].round(4).values.tolist()
    [[875.0, 1439.0, 0.6081]]
    """
    index, cells = _cells(rows)
    numbers = {name: _numbers(cells[name]) for name in _NUMBERS}
    denominator = numbers["denominator"]
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = numbers["numerator"] / np.where(denominator == 0, np.nan, denominator)
    plain = np.where(np.isnan(denominator), numbers["numerator"], quotient)
    numbers["value"] = np.where(np.isnan(numbers["value"]), plain, numbers["value"])
    years = pd.array([None if pd.isna(year) else int(year) for year in cells["year"]], dtype="Int64")
    columns = {
        name: numbers[name] if name in numbers else years if name == "year" else _texts(cells[name], index)
        for name in MEASURED
    }
    return pd.DataFrame(columns, index=index)


def _cells(rows: Sequence[dict[str, Any]] | pd.DataFrame) -> tuple[pd.Index, dict[str, Sequence[Any]]]:
    """Return the index of rows and the cells of each column of a measure; ``None`` for an absent one."""
    if isinstance(rows, pd.DataFrame):
        blank = [None] * len(rows)
        return rows.index, {name: rows[name].tolist() if name in rows else blank for name in MEASURED}
    return pd.RangeIndex(len(rows)), {name: [row.get(name) for row in rows] for name in MEASURED}


def _numbers(cells: Sequence[Any]) -> FloatArray:
    """Return cells as numbers; nan for anything else."""
    try:
        return np.array([np.nan if cell is None or cell is pd.NA else cell for cell in cells], dtype=float)
    except (TypeError, ValueError):
        coerced = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
        return coerced.to_numpy(dtype=float, na_value=np.nan)


def _texts(cells: Sequence[Any], index: pd.Index) -> pd.Series:
    """Return cells as they are; ``None`` where missing."""
    return pd.Series([None if pd.isna(cell) else cell for cell in cells], index=index, dtype=object)


def by_area(
    inputs: RuleInputs,
    things: pd.DataFrame,
    *,
    stage: str | None = None,
    year: int | None = None,
    need_unit: str = "",
    ratio: bool = True,
    schools: bool = False,
) -> pd.DataFrame:
    """Sum things (schools, catchments, units) over the city and over each district.

    A sum with an unknown figure is unknown: measures leave out or estimate blanks before they call this.

    Parameters
    ----------
    inputs
        Gives the districts, and the base year where no ``year`` is stated.
    things
        Index ids; columns ``numerator`` and ``denominator``, and optionally ``district_id``, ``need`` (what
        it would take, in ``need_unit``) and ``case`` (true for a thing that misses the rule: its id is
        listed).
    stage, year, need_unit
        Stated in every row.
    ratio
        Whether there is a denominator; without one the sum itself is the value.
    schools
        Whether each school has a row of its own as well; the index of ``things`` holds their ids.

    Returns
    -------
    DataFrame
        As :func:`measured`: the city first, then the districts in their order that have things. Empty where
        there is nothing at all.
    """
    if things.empty:
        return measured([])
    columns = {
        name: things[name].to_numpy(dtype=float, na_value=np.nan) for name in _SUMMED if name in things
    }
    missed = None
    if "case" in things:
        missed = things["case"].astype("boolean").to_numpy(dtype=bool, na_value=False)

    if ratio:  # without its denominator a share is unknown, and its numerator no count
        columns["numerator"] = np.where(np.isnan(columns["denominator"]), np.nan, columns["numerator"])

    def total(name: str, rows: RowIndices) -> float:
        return float(np.sum(columns[name][rows]))

    found = [
        {
            "area_kind": kind,
            "area_id": area_id,
            "area": name,
            "stage": stage,
            "year": inputs.base_year if year is None else year,
            "numerator": total("numerator", rows),
            "denominator": total("denominator", rows) if ratio else np.nan,
            "need": total("need", rows) if "need" in columns else np.nan,
            "need_unit": need_unit if "need" in columns else None,
            "case_ids": None if missed is None else list_ids(things.index[rows[missed[rows]]]),
        }
        for kind, area_id, name, rows in _places_of(inputs, things, schools=schools)
    ]
    return measured(found)


def areas_of(
    inputs: RuleInputs, things: pd.DataFrame, *, schools: bool = False
) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Yield kind, id and name of the city and of each district that has things, with the things in it.

    Parameters
    ----------
    inputs
        Gives the city and its districts.
    things
        Index ids. Districts are read from column ``district_id``, in the order of the districts table;
        without the column only the city is yielded.
    schools
        Whether each thing is yielded on its own as well; the index then holds school ids.

    Yields
    ------
    tuple[str, str, str, DataFrame]
        Kind of area (``city``, ``district``, ``school``), its id, its name, and the rows of ``things`` in it.
    """
    for kind, area_id, name, rows in _places_of(inputs, things, schools=schools):
        yield kind, area_id, name, things if kind == CITY else things.iloc[rows]


def _places_of(
    inputs: RuleInputs, things: pd.DataFrame, *, schools: bool
) -> Iterator[tuple[str, str, str, RowIndices]]:
    """Yield the areas of :func:`areas_of`, and the positions of the things there."""
    yield CITY, CITY, inputs.city.name, np.arange(len(things))
    if "district_id" in things:
        names = inputs.city.districts["name"]
        district = names.index.get_indexer(pd.Index(things["district_id"]))
        order = np.argsort(district, kind="stable")
        for place, (district_id, name) in enumerate(names.items()):
            low, high = np.searchsorted(district[order], [place, place + 1])
            if high > low:
                yield "district", str(district_id), str(name), order[low:high]
    if schools:
        names = inputs.city.schools["name"]
        for place, school_id in enumerate(things.index):
            yield "school", str(school_id), str(names[school_id]), np.array([place])


def with_district(inputs: RuleInputs, things: pd.DataFrame) -> pd.DataFrame:
    """Return figures by school with the district of each school.

    Parameters
    ----------
    inputs
        Gives the schools table.
    things
        Index school ids.

    Returns
    -------
    DataFrame
        ``things`` with column ``district_id``.
    """
    return things.assign(district_id=inputs.city.schools["district_id"].reindex(things.index))


def list_ids(ids: Sequence[object] | pd.Index) -> str | None:
    """Return ids in one cell: sorted, separated by semicolons; ``None`` where there are none.

    Parameters
    ----------
    ids
        Ids; each is written as text.

    Returns
    -------
    str | None
        Such as ``P001;P002``.

    Examples
    --------
    >>> list_ids(["P002", "P001"])
    'P001;P002'
    """
    return ";".join(sorted(map(str, ids))) or None


def stack_rows(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate the rows of several measures or stages.

    Parameters
    ----------
    parts
        Frames as :func:`measured` makes them; empty ones are left out.

    Returns
    -------
    DataFrame
        One frame with a new index; empty, with all columns, where every part is.
    """
    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else measured([])


def short_of(rows: pd.DataFrame, limit: float | None, *, unit: str) -> pd.DataFrame:
    """State how many more of the denominator a share needs to meet its limit.

    Parameters
    ----------
    rows
        Rows as :func:`measured` makes them.
    limit
        Smallest share allowed; ``None`` leaves the rows as they are.
    unit
        Unit of the need.

    Returns
    -------
    DataFrame
        ``rows`` with ``need`` (whole, 0 where the limit is met) and ``need_unit``.

    Examples
    --------
    >>> rows = measured([{"numerator": 79, "denominator": 100}])
    >>> short_of(rows, 0.8, unit="pupils")[["need", "need_unit"]].values.tolist()
    [[1.0, 'pupils']]
    """
    if limit is None or rows.empty:
        return rows
    need = np.ceil((limit * rows["denominator"] - rows["numerator"]) - _ROUNDING).clip(lower=0) + 0.0
    return rows.assign(need=need, need_unit=unit)


def teaching(inputs: RuleInputs, schools: pd.DataFrame, *stages: str) -> pd.DataFrame:
    """Return the schools whose type teaches at least one of the stages.

    Parameters
    ----------
    inputs
        Study and stage results of the run.
    schools
        The schools table.
    *stages
        Ids of stages.

    Returns
    -------
    DataFrame
        Rows of ``schools``.
    """
    return schools[inputs.schooling.are_taught(schools["school_type"], *stages)]
