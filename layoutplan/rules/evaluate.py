"""Evaluate a run by the rule book: measure, look up the threshold in force in the year, compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.rules.book import measure_of, rule_specs
from layoutplan.rules.measured import CITY, measured
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.rule_spec import RuleSpec
from layoutplan.standards import Profile, Rule, reported_elsewhere

_TOLERANCE: Final = 1e-9  # shares that are equal but for rounding


def evaluate_rules(
    inputs: RuleInputs, *, profile: Profile | None = None, rules: Sequence[RuleSpec] | None = None
) -> pd.DataFrame:
    """Judge a run by every rule.

    Parameters
    ----------
    inputs
        Study and stage results of the run.
    profile
        The thresholds; the run's own profile unless given.
    rules
        The rules to judge by; the whole rule book unless given.

    Returns
    -------
    DataFrame
        Result table ``rule_results``: rules in the order of the book, areas as measured. A rule whose
        tables are not given has one row with status ``no_data`` and the columns that would switch it on in
        ``missing``.
    """
    specs = rule_specs() if rules is None else rules
    used = profile or inputs.profile
    first = {spec.id: _judged(spec, inputs, used) for spec in specs if not spec.on_results}
    seen = replace(inputs, results=_stacked(list(first.values())))
    later = {spec.id: _judged(spec, seen, used) for spec in specs if spec.on_results}
    return _stacked([(first | later)[spec.id] for spec in specs])


def _stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all rules as the result table."""
    table = result_table("rule_results")
    blank = empty_frame(table)
    if not parts:
        return blank
    return pd.concat(parts, ignore_index=True).reindex(columns=list(table.column_names)).astype(blank.dtypes)


def _judged(spec: RuleSpec, inputs: RuleInputs, profile: Profile) -> pd.DataFrame:
    missing = missing_columns(spec, inputs)
    rows = measured([]) if missing else measure_of(spec)(inputs)
    if rows.empty:
        return _described(_no_data(inputs, missing), spec)
    thresholds = _thresholds(spec, rows, inputs, profile)
    rules = [rule for rule, _ in thresholds]
    limits = [rule.value if rule and isinstance(rule.value, (int, float)) else np.nan for rule in rules]
    threshold = pd.Series(limits, index=rows.index, dtype=float)
    binding = np.array([binds for _, binds in thresholds], dtype=bool)
    status = _status(rows["value"], threshold.where(binding), spec)
    status = status.mask((status == "reported") & ~binding, "elsewhere")
    return _described(
        rows.assign(
            threshold=threshold,
            margin=_margin(rows["value"], threshold, spec).where(binding),
            status=status,
            # a rule that is met needs nothing, and what another place asks is no need here
            need=rows["need"]
            .mask((status == "met") & rows["need"].notna(), 0.0)
            .where(status != "elsewhere"),
            threshold_source=_texts([rule.source if rule else None for rule in rules], rows),
            confidence=_texts([rule.confidence if rule else None for rule in rules], rows),
            threshold_place=_texts([rule.place or None if rule else None for rule in rules], rows),
            due_year=pd.array([rule.due_year if rule else None for rule in rules], dtype="Int64"),
        ),
        spec,
    )


def _texts(values: Sequence[str | None], rows: pd.DataFrame) -> pd.Series:
    return pd.Series(values, index=rows.index, dtype="string")


def missing_columns(spec: RuleSpec, inputs: RuleInputs) -> tuple[str, ...]:
    """Return the columns a rule needs that no row of the city's tables fills.

    Parameters
    ----------
    spec
        The rule.
    inputs
        Study and stage results of the run.

    Returns
    -------
    tuple[str, ...]
        Entries of ``spec.needs``, as written there.
    """
    return tuple(need for need in spec.needs if not any(_given(one, spec, inputs) for one in need.split("|")))


def _given(need: str, spec: RuleSpec, inputs: RuleInputs) -> bool:
    table, _, column = need.partition(".")
    frame = inputs.table(table)
    stages = spec.stages or inputs.city.stages
    names = [column.replace("{stage}", stage) for stage in stages] if "{stage}" in column else [column]
    return any(name in frame and frame[name].notna().any() for name in names)


def _no_data(inputs: RuleInputs, missing: tuple[str, ...]) -> pd.DataFrame:
    row = {"area_kind": CITY, "area_id": CITY, "area": inputs.city.name, "year": inputs.base_year}
    return measured([row]).assign(status="no_data", missing=";".join(missing) or None)


def _thresholds(
    spec: RuleSpec, rows: pd.DataFrame, inputs: RuleInputs, profile: Profile
) -> list[tuple[Rule | None, bool]]:
    """Return for each row the rule in force in its year, else another place's, and whether it binds here."""
    if not spec.threshold:
        return [(None, True)] * len(rows)
    schools = (inputs.proposal.layout.seats if inputs.proposal else inputs.seats).schools
    types = schools["school_type"]
    standards = {int(year): profile.at(int(year)) for year in rows["year"].unique()}
    found = []
    for stage, area_id, year in zip(rows["stage"], rows["area_id"], rows["year"].astype(int), strict=True):
        of = ""
        if spec.of == "stage" and isinstance(stage, str):
            of = stage
        elif spec.of == "school_type":
            of = str(types.get(area_id, ""))
        own = standards[year].find(spec.threshold, of)
        other = None if own else reported_elsewhere(profile, spec.threshold, of, year=int(year))
        found.append((own or other, other is None))
    return found


def _margin(value: pd.Series, threshold: pd.Series, spec: RuleSpec) -> pd.Series:
    """Return by how much the value meets the threshold; negative where it misses, 0 within rounding."""
    better = threshold - value if spec.direction in ("at_most", "below") else value - threshold
    return better.mask(better.abs() <= _slack(threshold), 0.0)


def _slack(threshold: pd.Series) -> pd.Series:
    return threshold.abs().clip(lower=1.0) * _TOLERANCE


def _status(value: pd.Series, threshold: pd.Series, spec: RuleSpec) -> pd.Series:
    margin = _margin(value, threshold, spec)
    strict = spec.direction in ("above", "below")
    met = margin > 0 if strict else margin >= 0
    status = met.map({True: "met", False: "missed"}).astype(object)
    status = status.where(threshold.notna() & bool(spec.direction), "reported")
    return status.where(value.notna(), "no_data")


def _described(rows: pd.DataFrame, spec: RuleSpec) -> pd.DataFrame:
    return rows.assign(
        rule=spec.id,
        section=spec.section,
        document_rows=";".join(map(str, spec.rows)) or None,
        unit=spec.unit,
        metric=spec.metric or None,
        direction=spec.direction or None,
        document=spec.document,
        quote=spec.quote,
    )
