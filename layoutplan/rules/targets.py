"""Targets by year (时间表、路线图): the figures against the path to each target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from layoutplan.city.city import City
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.dictionary.nearest import nearest
from layoutplan.errors import FaultLog
from layoutplan.rules.book import rule_specs
from layoutplan.rules.measured import CITY
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.rule_spec import RuleSpec
from layoutplan.standards import Profile

_TOLERANCE: Final = 1e-9
_SHOWN: Final = 5
_SMALLER_IS_BETTER: Final = ("at_most", "below")


def check_targets(city: City, profile: Profile) -> None:
    """Check that every target refers to a known rule and has a direction.

    A target names a rule of the rule book (``equity.composite_2012``) or a key of the profile
    (``class_size.cap``), which stands for every rule judged by it.

    Parameters
    ----------
    city
        The checked tables; read is ``targets``.
    profile
        The profile, with its keys.

    Raises
    ------
    InputError
        Naming the indicators that are not known, with the nearest ones that are; and those without a
        direction whose rule has none of its own.
    """
    table = city.tables["targets"]
    log = FaultLog()
    file = next((source.file for source in city.sources if source.table == "targets"), "")
    keys = {rule.key for rule in profile.rules}
    known = {name: name for name in sorted({spec.id for spec in rule_specs()} | keys)}
    for indicator, rows in table.groupby("indicator", sort=True):
        if str(indicator) not in known:
            near = nearest(str(indicator), known) or nearest(str(indicator).rpartition(".")[2], known)
            log.add(
                "target_unknown_near" if near else "target_unknown",
                file=file,
                table="targets",
                column="indicator",
                indicator=indicator,
                near=near,
            )
        elif rows["direction"].isna().any() and not any(spec.direction for spec in rules_of(str(indicator))):
            log.add(
                "target_direction",
                file=file,
                table="targets",
                column="direction",
                indicator=indicator,
            )
    log.raise_if_errors()


def rules_of(indicator: str) -> tuple[RuleSpec, ...]:
    """Return the rules that a target's indicator stands for: the rule of that id, else all judged by the key.

    Parameters
    ----------
    indicator
        Id of a rule, or key of the profile.

    Returns
    -------
    tuple[RuleSpec, ...]
        Empty for an unknown indicator.
    """
    named = tuple(spec for spec in rule_specs() if spec.id == indicator)
    return named or tuple(spec for spec in rule_specs() if spec.threshold == indicator)


def evaluate_targets(rule_results: pd.DataFrame, inputs: RuleInputs) -> pd.DataFrame:
    """Compare the results of the rules with the targets of the plan.

    The targets of one indicator, stage and district are the points of a path, linear between them. In the
    base year the path requires the value between the last target due and the next; after the last target it
    requires the last. Before the first target there is no path; the remaining distance is then given per year
    (``per_year``).

    The value of a rule is that of the target's area; for a rule judged on single schools or catchments, the
    worst of them there (of whole schools, those of the stage's own type). ``status``: ``reached`` (the target
    is met), ``ahead`` (on the path or better), ``behind``, ``overdue`` (due by the base year and not met),
    ``not_due`` (no path yet), ``no_data``. ``expected`` is the value of the rule in the target's own year,
    where it is computed for that year.

    Parameters
    ----------
    rule_results
        Result table of that name.
    inputs
        Study and stage results of the run; its ``targets`` were checked by :func:`check_targets`.

    Returns
    -------
    DataFrame
        Result table ``target_progress``: one row per target and rule, by indicator, stage, district and year.
    """
    table = result_table("target_progress")
    blank = empty_frame(table)
    targets = inputs.city.tables["targets"]
    rows: list[dict[str, Any]] = []
    places = ["indicator", "stage", "district_id"]
    for (indicator, stage, district_id), own in targets.groupby(places, sort=True, dropna=False):
        corners = own.sort_values("year")
        found = {
            spec: _values(rule_results, spec, inputs, stage=_text(stage), district_id=_text(district_id))
            for spec in rules_of(str(indicator))
        }
        # Of several rules with one key, those without a value here are left out.
        told = {spec: values for spec, values in found.items() if inputs.base_year in values} or found
        for spec, values in told.items() or [(None, {})]:
            rows += _progress(corners, spec, values, year=inputs.base_year)
    if not rows:
        return blank
    frame = pd.DataFrame(rows)
    names = inputs.city.districts["name"]
    frame["area"] = [names.get(one, inputs.city.name) for one in frame["district_id"]]
    return frame.reindex(columns=list(table.column_names)).astype(blank.dtypes)


def target_progress(inputs: RuleInputs) -> pd.DataFrame:
    """Return result table ``target_progress`` from the rule results in ``inputs``.

    Parameters
    ----------
    inputs
        Study and stage results of the run, with the rule results.

    Returns
    -------
    DataFrame
        As :func:`evaluate_targets`.
    """
    nothing = empty_frame(result_table("rule_results"))
    return evaluate_targets(nothing if inputs.results is None else inputs.results, inputs)


def path_value(corners: Sequence[tuple[int, float]], year: int) -> float | None:
    """Return the value that a target path requires in a year, linear between its points.

    Parameters
    ----------
    corners
        ``(year, target)`` points, by year.
    year
        The year.

    Returns
    -------
    float | None
        ``None`` before the first point; the last target from the last point on.

    Examples
    --------
    >>> path_value([(2023, 50.0), (2028, 45.0)], 2025), path_value([(2023, 50.0)], 2030)
    (48.0, 50.0)
    >>> path_value([(2028, 45.0)], 2025) is None
    True
    """
    if not corners or year < corners[0][0]:
        return None
    for (start, low), (end, high) in pairwise(corners):
        if start <= year < end:
            return low + (high - low) * (year - start) / (end - start)
    return corners[-1][1]


def _progress(
    corners: pd.DataFrame, spec: RuleSpec | None, values: dict[int, float], *, year: int
) -> list[dict[str, Any]]:
    """Return a row for each target of a path."""
    path = [(int(one), float(value)) for one, value in zip(corners["year"], corners["target"], strict=True)]
    asked = path_value(path, year)
    value = values.get(year)
    rows = []
    for target in corners.to_dict("records"):
        due, aim = int(target["year"]), float(target["target"])
        direction = _text(target["direction"]) or (spec.direction if spec else "")
        sign = -1.0 if direction in _SMALLER_IS_BETTER else 1.0
        due_path = aim if due <= year else asked
        expected = values.get(due) if due > year else None
        rows.append(
            {
                **{name: _text(target[name]) for name in ("indicator", "stage", "district_id", "source")},
                "responsible_unit": _text(target["responsible_unit"]),
                "rule": spec.id if spec else None,
                "year": due,
                "target": aim,
                "direction": direction or None,
                "unit": spec.unit if spec else None,
                "value_year": year if value is not None else None,
                "value": value,
                "path": due_path,
                "gap": None if value is None or due_path is None else sign * (value - due_path),
                "per_year": None if value is None or due <= year else (aim - value) / (due - year),
                "expected": expected,
                "expected_gap": None if expected is None else sign * (expected - aim),
                "status": _status(value, aim, due_path, sign=sign, is_due=due <= year),
            }
        )
    return rows


def _status(value: float | None, aim: float, path: float | None, *, sign: float, is_due: bool) -> str:
    """Return the status of a value; ``sign`` is 1 where more is better, else -1."""
    if value is None:
        return "no_data"
    slack = -_TOLERANCE * max(1.0, abs(aim))
    if sign * (value - aim) >= slack:
        return "reached"
    if is_due:
        return "overdue"
    if path is None:
        return "not_due"
    return "ahead" if sign * (value - path) >= slack else "behind"


def _values(
    results: pd.DataFrame,
    spec: RuleSpec,
    inputs: RuleInputs,
    *,
    stage: str | None,
    district_id: str | None,
) -> dict[int, float]:
    """Return the value of a rule by year, in the city or a district; of single areas, the worst."""
    rows = results[(results["rule"] == spec.id) & results["value"].notna()]
    if stage is not None:
        types = rows["area_id"].map(inputs.city.schools["school_type"])
        of_all = rows["stage"].isna() & ((rows["area_kind"] != "school") | (types == stage))
        rows = rows[(rows["stage"] == stage) | of_all]
    if district_id is None:
        whole = rows[rows["area_kind"] == CITY]
    else:
        whole = rows[(rows["area_kind"] == "district") & (rows["area_id"] == district_id)]
    if whole.empty:
        whole = rows[~rows["area_kind"].isin([CITY, "district"])]
        if district_id is not None:
            whole = whole[whole["area_id"].map(_districts(inputs)) == district_id]
    by_year = whole.groupby("year")["value"]
    worst = by_year.max() if spec.direction in _SMALLER_IS_BETTER else by_year.min()
    return {int(str(year)): float(value) for year, value in worst.items()}


def _districts(inputs: RuleInputs) -> dict[str, str]:
    """Return the district of every school and catchment."""
    places = [inputs.city.schools["district_id"], inputs.city.catchments["district_id"]]
    return {str(key): str(value) for one in places for key, value in one.dropna().items()}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
