"""Texts: both languages, the same placeholders, no stray key."""

import re
import string

import pytest

from layoutplan.texts import LANGUAGES, keys, number, text
from tests.every import every


def fields(template):
    """Return the placeholders; ``label_en`` and ``label_zh`` count as one, words for a count as none."""
    names = set()
    for _, name, spec, _ in string.Formatter().parse(template):
        if name and not (spec or "").startswith("|"):
            names.add(re.sub(r"_(en|zh)$", "", name))
        names |= fields(spec or "")
    return names


def test_every_text_exists_in_both_languages_with_the_same_placeholders():
    def check(key):
        english, chinese = text(key, "en"), text(key, "zh")
        assert fields(english) == fields(chinese)
        assert not english.strip() or chinese.strip()

    every(keys(), check)


def test_every_fault_says_what_and_what_to_do():
    def check(key):
        stem = key.rsplit(".", 1)[0]
        assert key in (f"{stem}.what", f"{stem}.remedy")
        for lang in LANGUAGES:
            for part in ("what", "remedy"):
                assert len(text(f"{stem}.{part}", lang)) > 3

    every(keys("faults."), check)


def test_chinese_texts_are_chinese():
    plain = [key for key in keys("faults.") if not re.search(r"[\u4e00-\u9fff]", text(key, "zh"))]
    assert plain == []


def test_a_setting_is_named_in_chinese_before_its_key():
    """A planner reads what a setting is called; its key, in brackets, only says where to change it."""
    known = {
        key.removeprefix(subject)
        for subject in ("settings.", "rules.")
        for key in keys(subject)
        if key.removeprefix(subject).count(".") == 1
    }
    assert "demand.public_share" in known
    bare = {
        (key, named)
        for key in keys("faults.")
        for named in re.findall(r"\w+\.\w+", re.sub(r"（[^（）]*）", "", text(key, "zh")), re.ASCII)
        if named in known
    }
    assert bare == set()


def test_punctuation_between_chinese_words_is_full_width():
    between = re.compile(r"[\u4e00-\u9fff][,:;()][\u4e00-\u9fff]")
    narrow = [key for key in keys() if between.search(text(key, "zh"))]
    assert narrow == []


@pytest.mark.parametrize(
    ("value", "lang", "shown"),
    [
        (3240, "en", "3,240"),
        (99_999, "zh", "99,999"),
        (100_000, "zh", "10万"),
        (12_828_000, "zh", "1,282.8万"),
        (-536_917, "zh", "-53.69万"),
    ],
)
def test_numbers_are_written_as_people_write_them(value, lang, shown):
    assert number(value, lang) == shown


def test_english_texts_of_settings_are_english():
    """They are the plan that `layoutplan new` writes; a term quoted in Chinese stands in other texts."""
    quoted = [key for key in keys("settings.") if re.search(r"[\u4e00-\u9fff]", text(key, "en"))]
    assert quoted == []


CHINESE_IN_ENGLISH = {
    "faults.graduation_year.what",  # quotes the cell
    *("backtest.language", "map.other_language", "compare.language", "scorecard.language", "doc_other"),
}


def test_english_texts_hold_no_chinese():
    """Names of languages, and words quoted from a cell, apart."""
    held = {key for key in keys() if re.search(r"[\u4e00-\u9fff]", text(key, "en"))}
    assert {key for key in held if not key.endswith(tuple(CHINESE_IN_ENGLISH))} == set()
