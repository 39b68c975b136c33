"""Kinds, choices, ranges and defaults read from the settings; values written as TOML."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.plan.describe import as_toml, keys_of


def key(section, name):
    return next(found for found in keys_of(section) if found.name == name)


@pytest.mark.parametrize(
    ("section", "name", "kind", "limits", "default"),
    [
        ("plan", "base_year", "integer", "≥ 1950, ≤ 2200", None),
        ("plan", "target_year", "integer", "≥ 1950, ≤ 2200", None),
        ("hotspots", "cell_m", "number", "≥ 50, ≤ 10,000 m", "500.0"),
        ("travel", "reach_m", "table", "≥ 10, ≤ 100,000 m", "{}"),
        ("travel", "detour_factor", "number", "≥ 1, ≤ 10", None),
        ("plan", "output", "file", "", '"out"'),
        ("demand", "migration_rate", "number", "> -1, ≤ 1", None),
        ("demand", "migrant_growth_rate", "number", "> -1, ≤ 1", "0.0"),
        ("demand", "public_share", "table", "≥ 0, ≤ 1", "{}"),
        ("siting", "enabled", "flag", "", "true"),
        ("hotspots", "false_discovery_rate", "number", "> 0, < 1", "0.05"),
        ("supply", "ownership", "list", "", '["public", "inclusive"]'),
        ("override", "value", "any", "", None),
        ("tables", "file", "files", "", None),
    ],
)
def test_keys_are_described(section, name, kind, limits, default):
    found = key(section, name)
    assert (found.kind, found.limits["en"], found.default) == (kind, limits, default)


def test_choices_of_texts_lists_and_tables():
    assert key("plan", "lang").choices == ("zh", "en")
    assert key("supply", "ownership").choices == ("public", "inclusive", "private")
    assert key("travel", "reach_m").choices == ()  # stages are those of the profile
    assert key("tables", "datum").choices == ("wgs84", "cgcs2000", "gcj02", "bd09")
    assert key("plan", "name").choices == ()


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"])),
)


@given(
    st.one_of(SCALARS, st.lists(SCALARS), st.dictionaries(st.from_regex("[a-z_]+", fullmatch=True), SCALARS))
)
def test_a_value_written_as_toml_reads_back(value):
    assert tomllib.loads(f"x = {as_toml(value)}")["x"] == value


def test_a_path_is_written_with_slashes():
    assert as_toml(Path("a") / "b") == '"a/b"'
