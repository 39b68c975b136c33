"""Zonings of the planner's own (划片比选方案), as layouts to be judged beside today's and the program's."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import pandas as pd

from layoutplan.city.city import City
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import TODAY, Layout
from layoutplan.study import Study
from layoutplan.texts import Said
from layoutplan.zoning.outlines import with_outlines
from layoutplan.zoning.successor import REDRAWN

OPTIONS_TABLE: Final = "zonings"
"""Input table of the planner's own zonings."""

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_RESERVED: Final = (TODAY, "proposed", REDRAWN, f"proposed-{REDRAWN}", "all")


def check_options(city: City) -> None:
    """Check table ``zonings``.

    Parameters
    ----------
    city
        The city, with its tables.

    Raises
    ------
    InputError
        With every zoning whose name can not be used, and every catchment of another stage.
    """
    log, table = FaultLog(), city.tables.get(OPTIONS_TABLE)
    if table is None or table.empty:
        return
    wrong = [one for one in table["option_id"].unique() if not _ID.fullmatch(str(one)) or one in _RESERVED]
    if wrong:
        log.add("zonings_id", table=OPTIONS_TABLE, rows=wrong, reserved=", ".join(_RESERVED))
    stage_of = city.catchments["stage"]
    known = table["catchment_id"].isin(stage_of.index)
    other = known & (table["catchment_id"].map(stage_of).astype(object) != table["stage"].astype(object))
    for stage, rows in table[other].groupby("stage", sort=True):
        log.add("zonings_stage", table=OPTIONS_TABLE, rows=rows["catchment_id"], stage=str(stage))
    log.raise_if_errors()


def check_names(city: City, layout_ids: Collection[str]) -> None:
    """Check that no layout file has the name of a zoning of table ``zonings``.

    Parameters
    ----------
    city
        The city, with its tables.
    layout_ids
        Ids of the layout files of a run.

    Raises
    ------
    InputError
        With every name that both have.
    """
    log, table = FaultLog(), city.tables.get(OPTIONS_TABLE)
    if table is not None:
        for name in sorted({*table["option_id"].astype(str)} & {*layout_ids}):
            log.add("zonings_layout_id", table=OPTIONS_TABLE, id=name)
    log.raise_if_errors()


def zoning_options(study: Study) -> tuple[Layout, ...]:
    """Return the zonings of table ``zonings`` as layouts: today's seats and walks, other catchments.

    Parameters
    ----------
    study
        The study, with today's layout.

    Returns
    -------
    tuple of Layout
        By option id; all units of an area named change.

    Raises
    ------
    InputError
        As :func:`check_options`.
    """
    check_options(study.city)
    table = study.city.tables.get(OPTIONS_TABLE)
    if table is None or table.empty:
        return ()
    return tuple(_layout(study, str(key), rows) for key, rows in table.groupby("option_id", sort=True))


def _layout(study: Study, key: str, rows: pd.DataFrame) -> Layout:
    titles = rows["title"].dropna()
    title = str(titles.iloc[0]) if len(titles) else key
    said: Said = MappingProxyType({"zh": title, "en": title})
    held = study.today.zoning.unit_catchments.copy()
    area = study.city.units["area_id"]
    for stage, own in rows.groupby("stage", sort=True):
        goes = area.map(own.set_index("unit_id")["catchment_id"])
        held[stage] = held[stage].astype(object).where(goes.isna(), goes)
    zoning = replace(study.today.zoning, unit_catchments=held)
    return with_outlines(study, replace(study.today, id=key, title=said, zoning=zoning))
