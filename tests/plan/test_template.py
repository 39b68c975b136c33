"""The template: it loads, it says every default truly, and it never overwrites a plan."""

import re

import pytest

from layoutplan.dictionary import input_tables, write_templates
from layoutplan.errors import InputError
from layoutplan.plan import SECTIONS, load_plan, write_plan_template
from layoutplan.plan.describe import DESCRIBED, keys_of
from layoutplan.plan.template import plan_template
from layoutplan.texts import LANGUAGES, keys

COMMENTED = re.compile(r"^# (?=\w+ = (?!…))", re.MULTILINE)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fresh_template_loads_and_says_nothing_but_defaults(tmp_path, lang):
    path = write_plan_template(tmp_path / "new", lang=lang)
    plan = load_plan(path)
    assert path == tmp_path / "new" / "plan.toml"
    assert plan.general.lang == lang
    assert set(plan.tables) == {"schools", "units"}
    assert plan.profile.id == {"zh": "cn-national", "en": "us"}[lang]
    for name, model in SECTIONS.items():
        if name != "plan":
            assert getattr(plan, name) == model()
    assert 'profile = "england"' in plan_template(lang, profile="england")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_default_in_the_comments_is_the_real_one(tmp_path, lang):
    plan = load_plan(write_plan_template(tmp_path, lang=lang))
    sections = plan_template(lang).split("# [[override]]")[0]
    tables = re.compile(r"^# (\[tables\.\w+\]|(file|datum) = .*)$", re.MULTILINE)
    bare = COMMENTED.sub("", tables.sub("", sections))
    assert bare.count("\n# ") < sections.count("\n# ")
    written = tmp_path / "bare.toml"
    written.write_text(bare, encoding="utf-8")
    said = load_plan(written)
    assert said.settings_dict() == plan.settings_dict()
    assert said.origin("hotspots.neighbours") == "plan.toml"
    assert plan.origin("hotspots.neighbours") == "default"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tables_overrides_and_scenarios_in_the_comments_load_too(tmp_path, lang):
    template = plan_template(lang)
    bare = re.sub(
        r"^# (?=\[|file = |key = |of = |value = |reason = |title = |births_factor = 1.2)",
        "",
        template,
        flags=re.MULTILINE,
    )
    path = tmp_path / "plan.toml"
    path.write_text(bare, encoding="utf-8")
    plan = load_plan(path, scenario="high-growth")
    assert set(plan.tables) == set(input_tables())
    assert plan.demand.births_factor == 1.2
    assert plan.overrides[0].key == "class_size.cap"


def test_the_template_names_every_section_key_and_table():
    for lang in LANGUAGES:
        template = plan_template(lang)
        for section in DESCRIBED:
            for key in keys_of(section):
                assert re.search(rf"^#? *{key.name}\b", template, re.MULTILINE), (section, key.name)
        for table in input_tables():
            assert f"[tables.{table}]" in template


def test_the_files_it_names_are_those_of_the_table_templates(tmp_path):
    names = {path.name for path in write_templates(tmp_path, lang="zh")}
    plan = load_plan(write_plan_template(tmp_path, lang="zh"))
    shapes = {name for name, table in input_tables().items() if table.geometry in ("line", "polygon")}
    for name, table in plan.tables.items():
        assert table.file.name in names or name in shapes


def test_a_plan_is_never_overwritten(tmp_path):
    path = write_plan_template(tmp_path, lang="zh")
    before = path.read_bytes()
    with pytest.raises(InputError):
        write_plan_template(tmp_path, lang="en")
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_the_users_fault(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError):
        write_plan_template(tmp_path / "file", lang="en")


def test_every_key_has_a_text_and_every_text_a_key():
    expected = {f"settings.{section}.{key.name}" for section in DESCRIBED for key in keys_of(section)}
    expected |= {f"settings.{section}._" for section in DESCRIBED}
    found = {key for key in keys("settings.") if key.split(".")[1] in DESCRIBED}
    assert found == expected


def test_the_datum_is_at_hand_where_points_are_picked_in_china(tmp_path):
    template = plan_template("zh")
    assert template.count('\n# datum = "gcj02"') == 2
    assert "gcj02" not in plan_template("en").split("[tables.schools]")[1].split("[tables.districts]")[0]
    stated = template.replace('# datum = "gcj02"', 'datum = "gcj02"')
    path = tmp_path / "plan.toml"
    path.write_text(stated, encoding="utf-8")
    plan = load_plan(path)
    assert {name: table.datum for name, table in plan.tables.items()} == {
        "schools": "gcj02",
        "units": "gcj02",
    }
