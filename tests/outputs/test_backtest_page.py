"""The page of a back-test: figures of the table, both languages, data as text, nothing loaded."""

import base64
import hashlib
import re
from html import unescape

import numpy as np
import pytest

from layoutplan.enrolment import backtest
from layoutplan.outputs.pages import render_backtest, verdict_words
from layoutplan.texts import number
from tests.enrolment.district import NO_BIRTHS, PROFILE, aged, history_table

EVIL = '"><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def tested():
    random = np.random.default_rng(4)
    entry = 60 + 4 * np.arange(20) % 9
    counts = {
        name: np.round(aged(entry * size, years=10) * random.normal(1, 0.03, (6, 10)))
        for name, size in (("A", 1.0), (EVIL, 2.0))
    }
    counts["A"][4:, 7:] = np.nan  # ends with the fourth grade from then on
    return backtest(history_table(counts), NO_BIRTHS, profile=PROFILE)


@pytest.fixture(scope="module")
def page(tested):
    return render_backtest(tested, names={"A": "<b>Hill & Dale"}, title=EVIL, lang="en")


def test_the_verdict_errors_and_worst_schools_are_those_of_the_back_test(page, tested):
    words = unescape(page)
    for sentence in verdict_words(tested, "primary").values():
        assert sentence in words
    for row in tested.table[tested.table["level"] == "district"].to_dict("records"):
        assert f"<td>{row['mape']:.1%}</td><td>{row['bias']:+.1%}</td>" in page
    worst = tested.worst()
    assert not worst.empty
    for row in worst.to_dict("records"):
        assert f"<td>{number(row['actual'], 'en')}</td><td>{number(row['off'], 'en')}</td>" in page


def test_every_year_forecast_has_a_mark_of_every_method_and_a_band(page, tested):
    rows = tested.chart("primary")
    drawn = "".join(re.findall(r'<svg class="past".*?</svg>', page))
    for kind in ("actual", "forecast", "last_value", "three_year_mean", "band"):
        assert drawn.count(f'class="{kind}"') == len(rows), kind
    assert page.count('<svg class="past"') == rows["horizon"].nunique()


def test_a_mark_stands_higher_for_more_pupils(page, tested):
    rows = tested.chart("primary")
    part = rows[rows["horizon"] == 1]
    drawn = re.findall(r'<svg class="past".*?</svg>', page)[0]
    heights = [float(y) for y in re.findall(r'<circle class="actual" cx="[\d.]+" cy="([\d.]+)"', drawn)]
    assert np.argsort(heights).tolist() == np.argsort(-part["actual"].to_numpy(), kind="stable").tolist()


def test_words_of_the_data_are_text(page):
    assert "<img" not in page
    assert "<b>" not in page
    assert EVIL in unescape(page)
    assert "<b>Hill & Dale" in unescape(page)


def test_the_page_loads_nothing_and_runs_its_own_script_alone(page):
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    assert policy.startswith("default-src 'none'")
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert not re.search(r"https?://|\sstyle=|\son\w+=", page.replace(unescape(EVIL), "").split("<body>")[0])
    assert not re.search(r"<[^>]*\s(style|src|on\w+)=", page)


def test_both_languages_are_there_and_one_is_shown_first(page, tested):
    chinese = render_backtest(tested, names={}, title="t", lang="zh")
    assert '<html lang="zh">' in chinese
    assert '<html lang="en">' in page
    assert page.count('data-in="zh"') == page.count('data-in="en"') > 50
