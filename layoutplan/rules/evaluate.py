"""Evaluate a run by the rule book: measure, look up the threshold in force in the year, compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.rules.book import measure_of, rule_specs
from layoutplan.rules.measured import CITY, measured
from layoutplan.rules.rule_inputs import MeasuredRule, RuleInputs
from layoutplan.rules.rule_spec import RuleSpec
from layoutplan.standards import Profile, Rule, reported_elsewhere
from layoutplan.watched import note_all, recording, unrecorded

Directions = npt.NDArray[np.object_]
_DOCUMENTS_OF: Final = "cn"
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
    first = [spec for spec in specs if not spec.on_results]
    results = _judged(first, inputs, used)
    later = [spec for spec in specs if spec.on_results]
    if not later:
        return results
    with unrecorded():  # a copy reads every field
        others = replace(inputs, results=results, kept=None)
    both = pd.concat([results, _judged(later, others, used)], ignore_index=True)
    place = both["rule"].map({spec.id: place for place, spec in enumerate(specs)})
    return both.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)


def _judged(specs: Sequence[RuleSpec], inputs: RuleInputs, profile: Profile) -> pd.DataFrame:
    """Return the result table of rules; all rows are judged at once, since most rules have few."""
    blank = empty_frame(result_table("rule_results"))
    if not specs:
        return blank
    found = _measured_rules(specs, inputs)
    sizes = [len(one.rows) for one in found]
    rows = pd.concat([one.rows for one in found], ignore_index=True)
    spec_of = np.repeat(np.arange(len(specs)), sizes)
    thresholds = [
        one
        for spec, part in zip(specs, found, strict=True)
        for one in (_thresholds(spec, part.rows, inputs, profile) if part.missing is None else [(None, True)])
    ]
    rules = [rule for rule, _ in thresholds]
    binding = np.array([binds for _, binds in thresholds], dtype=bool)
    threshold = np.array(
        [rule.value if rule and isinstance(rule.value, (int, float)) else np.nan for rule in rules],
        dtype=float,
    )
    value, need = rows["value"].to_numpy(dtype=float), rows["need"].to_numpy(dtype=float)
    direction = np.array([spec.direction for spec in specs], dtype=object)[spec_of]
    margin = _margin(value, threshold, direction)
    status = _status(value, np.where(binding, margin, np.nan), direction)
    over = _over_nothing(rows, direction) & ~np.isnan(threshold) & binding
    status = np.where(over, "missed", status)
    status = np.where((status == "reported") & ~binding, "elsewhere", status)
    applies = np.array([spec.applies(inputs.profile) for spec in specs], dtype=bool)[spec_of]
    status = np.where(applies, status, "does_not_apply")
    # a rule that is met needs nothing, and what another place asks is no need here
    need = np.where((status == "met") & ~np.isnan(need), 0.0, need)
    described = {name: _repeated(cells, spec_of) for name, cells in _described(specs, profile).items()}
    table = rows.assign(
        **described,
        **_sources(rules),
        threshold=threshold,
        margin=np.where(binding, margin, np.nan),
        status=status,
        need=np.where(status == "elsewhere", np.nan, need),
        due_year=pd.array([rule.due_year if rule else None for rule in rules], dtype="Int64"),
    )
    return table.reindex(columns=list(blank.columns)).astype(blank.dtypes)


def _repeated(cells: Sequence[str | None], spec_of: npt.NDArray[np.intp]) -> pd.Series:
    """Return the text of each row's rule; ``None`` stays as it is, which pandas would turn into nan."""
    return pd.Series([cells[place] for place in spec_of], dtype=object)


def _sources(rules: Sequence[Rule | None]) -> dict[str, pd.Series]:
    """Return what is said of the thresholds, by column of the result table."""
    said = {
        "threshold_source": [rule.source if rule else None for rule in rules],
        "confidence": [rule.confidence if rule else None for rule in rules],
        "threshold_place": [rule.place or None if rule else None for rule in rules],
    }
    return {name: pd.Series(cells, dtype="string") for name, cells in said.items()}


