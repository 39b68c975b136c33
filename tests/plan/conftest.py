"""Plans written into a temporary folder."""

import pytest

from layoutplan.errors import InputError
from layoutplan.plan import load_plan

PLAN = "[plan]\nbase_year = 2024\nhorizon_year = 2030\n"
TABLES = "".join(f'[tables.{name}]\nfile = "{name}.csv"\n' for name in ("schools", "units", "catchments"))
MINIMAL = PLAN + TABLES


@pytest.fixture
def write(tmp_path):
    def make(content, name="plan.toml"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return make


@pytest.fixture
def load(write):
    def loader(content, scenario=None):
        return load_plan(write(content), scenario=scenario)

    return loader


@pytest.fixture
def faults(load):
    """Return the faults of a plan; both languages must be able to say them, without pydantic's words."""

    def finder(content, scenario=None):
        with pytest.raises(InputError) as error:
            load(content, scenario)
        for lang in ("zh", "en"):
            report = error.value.report(lang)
            for leaked in ("Input should", "pydantic", "validation error", "Extra inputs", "type="):
                assert leaked not in report
        return list(error.value.faults)

    return finder
