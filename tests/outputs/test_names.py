"""Names in the language that a run is not in: given, romanised, or left; never half of one."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.city.romanise import romanised
from layoutplan.outputs.names import OtherNames, in_both_languages, with_own_names
from tests.examples import examples

CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
SCHOOLS = pd.DataFrame(
    {
        "name": ["银杏路小学", "银杏路小学东校区", "云澜三中", "同名学校", "同名学校", "无英文名小学"],
        "name_en": ["Ginkgo School", "Ginkgo School East", "No. 3", "One", "Two", None],
    }
)


@pytest.fixture
def to_english():
    return OtherNames([SCHOOLS, pd.DataFrame({"code": [1]})], lang="zh")


@pytest.fixture
def to_chinese():
    english = SCHOOLS.rename(columns={"name": "name_local", "name_en": "name"})
    return OtherNames([english.dropna()], lang="en")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("银杏路小学", "Ginkgo School"),
        ("银杏路小学东校区", "Ginkgo School East"),  # not the shorter name and a rest
        ("无英文名小学", "Wuyingwenming Primary School"),
        ("银杏路小学北校区", romanised("银杏路小学北校区")),  # nor half of it
        ("云澜三中 · 桐花湾", "No. 3 · Tonghuawan"),
        ("Elm Street", "Elm Street"),
    ],
)
def test_a_name_is_that_of_the_table_else_romanised(to_english, name, said):
    assert to_english.of(name) == said


def test_one_of_two_english_names_is_not_chosen_by_chance(to_english):
    assert to_english.of("同名学校") == "Tongming School"


def test_a_sentence_keeps_its_words_and_changes_its_names(to_english, to_chinese):
    said = "Nearest spare seats: 30 at 银杏路小学东校区, 800 m; then 云澜三中（新建） and 桐花湾2号院."
    expected = "Nearest spare seats: 30 at Ginkgo School East, 800 m; then No. 3 (new) and Tonghuawan No. 2."
    assert to_english.of(said) == expected
    assert (
        to_chinese.of("最近的余位在Ginkgo School East，余 30 个；其次为No. 3。")
        == "最近的余位在银杏路小学东校区，余 30 个；其次为云澜三中。"
    )
    assert to_chinese.of("Ginkgo Schools and No. 33") == "Ginkgo Schools and No. 33"


def test_pairs_hold_every_name_of_a_payload_once(to_english, to_chinese):
    payload = [
        {"name": "云澜三中", "gains": [["银杏路小学", 3]], "code": "银杏路小学东校区", "shape": [[1, 2]]}
    ]
    assert in_both_languages(to_english, payload) == [("云澜三中", "No. 3"), ("银杏路小学", "Ginkgo School")]
    assert in_both_languages(to_chinese, [[{"to_name": "No. 3"}, {"name": "Elm"}]]) == [("云澜三中", "No. 3")]


def test_only_the_text_in_the_other_language_changes(to_english):
    told = {"zh": "在云澜三中", "en": "at 云澜三中"}
    whole = {"remedy": told, "notes": {"zh": ["云澜三中"], "en": ["云澜三中"]}, "figures": [1, 2]}
    assert with_own_names(to_english, whole) == {
        "remedy": {"zh": "在云澜三中", "en": "at No. 3"},
        "notes": {"zh": ["云澜三中"], "en": ["No. 3"]},
        "figures": [1, 2],
    }
    assert told == {"zh": "在云澜三中", "en": "at 云澜三中"}


@settings(max_examples=examples(200))
@given(st.text(st.sampled_from("银杏路小学东校区云澜三中（）()、·，。 Aab1号院"), max_size=16))
def test_no_chinese_is_left_in_english_and_saying_it_again_changes_nothing(text):
    said = OtherNames([SCHOOLS], lang="zh").of(text)
    assert not CHINESE.search(said)
    assert OtherNames([SCHOOLS], lang="zh").of(said) == said