def _measured_rules(specs: Sequence[RuleSpec], inputs: RuleInputs) -> list[MeasuredRule]:
    """Return what each rule measures; of earlier results where all that the rule reads is equal."""
    earlier = {} if inputs.kept is None else inputs.kept.take(inputs)
    for spec in specs:
        if spec not in inputs.measures and spec.id in earlier:
            inputs.measures[spec] = earlier[spec.id]
    new = [spec for spec in specs if spec not in inputs.measures]
    inputs.measures.update(_measured_anew(new, inputs))
    if new and inputs.kept is not None:
        inputs.kept.keep(inputs, {spec.id: one for spec, one in inputs.measures.items()})
    found = [inputs.measures[spec] for spec in specs]
    for one in found:
        note_all(one.places)
    return found


def _measured_anew(specs: Sequence[RuleSpec], inputs: RuleInputs) -> Iterator[tuple[RuleSpec, MeasuredRule]]:
    for spec in specs:
        with recording() as places:
            rows, missing = _measured(spec, inputs)
        yield spec, MeasuredRule(rows, missing, tuple(places))


def _measured(spec: RuleSpec, inputs: RuleInputs) -> tuple[pd.DataFrame, str | None]:
    """Return the rows of a rule; where there are none, or it does not apply, one row and what is missing."""
    applies = spec.applies(inputs.profile)
    missing = missing_columns(spec, inputs) if applies else ()
    if applies and not missing:
        rows = measure_of(spec)(inputs)
        if not rows.empty:
            return rows, None
    row = {"area_kind": CITY, "area_id": CITY, "area": inputs.city.name, "year": inputs.base_year}
    return measured([{**row, "missing": ";".join(missing) or None}]), ";".join(missing)


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
    stages = spec.stages_in(inputs.schooling) or inputs.city.stages
    names = [column.replace("{stage}", stage) for stage in stages] if "{stage}" in column else [column]
    return any(name in frame and bool(_filled(frame[name]).any()) for name in names)


def _filled(cells: pd.Series) -> pd.Series[bool]:
    """Return which cells state something; an empty list states nothing."""
    empty = cells.map(lambda cell: isinstance(cell, (list, tuple)) and not cell)
    return cells.notna() & ~empty.astype(bool)


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


def _margin(value: FloatArray, threshold: FloatArray, direction: Directions) -> FloatArray:
    """Return by how much the value meets the threshold; negative where it misses, 0 within rounding."""
    above = np.isin(direction, ("at_most", "below"))
    better = np.where(above, threshold - value, value - threshold)
    slack = np.maximum(np.abs(threshold), 1.0) * _TOLERANCE
    return np.where(np.abs(better) <= slack, 0.0, better)


def _status(value: FloatArray, margin: FloatArray, direction: Directions) -> npt.NDArray[np.object_]:
    strict = np.isin(direction, ("above", "below"))
    met = np.where(strict, margin > 0, margin >= 0)
    status = np.where(met, "met", "missed").astype(object)
    status = np.where(~np.isnan(margin) & (direction != ""), status, "reported")
    return np.where(np.isnan(value), "no_data", status)


def _over_nothing(rows: pd.DataFrame, direction: Directions) -> BoolArray:
    """Return where there is something, and nothing that may hold it: pupils and no seat, so no ratio."""
    some, none = rows["numerator"].to_numpy(dtype=float) > 0, rows["denominator"].to_numpy(dtype=float) == 0
    most = np.isin(direction, ("at_most", "below"))
    return np.asarray(some & none & most & rows["value"].isna().to_numpy(), dtype=np.bool_)


def _described(specs: Sequence[RuleSpec], profile: Profile) -> dict[str, list[str | None]]:
    """Return what the rule book says of each rule, by column of the result table.

    The founding documents are Chinese: elsewhere a rule is measured without them.
    """
    quoted = profile.is_of(_DOCUMENTS_OF)
    return {
        "rule": [spec.id for spec in specs],
        "section": [spec.section for spec in specs],
        "document_rows": [";".join(map(str, spec.rows)) if quoted and spec.rows else None for spec in specs],
        "unit": [spec.unit for spec in specs],
        "metric": [spec.metric or None for spec in specs],
        "direction": [spec.direction or None for spec in specs],
        "document": [(spec.document or None) if quoted else None for spec in specs],
        "quote": [(spec.quote or None) if quoted else None for spec in specs],
    }
