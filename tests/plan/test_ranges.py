"""Every number of a plan has a least and a most; whatever lies beyond is refused with its range."""

import tomllib

from layoutplan.errors import FaultLog
from layoutplan.plan.describe import keys_of
from layoutplan.plan.plan_faults import PlanFaults
from layoutplan.plan.sections import read_section
from layoutplan.plan.settings import SECTIONS
from layoutplan.standards.toml_file import TomlFile
from layoutplan.texts import LANGUAGES
from tests.every import every

NUMBERS = [
    (section, key.name, key.kind)
    for section in SECTIONS
    for key in keys_of(section)
    if key.kind in ("integer", "number") or (key.kind == "table" and key.limits["en"])
]
BEYOND = ("1e308", "-1e308", "inf", "-inf", "nan", "9" * 400, "-" + "9" * 60)


def test_every_number_has_a_range_with_two_ends():
    def check(section, name, kind):
        (known,) = [key for key in keys_of(section) if key.name == name]
        for lang in LANGUAGES:
            assert any(sign in known.limits[lang] for sign in "≥>"), kind
            assert any(sign in known.limits[lang] for sign in "≤<")

    every(NUMBERS, check)


def test_a_number_beyond_every_range_is_refused_in_words():
    def check(section, name, kind, beyond):
        inner = '"5"' if name.startswith("age_") else "primary"
        data = tomllib.loads(f"{name} = " + (f"{{ {inner} = {beyond} }}" if kind == "table" else beyond))
        if section == "plan":
            data = {"base_year": 2024, "horizon_year": 2030, **data}
        log = FaultLog()
        complaints = PlanFaults(TomlFile(data={}, lines={}), "plan.toml", log)
        read_section(SECTIONS[section], data, path=(section,), complaints=complaints)
        (fault,) = log
        assert fault.code in {"plan_out_of_range", "plan_not_finite", "plan_type_integer"}
        assert fault.file == "plan.toml"
        assert f"{section}.{name}" in fault.what("en")
        (known,) = [key for key in keys_of(section) if key.name == name]
        for lang in LANGUAGES:
            assert fault.code == "plan_type_integer" or known.limits[lang] in fault.what(lang)

    every([(*number, beyond) for number in NUMBERS for beyond in BEYOND], check)
