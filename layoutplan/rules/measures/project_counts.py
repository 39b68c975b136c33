"""Counts of the project pipeline (section K, and tasks of other sections): 建设项目计数与新增学位."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import pandas as pd

from layoutplan.dictionary.rolls import rolls
from layoutplan.rules.measured import CITY, by_area, list_ids, measured
from layoutplan.rules.programme import INTERVENTIONS, live_projects
from layoutplan.rules.rule_inputs import RuleInputs

_KINDERGARTEN: Final = "kindergarten"
_SPECIAL: Final = "special"
_UNDER_WAY: Final = ("started", "continued", "handed_over", "opened")
_RURAL: Final = ("town", "village")


def under_way(rows: pd.DataFrame, year: int) -> pd.Series:
    """Return which projects are under way in a year: begun by then, and not opened before.

    Parameters
    ----------
    rows
        Rows of table ``programme``; a project without a year of start is begun if its state says so.
    year
        The year.

    Returns
    -------
    Series
        Boolean, on the index of ``rows``.
    """
    stated = rows["start_year"].astype(float)
    begun = (stated <= year).where(stated.notna(), rows["state"].isin(_UNDER_WAY))
    return begun & ~(rows["opening_year"].astype(float) < year)


def _built(rows: pd.DataFrame) -> pd.Series:
    """Return which projects build, rebuild or enlarge a school (新改扩建中小学).

    Kindergartens and special schools are counted apart.
    """
    kinds = rows["kind"].isin(("new", "expand", "relocate", "split"))
    return kinds & ~rows["taught"].isin((_KINDERGARTEN, _SPECIAL))


def being_built(rows: pd.DataFrame, year: int) -> pd.Series:
    """Return which projects build, rebuild or enlarge a school and are under way in a year.

    Parameters
    ----------
    rows
        Projects as :func:`described`.
    year
        The year.

    Returns
    -------
    Series
        Boolean, on the index of ``rows``.
    """
    return _built(rows) & under_way(rows, year)


def _secondary(rows: pd.DataFrame) -> pd.Series:
    return rows["secondary"]


def _of_type(rows: pd.DataFrame, kind: str, *kinds: str) -> pd.Series:
    return (rows["taught"] == kind) & rows["kind"].isin(kinds)


_COUNTED: Final[Mapping[str, Callable[[pd.DataFrame, int], pd.Series]]] = MappingProxyType(
    {
        "schools": being_built,
        "starts": lambda rows, year: _built(rows) & (rows["start_year"] == year).fillna(value=False),
        "continued": lambda rows, _: rows["state"] == "continued",
        "started": lambda rows, _: rows["state"] == "started",
        "planned_moves": lambda rows, _: (rows["kind"] == "relocate") & (rows["state"] == "planned"),
        "handed_over_kindergartens": lambda rows, _: (
            (rows["taught"] == _KINDERGARTEN) & (rows["state"] == "handed_over")
        ),
        "new_kindergartens": lambda rows, year: (
            _of_type(rows, _KINDERGARTEN, "new", "attach_kindergarten") & under_way(rows, year)
        ),
        "rural_kindergartens": lambda rows, year: (
            _of_type(rows, _KINDERGARTEN, "new", "attach_kindergarten")
            & under_way(rows, year)
            & rows["setting"].isin(_RURAL)
        ),
        "public_kindergartens": lambda rows, year: (
            _of_type(rows, _KINDERGARTEN, "new", "expand", "attach_kindergarten")
            & under_way(rows, year)
            & (rows["ownership"].fillna("public") == "public")
        ),
        "special_schools": lambda rows, year: (rows["taught"] == _SPECIAL) & under_way(rows, year),
        "new_seniors": lambda rows, year: _of_type(rows, "senior", "new") & under_way(rows, year),
        "rebuilt_schools": lambda rows, year: (
            rows["kind"].isin(("expand", "relocate", "split")) & _secondary(rows) & under_way(rows, year)
        ),
        "sped_up": lambda rows, year: (
            rows["accelerated"].astype("boolean").fillna(value=False).astype(bool) & under_way(rows, year)
        ),
        **{
            way: lambda rows, _, way=way: rows["intervention"] == way  # type: ignore[misc]
            for way in dict.fromkeys(INTERVENTIONS.values())
        },
    }
)
"""Countable sorts of projects: which rows of table ``programme``, in the base year."""


def count(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Count the projects of one sort, in the whole plan and each district; ``case_ids`` lists them.

    A task of a year counts the projects under way in the base year (:func:`under_way`). ``denominator`` is
    the number of projects that are not cancelled. The type of a project that changes a school is the school's
    where the project states none.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        A key of :data:`_COUNTED`: schools being built or enlarged, those begun in the base year, projects in
        a state or to be sped up, kindergartens, senior, secondary and special schools, or one of the five
        ways (``build``, ``squeeze``, ``cut``, ``convert``, ``purchase``).

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P", "Q"], "kind": ["new", "new"],
    ...     "state": ["started", "planned"], "school_type": ["primary", "primary"],
    ...     "start_year": [2025, None], "opening_year": [2027, 2030], "x": [1, 2], "y": [1, 2]})
    >>> count(case, subject="starts")[["numerator", "denominator", "value", "case_ids"]].values.tolist()
    [[1.0, 2.0, 1.0, 'P']]
    """
    rows = described(inputs).set_index("project_id")
    found = _COUNTED[subject](rows, inputs.base_year).astype(bool)
    things = pd.DataFrame(
        {
            "numerator": found.astype(float),
            "denominator": 1.0,
            "case": found,
            "district_id": rows["district_id"],
        }
    )
    counted = by_area(inputs, things)
    return counted.assign(value=counted["numerator"])


