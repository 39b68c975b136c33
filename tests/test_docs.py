"""What is published is true: the generated pages and the README."""

import re
import tomllib
from pathlib import Path

import nbformat

from layoutplan import load_plan
from layoutplan.city.limits import limits_markdown
from layoutplan.standards import load_profile, profile_ids
from tools.docs.build import faults_markdown
from tools.docs.rules_page import coverage_markdown
from tools.docs.stage_table import stages_markdown
from tools.docs.standards_page import open_rules, settled_by, standards_markdown

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_page_of_faults_is_current():
    assert (ROOT / "docs" / "faults.md").read_text(encoding="utf-8") == faults_markdown()


def test_the_page_of_rules_is_current():
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == coverage_markdown()


def test_standards_page_is_current_and_says_what_would_settle_each_open_value():
    assert (ROOT / "docs" / "standards.md").read_text(encoding="utf-8") == standards_markdown()
    said = tomllib.loads((ROOT / "tools/docs/settle.toml").read_text(encoding="utf-8"))
    entries = {("", key) for key in said if key not in profile_ids()}
    entries |= {(place, key) for place in said if place in profile_ids() for key in said[place]}
    used = set()
    for rule in open_rules():
        assert set(settled_by(rule)) == {"en", "zh"}
        places = [
            place for place in reversed(load_profile(rule.place).lineage) if rule.key in said.get(place, {})
        ]
        used.add((places[0] if places else "", rule.key))
        if not rule.place.startswith("cn-"):
            assert not re.search("province|complete school", settled_by(rule)["en"]), rule
        if rule.place != "ca-ontario":
            assert not re.search("Ministry|O. Reg.", settled_by(rule)["en"]), rule
    assert used == entries, "every open value is said how to settle, and nothing else"


def test_the_page_of_limits_is_current():
    assert (ROOT / "docs" / "limits.md").read_text(encoding="utf-8") == limits_markdown()


def test_the_stages_of_the_architecture_are_those_of_a_run():
    assert stages_markdown() in ARCHITECTURE


def test_the_modules_and_rooms_of_the_architecture_exist():
    files = re.findall(r"`(layoutplan/[\w/]+\.(?:py|js))`", ARCHITECTURE)
    rooms = re.findall(r"^\| (`.*?`) \|", ARCHITECTURE, re.MULTILINE)
    named = {name for cell in rooms for name in re.findall(r"`(\w+)`", cell)}
    found = {path.stem for path in (ROOT / "layoutplan").iterdir() if not path.name.startswith(("_", "py."))}
    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []
    assert named == found


def test_every_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    missing = [link for link in links if not link.startswith("http") and not (ROOT / link).exists()]
    assert links
    assert missing == []


def test_the_make_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"^(?:\$ )?make (\w+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_python_example_of_the_readme_is_the_notebook_of_ten_lines():
    """The test of the notebooks runs it."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    notebook = nbformat.read(ROOT / "notebooks" / "ten-lines.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert example.strip() == "\n\n".join(cells)
    assert len([line for line in example.splitlines() if line.strip()]) <= 10


def test_the_minimal_plan_of_the_readme_is_a_plan(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "plan.toml").write_text(example, encoding="utf-8")
    assert load_plan(tmp_path / "plan.toml").general.base_year == 2025
