"""A stored page is read back only as we write it; whatever else it holds is refused by name."""

import copy
import json
import pickle
import zlib
from base64 import b64encode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layoutplan.outputs.map import StoredMapError, combine_maps, read_map_page
from layoutplan.outputs.map.packing import pack, unpack
from tests.examples import examples
from tests.hostile import TEXTS

pytestmark = pytest.mark.xdist_group("demo")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ODD = st.sampled_from([-1, 10**9, 10**30, "", None, [], {}, [[]], True, "1", 0.5, *TEXTS]) | JSON
FIRST_ROWS = 3


@pytest.fixture(scope="module")
def page(demo_folder):
    return (demo_folder / "map.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small(page):
    """The demo city's payload, cut to a few rows of everything: quick to change and to read again."""

    def cut(node):
        if isinstance(node, dict):
            return {key: cut(value) for key, value in node.items()}
        if isinstance(node, list) and node and isinstance(node[0], (dict, list)):
            return [cut(one) for one in node[:FIRST_ROWS]]
        return node

    whole = unpack(page)
    scenario = whole["scenarios"][0]
    payload = {
        **whole,
        "texts": {},
        "style": {},
        "ground": cut({**whole["ground"], "roads": dict([*whole["ground"]["roads"].items()][:1])}),
        "zones": [zone for zone in whole["zones"] if zone["shape"] < FIRST_ROWS][:FIRST_ROWS],
        "shapes": whole["shapes"][:FIRST_ROWS],
        "schools": whole["schools"][:FIRST_ROWS],
        "estates": whole["estates"][:FIRST_ROWS],
        "scenarios": [{**cut(scenario), "city": scenario["city"]}],
    }
    assert read_map_page(pack(payload)) == payload
    return payload


@pytest.fixture(scope="module")
def paths(small):
    return [path for path in places(small) if path]


def places(node, path=()):
    """Yield the path of every value in a payload; of long lists of numbers the first ones."""
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in [*items][:40]:
        yield from places(value, (*path, key))


def changed(payload, path, value):
    found = copy.deepcopy(payload)
    at = found
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return found


def packed(plain):
    letters = b64encode(zlib.compress(plain)).decode("ascii")
    return f'<script type="application/octet-stream" id="payload">{letters}</script>'


def read(page):
    """Return the payload and nothing, or nothing and why it was refused."""
    try:
        return read_map_page(page), None
    except StoredMapError as error:
        return None, error.reason


def test_what_we_write_is_read_back_whole(page):
    assert read_map_page(page) == unpack(page)


@settings(max_examples=examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_is_read_as_text_or_refused_by_name(small, paths, data):
    path = data.draw(st.sampled_from(paths))
    value = data.draw(ODD)
    plain = json.dumps(changed(small, path, value)).encode()
    payload, reason = read(packed(plain))
    if payload is None:
        assert not any(evil in reason for evil in TEXTS)
        return
    assert json.dumps(payload) == plain.decode()
    together = combine_maps([packed(plain), packed(plain)], lang="zh")
    assert together.count("<script") == 5  # Leaflet's, the data, the page's, folium's two


@pytest.mark.parametrize("key", ["meta", "zones", "groups", "layouts", "city"])
def test_a_key_that_lacks_is_refused(small, key):
    scenario = {name: value for name, value in small["scenarios"][0].items() if name != key}
    with pytest.raises(StoredMapError) as refused:
        read_map_page(pack({**small, "scenarios": [scenario]}))
    assert refused.value.reason == f"scenarios.0.{key}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (
            ("scenarios", 0, "meta", "tiles"),
            {
                "address": "https://a.org; script-src * 'unsafe-inline'/{z}/{x}/{y}",
                "attribution": "",
                "datum": "wgs84",
            },
        ),
        (("scenarios", 0, "meta", "scorecard"), "javascript:alert(1)"),
        (("scenarios", 0, "meta", "scorecard"), "//evil.example/scorecard.html"),
        (("scenarios", 0, "meta", "years"), []),
        (("scenarios", 0, "meta", "target_year"), 1999),
        (("scenarios", 0, "zones", 0, 0), 10_000),
        (("scenarios", 0, "zones", 0, 0), -1),
        (("scenarios", 0, "schools", 0, 0), 10_000),
        (("zones", 0, "shape"), 10_000),
        (("zones", 0, "label"), []),
        (("shapes", 0), [[[1]]]),
        (("scenarios", 0, "city", "primary", "today", "seats"), [1]),
        (("scenarios", 0, "layouts", 0, "id"), "other"),
        (("scenarios", 0, "layouts", 0, "title"), {"zh": "x"}),
        (("format",), 5),
        (("extra",), 1),
    ],
)
def test_what_does_not_belong_together_is_refused(small, path, value):
    with pytest.raises(StoredMapError):
        read_map_page(pack(changed(small, path, value)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html></html>",
        packed(b""),
        packed(b"[]"),
        packed(b"{"),
        packed(b"\xff\xfe"),
        packed(b"[" * 100_000),
        packed(b'{"format": 1e999}'),
        packed(b'{"format": NaN}'),
        packed(b'{"format": ' + b"9" * 5_000 + b"}"),
        packed(b"{}")[:-20],
        '<script type="application/octet-stream" id="payload">!!!</script>',
        '<script type="application/octet-stream" id="payload">eNrcvWuT</script>',
    ],
)
def test_what_is_no_page_of_ours_is_refused_by_name(text):
    with pytest.raises(StoredMapError) as refused:
        combine_maps([text, text], lang="zh")
    assert refused.value.place == 0
    again = pickle.loads(pickle.dumps(refused.value))  # noqa: S301  our own
    assert (again.reason, again.place, again.faults) == (
        refused.value.reason,
        refused.value.place,
        refused.value.faults,
    )


def test_the_error_says_which_page(page):
    with pytest.raises(StoredMapError) as refused:
        combine_maps([page, page[:1000]], lang="zh")
    assert refused.value.place == 1
    assert "map.html" in refused.value.faults[0].place("en")


def test_a_payload_that_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("layoutplan.outputs.map.stored.MOST_PAYLOAD_BYTES", 1_000_000)
    with pytest.raises(StoredMapError):
        read_map_page(packed(b" " * 2_000_000))


def test_words_and_colours_of_a_stored_page_are_not_taken_over(page):
    payload = unpack(page)
    payload["texts"]["en"]["demand"] = TEXTS[0]
    payload["style"]["hotspot"] = "url(https://evil.example/)"
    ours = unpack(combine_maps([page, page], lang="zh"))
    found = unpack(combine_maps([pack(payload), page], lang="zh"))
    assert found == ours