def new_private_compulsory(inputs: RuleInputs) -> pd.DataFrame:
    """Count the projects that open a private school of a compulsory stage in the base year or later.

    ``case_ids`` lists them. Projects of which the ownership is not stated are public.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    The private kindergarten and the private school opened last year are none.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P", "Q", "R"], "kind": ["new"] * 3,
    ...     "state": ["started", "started", "opened"], "school_type": ["junior", "kindergarten", "junior"],
    ...     "ownership": ["private"] * 3, "opening_year": [2026, 2026, 2024], "x": [1, 2, 3], "y": [1, 2, 3]})
    >>> new_private_compulsory(case)[["value", "need", "case_ids"]].values.tolist()
    [[1.0, 1.0, 'P']]
    """
    rows = described(inputs).set_index("project_id")
    if rows.empty:
        return measured([])
    private = rows["ownership"].fillna("public") != "public"
    compulsory = inputs.schooling.are_taught(rows["taught"], *inputs.schooling.compulsory)
    later = ~(rows["opening_year"].astype(float) < inputs.base_year)
    found = (rows["kind"] == "new") & private & compulsory & later
    things = pd.DataFrame(
        {
            "numerator": found.astype(float),
            "need": found.astype(float),
            "case": found,
            "district_id": rows["district_id"],
        }
    )
    return by_area(inputs, things, ratio=False, need_unit="projects")


def on_time(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure the share of the projects promised for the base year that open by then; ``case_ids`` the late.

    A project is promised for its ``due_year``; it is on time where its ``opening_year`` is not later.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``all``, or ``special`` for special schools only.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P", "Q", "R"], "kind": ["new"] * 3,
    ...     "state": ["opened", "started", "started"], "school_type": ["primary"] * 3,
    ...     "due_year": [2025, 2025, 2026], "opening_year": [2025, 2026, 2026], "x": [1, 2, 3],
    ...     "y": [1, 2, 3]})
    >>> on_time(case, subject="all")[["numerator", "denominator", "need", "case_ids"]].values.tolist()
    [[1.0, 2.0, 1.0, 'Q']]
    """
    rows = described(inputs).set_index("project_id")
    due = rows[(rows["due_year"] == inputs.base_year).fillna(value=False).astype(bool)]
    if subject == _SPECIAL:
        due = due[due["taught"] == _SPECIAL]
    late = ~(due["opening_year"].astype(float) <= inputs.base_year)
    things = pd.DataFrame(
        {
            "numerator": (~late).astype(float),
            "denominator": 1.0,
            "need": late.astype(float),
            "case": late,
            "district_id": due["district_id"],
        }
    )
    return by_area(inputs, things, need_unit="projects")


def seats_added(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the seats added by the projects of the plan, by stage and opening year.

    ``numerator`` (and ``value``): the seats of the stage of the counted projects that open in the year,
    conversions with the seats that come to count; ``denominator``: the number of projects. A task of one
    year and stage (2,160 seats of primary schools in 2024) is judged in that year and stage alone.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Two schools of 24 classes: 2 × 24 × 45 seats.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], target_year=2027, projects={
    ...     "project_id": ["P", "Q"], "kind": ["new", "new"], "state": ["started", "started"],
    ...     "school_type": ["primary", "primary"], "classes_primary": [24, 24],
    ...     "opening_year": [2026, 2026], "x": [1, 2], "y": [1, 2]})
    >>> seats_added(case)[["year", "value"]].values.tolist()
    [[2025, 0.0], [2026, 2160.0], [2027, 0.0]]
    """
    return _seats_by_year(inputs, inputs.city.stages, lost=False)


