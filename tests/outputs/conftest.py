"""One small town, run once in each language, and what it gives the writers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from layoutplan import load_plan, run_plan
from layoutplan.outputs.facts import ReportFacts
from layoutplan.runs.manifest import make_manifest
from layoutplan.runs.map_inputs import map_frames
from layoutplan.runs.meter import Meter
from layoutplan.runs.report_facts import report_facts
from layoutplan.runs.results import result_frames
from layoutplan.runs.summary import summarise
from tests.outputs.town import write_town


@dataclass(frozen=True)
class Written:
    """What a run gives its printed pages."""

    lang: str
    plan: Path
    frames: dict[str, Any]
    layers: dict[str, Any]
    summary: dict[str, Any]
    manifest: dict[str, Any]
    facts: ReportFacts


def _run(folder, lang, names):
    plan = write_town(folder, lang=lang, names=names)
    run = run_plan(load_plan(plan))
    frames = result_frames(run)
    layers, summary = map_frames(run, frames), summarise(run, frames)
    manifest = make_manifest(run, writing=Meter())
    return Written(lang, plan, frames, layers, summary, manifest, report_facts(run))


@pytest.fixture(scope="session")
def town_zh(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("town-zh"), "zh", ("东区", "西区", "云澜镇"))


@pytest.fixture(scope="session")
def town_en(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("town-en"), "en", ("East", "West", "Smallville"))


@pytest.fixture(scope="session", params=["zh", pytest.param("en", marks=pytest.mark.slow)])
def town(request):
    return request.getfixturevalue(f"town_{request.param}")
