"""Stored runs as small as they can be: what is read back, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from layoutplan.dictionary import result_table
from layoutplan.outputs.files import write_csv_files
from layoutplan.runs.folder import write_json

FIGURES = {
    "demand": 900.0,
    "seats": 810.0,
    "balance": -90.0,
    "shortfall": 90.0,
    "unserved": 10.0,
    "share_within_radius": 0.5,
    "mean_walk_m": 640.0,
}
TABLES = ("catchment_balance", "rule_results", "estates", "programme", "ledger")


def summary_of(scenario: str, *, demand: float = 900.0, base_year: int = 2025) -> dict[str, Any]:
    """Return a summary with a row for primary."""
    figures = {**FIGURES, "demand": demand}
    return {
        "format": 2,
        "name": "小镇",
        "scenario": scenario,
        "base_year": base_year,
        "target_year": 2030,
        "stages": ["primary"],
        "layouts": [{"id": "today", "title": {"zh": "现状", "en": "Today"}, "proposals": False}],
        "stages_by_year": {"today": {"primary": {"2025": figures, "2030": figures}}},
        "proposals": None,
        "hotspots": {"count": 2, "pupils_short": 40},
        "flags": {"over_capacity": 3},
    }


def store(
    folder: Path, *, scenario: str = "base", demand: float = 900.0, base_year: int = 2025, **tables: Any
) -> Path:
    """Write a run of format 2 with a row for primary; tables not given are empty."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(summary_of(scenario, demand=demand, base_year=base_year), folder / "summary.json")
    write_json(
        {"format": 2, "run_id": "0123abcd", "scenario": scenario, "plan": {"plan": {"lang": "en"}}},
        folder / "manifest.json",
    )
    frames = {}
    for name in TABLES:
        columns = list(result_table(name).column_names)
        frames[name] = pd.DataFrame(tables.get(name, []), dtype=object).reindex(columns=columns)
    write_csv_files(frames, folder / "tables")
    return folder