def senior_seats(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the net change in senior seats, by year: projects of the plan, and dates of the schools table.

    As :func:`seats_added`, with the seats that closures and cuts take away. A school that the schools table
    opens or closes after the base year counts with its seats, a closure that is a project once. A task of one
    year is judged in that year alone.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["senior"], target_year=2026, schools={"school_id": ["A"],
    ...     "school_type": ["senior"], "seats_senior": [1500]}, projects={"project_id": ["P", "Q"],
    ...     "kind": ["new", "close"], "state": ["started"] * 2, "opening_year": [2026, 2026],
    ...     "classes_senior": [36, None], "school_type": ["senior", None], "school_id": [None, "A"],
    ...     "x": [1, 2], "y": [1, 2]})
    >>> senior_seats(case)[["year", "value"]].values.tolist()  # 36 × 50 − 1,500
    [[2025, 0.0], [2026, 300.0]]

    The schools table closes A itself, and opens B.

    >>> case = worked_example(stages=["senior"], target_year=2026, schools={"school_id": ["A", "B"],
    ...     "school_type": ["senior"] * 2, "seats_senior": [1500, 900], "closed_year": [2026, None],
    ...     "opened_year": [None, 2026]})
    >>> senior_seats(case)[["year", "value", "case_ids"]].values.tolist()
    [[2025, 0.0, None], [2026, -600.0, 'A;B']]
    """
    own = [stage for stage in ("senior",) if stage in inputs.city.stages]
    return _seats_by_year(inputs, own, lost=True)


def _dated_schools(inputs: RuleInputs, stage: str, closing: Collection[str]) -> pd.DataFrame:
    """Return what the schools table opens and closes after the base year, but for projects that close one."""
    schools, offered = inputs.city.schools, inputs.seats.seats[stage].loc[inputs.city.schools.index]
    dates = schools.reindex(columns=["opened_year", "closed_year"]).astype("Float64").astype(float)
    opened = dates["opened_year"][dates["opened_year"] > inputs.base_year]
    closed = dates["closed_year"][dates["closed_year"] > inputs.base_year]
    closed = closed[~closed.index.isin([*closing])]
    gained = offered.max(axis=1)[opened.index]
    lost = -offered.max(axis=1)[closed.index]
    return pd.DataFrame(
        {
            "project_id": [*opened.index, *closed.index],
            "opening_year": [*opened, *closed],
            "seats": [*gained, *lost],
        }
    )


def _seats_by_year(inputs: RuleInputs, stages: Sequence[str], *, lost: bool) -> pd.DataFrame:
    """Return the seats that counted projects add by stage and year; ``lost``: less those that are lost."""
    live = live_projects(inputs)
    live = live[live["counts"].astype(bool)]
    found = []
    for stage in stages:
        rows = live[["project_id", "opening_year"]].assign(seats=rolls(live, stage)["seats"])
        if lost:
            closing = live["school_id"][live["kind"] == "close"]
            rows = pd.concat([rows, _dated_schools(inputs, stage, closing)], ignore_index=True)
        for year in inputs.city.years:
            opens = (rows["opening_year"] == year).fillna(value=False)
            own = rows[((rows["seats"] != 0) if lost else (rows["seats"] > 0)) & opens]
            seats = float(own["seats"].sum())
            found.append(
                {
                    "area_kind": CITY,
                    "area_id": CITY,
                    "area": inputs.city.name,
                    "stage": stage,
                    "year": year,
                    "numerator": seats,
                    "denominator": len(own),
                    "value": seats,
                    "case_ids": list_ids(own["project_id"].tolist()),
                }
            )
    return measured(found)


def unsafe_cleared(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the unsafe floor area of rural schools (town and village) cleared by projects of the base year.

    Projects that open in the base year, cancelled ones left out; ``case_ids`` lists them.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P", "Q", "R"], "kind": ["new"] * 3,
    ...     "state": ["opened"] * 3, "school_type": ["primary"] * 3, "setting": ["village", "city", "town"],
    ...     "unsafe_cleared_m2": [800, 500, 300], "opening_year": [2025, 2025, 2026], "x": [1, 2, 3],
    ...     "y": [1, 2, 3]})
    >>> unsafe_cleared(case)[["value", "case_ids"]].values.tolist()
    [[800.0, 'P']]
    """
    rows = described(inputs).set_index("project_id")
    opens = (rows["opening_year"] == inputs.base_year).fillna(value=False).astype(bool)
    own = rows[rows["unsafe_cleared_m2"].notna() & rows["setting"].isin(_RURAL)]
    area = own["unsafe_cleared_m2"].astype(float).where(opens.reindex(own.index), 0.0)
    things = pd.DataFrame({"numerator": area, "case": area > 0, "district_id": own["district_id"]})
    return by_area(inputs, things, ratio=False)


def described(inputs: RuleInputs) -> pd.DataFrame:
    """Return the live projects with what their school says where they do not: type and setting.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame
        Rows of table ``programme`` that are not cancelled. ``taught`` is the type of school, ``secondary``
        whether it teaches junior or senior; ``ownership``, ``accelerated`` and ``unsafe_cleared_m2`` are the
        project table's own.
    """
    rows, schools = live_projects(inputs), inputs.city.schools
    own = inputs.table("projects").set_index("project_id")
    ids = rows["project_id"]
    for name in ("ownership", "accelerated", "unsafe_cleared_m2", "setting"):
        rows = rows.assign(**{name: ids.map(own[name].to_dict()).to_numpy(dtype=object)})
    types = rows["school_id"].map(schools["school_type"].to_dict())
    settings = rows["school_id"].map(schools["setting"].to_dict())
    stated = rows["school_type"].astype(object)
    taught = stated.where(stated.notna(), types)
    return rows.assign(
        taught=taught,
        secondary=inputs.schooling.are_taught(taught, "junior", "senior"),
        setting=rows["setting"].where(rows["setting"].notna(), settings),
    )
