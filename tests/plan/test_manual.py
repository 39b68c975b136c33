"""docs/plan.md is what the settings say."""

from pathlib import Path

from layoutplan.plan.describe import DESCRIBED, keys_of
from layoutplan.standards import load_profile, profile_ids
from layoutplan.texts import LANGUAGES, text
from tools.docs.plan_page import settings_markdown

PAGE = Path(__file__).parents[2] / "docs" / "plan.md"


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == settings_markdown(), "run: python -m tools.docs.build"


def test_every_key_and_rule_stands_on_it_in_both_languages():
    page = settings_markdown()
    for section in DESCRIBED:
        for key in keys_of(section):
            for lang in LANGUAGES:
                assert key.meaning(lang).replace("|", "\\|") in page
    for profile_id in profile_ids():
        for rule in load_profile(profile_id).rules:
            for lang in LANGUAGES:
                assert f"| `{rule.key}` | {text(f'rules.{rule.key}', lang)} |" in page
