"""Names in an English run: those given in English, else romanised; the given ones are kept."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import layoutplan as lp
from layoutplan.city.naming import in_english
from layoutplan.city.romanise import romanised
from layoutplan.synthetic import write_demo
from tests.examples import examples

CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def test_common_words_are_english_and_proper_ones_pinyin():
    cases = {
        "银杏路小学": "Yinxing Road Primary School",
        "巩义市第一初级中学": "Gongyi City No. 1 Junior Middle School",
        "笃行雅苑幼儿园（转为公办）": "Duxingyayuan Kindergarten (made public)",
        "格物街62号院": "Gewu Street No. 62",
        "听涛小镇二十三期": "Tingtaoxiao Town Phase 23",
        "连霍高速公路": "Lianhuo Expressway",
        "A区3号地块": "A District No. 3",
        "西安路": "Xi'an Road",
        "Queen's Road": "Queen's Road",
        "小学": "Primary School",
        "市": "Shi",
        "": "",
    }
    assert {name: romanised(name) for name in cases} == cases


@settings(max_examples=examples(200))
@given(st.text(st.sampled_from("银杏路小学第三十（）()、 Aa1号院市区村期組㐀一"), max_size=12))
def test_no_chinese_is_left_and_latin_names_stay(name):
    said = romanised(name)
    assert not CHINESE.search(said)
    assert romanised(said) == said
    assert bool(said) == bool(re.sub(r"[\s（）()、]", "", name)) or not CHINESE.search(name) or said


@pytest.mark.slow
def test_the_bundled_city_has_english_names_beside_the_given_ones():
    plain, english = lp.load_city(lp.demo()), lp.load_city(lp.demo(lang="en"))
    assert english.name == "Yunlan High-tech Zone (synthetic)"
    for name in ("schools", "areas", "units", "catchments", "districts", "school_districts"):
        ours, theirs = getattr(english, name), getattr(plain, name)
        assert list(ours["name_local"]) == list(theirs["name"]), name
        assert not ours["name"].str.contains(CHINESE).any(), name
        assert ours.drop(columns=["name", "name_local"]).equals(theirs.drop(columns="name")), name
        if name != "units":  # the table states them
            assert (ours["name"] == theirs["name_en"]).all(), name
    for name, frame in english.tables.items():
        if "name" in frame:
            assert not frame["name"].astype("string").str.contains(CHINESE).any(), name
    assert plain.population.equals(english.population)


def test_what_a_table_does_not_name_in_english_is_romanised(tmp_path):
    city = lp.load_city(write_demo(tmp_path, residents=5_000))
    schools = city.schools.assign(name_en=None)
    schools.loc[schools.index[0], "name_en"] = " Elm School "
    named = in_english(lp.City(**{**vars(city), "schools": schools})).schools
    assert named["name"].iloc[0] == "Elm School"
    assert list(named["name"].iloc[1:]) == [romanised(name) for name in city.schools["name"].iloc[1:]]
