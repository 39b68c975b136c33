"""Targets by year (时间表、路线图): where the figures stand on the way to what was promised."""

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
    """See that every target is about a rule there is, and that its direction is known.

    A target names a rule of the rule book (``equity.composite_2012``) or a key of the profile
    (``class_size.cap``), which stands for every rule judged by it.

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
    """Return the rules a target's indicator stands for: that of its id, else those judged by the key."""
    named = tuple(spec for spec in rule_specs() if spec.id == indicator)
    return named or tuple(spec for spec in rule_specs() if spec.threshold == indicator)


def evaluate_targets(rule_results: pd.DataFrame, inputs: RuleInputs) -> pd.DataFrame:
    """Hold the results of the rules against the targets of the plan, each on its way.

    Targets of one indicator, stage and district are the corners of a path, straight between them. In the base
    year the path asks for what lies between the last target due and the next; past the last it asks for the
    last. Before the first target there is no path yet: what is left is told a year (``per_year``).

    The value of a rule is that of the target's area; of a rule judged for single schools or catchments, the
    worst of them there (of whole schools, those of the stage's own type). ``status``: ``reached`` (the target
    is met already), ``ahead`` (the path is kept or bettered), ``behind``, ``overdue`` (due by the base year
    and not met), ``not_due`` (no path yet), ``no_data``. ``expected`` is the value the rule gives for the
    target's own year, where it looks that far.

    Parameters
    ----------
    rule_results
        Result table of that name.
    evidence
        The run; its ``targets`` were checked by :func:`check_targets`.

    Returns
    -------
    DataFrame
        Result table ``target_progress``: a row a target and rule, by indicator, stage, district and year.
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
        # Of several rules by one key, those that say nothing here are of no use.
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
    """Return result table ``target_progress`` from the results of the inputs; as :func:`evaluate_targets`."""
    nothing = empty_frame(result_table("rule_results"))
    return evaluate_targets(nothing if inputs.results is None else inputs.results, inputs)


def path_value(corners: Sequence[tuple[int, float]], year: int) -> float | None:
    """Return what a path of (year, target) corners asks for in a year; ``None`` before its first corner.

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
    """Say where a value stands; ``sign`` is 1 where more is better, else -1."""
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
