"""Layers: what is merged, what is replaced, and chains of scenarios."""

from hypothesis import given
from hypothesis import strategies as st

from layoutplan.plan.layers import Layer, chain, merge

VALUES = st.recursive(
    st.one_of(st.integers(), st.lists(st.integers(), max_size=2)),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
PLANS = st.dictionaries(st.sampled_from(["demand", "travel", "override"]), VALUES, max_size=3)


def layer(data, name=None, order=0):
    return Layer(name, (), data, order)


def value_at(data, path):
    for part in path:
        data = data[part]
    return data


def leaves(data, path=()):
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    else:
        yield path


@given(PLANS, PLANS, PLANS)
def test_every_value_comes_from_the_layer_its_origin_names(first, second, third):
    layers = [layer(first), layer(second, "b", 1), layer(third, "c", 2)]
    merged, origins = merge(layers)
    for path in leaves(merged):
        if path[0] != "override" or not isinstance(merged["override"], list):
            assert value_at(origins[path].data, path) == value_at(merged, path)


@given(PLANS, PLANS)
def test_merging_changes_neither_layer_and_an_empty_one_nothing(first, second):
    before = repr((first, second))
    merge([layer(first), layer(second, "b", 1)])
    assert repr((first, second)) == before
    assert merge([layer(first), layer({}, "b", 1)])[0] == merge([layer(first)])[0] == first


@given(PLANS)
def test_laying_a_plan_over_itself_changes_only_the_number_of_overrides(data):
    merged, _ = merge([layer(data), layer(data, "b", 1)])
    if isinstance(data.get("override"), list):
        assert merged["override"] == data["override"] * 2
    assert {**merged, "override": 0} == {**data, "override": 0} or "override" not in data


def test_a_table_replaced_by_a_value_leaves_no_origin_behind():
    merged, origins = merge([layer({"demand": {"a": {"b": 1}}}), layer({"demand": {"a": 2}}, "b", 1)])
    assert merged == {"demand": {"a": 2}}
    assert set(origins) == {("demand", "a")}


def test_chains():
    assert chain("a", {"a": None}) == ("a",)
    assert chain("c", {"a": None, "b": "a", "c": "b"}) == ("a", "b", "c")
    assert chain("a", {"a": "gone"}) == ("gone", "a")
    assert chain("a", {"a": "b", "b": "a"}) == ("a", "b", "a")
    assert chain("d", {"d": "a", "a": "b", "b": "a"})[0] == "a"
