"""Whatever a planner writes: a plan, or faults in both languages; never another error."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from layoutplan.dictionary import input_tables
from layoutplan.errors import InputError
from layoutplan.plan import load_plan
from layoutplan.plan.describe import DESCRIBED, as_toml, keys_of
from tests.examples import examples

SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "primary", "EPSG:4547", "utf-8", "x.toml", "cn-national", "{key}", "高新区", "../.."]
    ),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=9),
)
INNER = st.sampled_from(["primary", "0-4", "5", "stage", "x"])
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(INNER, SCALARS, max_size=2),
    st.lists(st.lists(SCALARS, max_size=2), max_size=2),
)


def sections(names):
    known = [key.name for name in names for key in keys_of(name)]
    return st.one_of(VALUES, st.dictionaries(st.sampled_from([*known, "nonsense"]), VALUES, max_size=4))


CONTENT = {
    **{name: sections([name]) for name in DESCRIBED},
    "tables": st.dictionaries(
        st.sampled_from([*input_tables(), "nonsense"]), sections(["tables"]), max_size=3
    ),
    "override": st.one_of(VALUES, st.lists(sections(["override"]), max_size=3)),
}
SCENARIO = st.fixed_dictionaries(
    {}, optional={**CONTENT, "base": st.sampled_from(["a", "b", "c"]), "title": SCALARS}
)
PLANS = st.fixed_dictionaries(
    {},
    optional={
        **CONTENT,
        "scenarios": st.one_of(
            VALUES, st.dictionaries(st.sampled_from(["a", "b", "a b"]), SCENARIO, max_size=2)
        ),
    },
)


def quoted(data):
    """Write a plan with every key in quotes."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{as_toml(key)} = {quoted(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(quoted(value) for value in data) + "]"
    return as_toml(data)


# a failing plan is small enough to read as it is found; shrinking it takes minutes
@settings(suppress_health_check=list(HealthCheck), max_examples=examples(100), phases=[Phase.generate])
@given(PLANS, st.sampled_from([None, "a", "c"]))
def test_any_plan_loads_or_says_what_is_wrong(write, data, scenario):
    path = write("".join(f"{as_toml(key)} = {quoted(value)}\n" for key, value in data.items()))
    with pytest.raises(InputError) as error:  # the required years are never right by chance
        load_plan(path, scenario=scenario)
    for lang in ("zh", "en"):
        assert error.value.report(lang)
        assert "Input should" not in error.value.report(lang)


def test_a_name_of_a_hundred_thousand_letters_is_cut(faults):
    found = faults("[demand]\n" + "a" * 100_000 + " = 1\n" + 'births_factor = "' + "b" * 200_000 + '"\n')
    assert max(len(fault.what("zh") + fault.remedy("zh")) for fault in found) < 3000
