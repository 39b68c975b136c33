"""Provenance of a run: inputs, plan, rules, versions, solver outcomes, time and memory."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

from layoutplan.texts import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd

    from layoutplan.errors import Fault
    from layoutplan.runs.meter import Meter
    from layoutplan.runs.record import RunRecord
    from layoutplan.standards import Rule

_PACKAGES = (
    "layoutplan", "numpy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "scipy", "scikit-learn",
    "ortools", "networkx", "folium", "matplotlib", "python-docx", "openpyxl",
)  # fmt: skip


def run_id(run: RunRecord) -> str:
    """Return an id of a run, equal for equal inputs, plan, scenario and version.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    str
        Eight hexadecimal digits.
    """
    said = {
        "scenario": run.plan.scenario,
        "plan": run.plan.settings_dict(),
        "inputs": [[source.table, source.sha256] for source in run.sources],
        "version": metadata.version("layoutplan"),
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def make_manifest(run: RunRecord, *, writing: Meter) -> dict[str, Any]:
    """Return the manifest: everything needed to repeat the run and to assess its uncertainty.

    Parameters
    ----------
    run
        The run.
    writing
        Time and memory of the files, as stages ``write.<file>``.

    Returns
    -------
    dict
        JSON values.
    """
    plan = run.plan
    return {
        "run_id": run_id(run),
        "scenario": plan.scenario or "base",
        "plan": plan.settings_dict(),
        "overrides": [override.model_dump(mode="json") for override in plan.overrides],
        "profile": {
            "id": plan.profile.id,
            "rules": [_rule(rule) for rule in plan.profile.rules],
        },
        "seed": plan.general.seed,
        "inputs": [
            {
                "table": source.table,
                "file": source.file,
                "sha256": source.sha256,
                "rows": source.rows,
                "encoding": source.encoding,
                "crs": source.crs,
                "datum": source.datum,
            }
            for source in run.sources
        ],
        "working_crs": run.city.crs.to_string(),
        "notes": [_note(note) for note in run.notes],
        "solver": [] if run.proposal is None else _records(run.proposal.outcome),
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in _PACKAGES},
        },
        "reuse": {name: {"kept": one.kept, "changed": one.names()} for name, one in run.reuse.items()},
        "seconds": {name: round(seconds, 3) for name, seconds in {**run.seconds, **writing.seconds}.items()},
        "peak_memory_mib": {**run.peak_mib, **writing.peak_mib},
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "key": rule.key,
        "of": rule.of,
        "value": list(rule.value) if isinstance(rule.value, tuple) else rule.value,
        "unit": rule.unit,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "source": rule.source,
        "confidence": rule.confidence,
    }


def _note(note: Fault) -> dict[str, Any]:
    return {
        "code": note.code,
        "severity": note.severity,
        "file": note.file,
        "table": note.table,
        "rows": list(note.rows),
        "row_count": note.row_count,
        "column": note.column,
        **{lang: note.what(lang) for lang in LANGUAGES},
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]
