"""The modules as they are joined: every name stands once, every import exists, nothing is left over."""

import json
import re
from importlib import resources
from pathlib import Path

from layoutplan.outputs.map.script import MODULES, UNPACK, asset, module_text, page_function, page_script

LONGEST_LINE = 120
IMPORTS = re.compile(r'^import \{([^}]*)\} from "\./([a-z]+\.js)";$', re.MULTILINE)
EXPORTS = re.compile(r"^export (?:const|let) (\w+)", re.MULTILINE)
DECLARED = re.compile(r"^(?:export )?(?:const|let|function|class) (\w+)", re.MULTILINE)


def test_every_module_is_joined_once():
    files = {file.name for file in (resources.files("layoutplan.outputs.map") / "assets").iterdir()}
    assert {name for name in files if name.endswith(".js")} == {*MODULES, UNPACK}
    assert len(set(MODULES)) == len(MODULES)


def test_no_name_stands_in_two_modules():
    names = [name for module in MODULES for name in DECLARED.findall(asset(module))]
    assert len(names) > 150
    assert sorted(set(names)) == sorted(names)


def test_what_is_imported_is_exported_and_what_is_exported_is_imported():
    exported = {(module, name) for module in MODULES for name in EXPORTS.findall(asset(module))}
    imported = {
        (other, name.strip())
        for module in MODULES
        for names, other in IMPORTS.findall(asset(module))
        for name in names.split(",")
        if name.strip()
    }
    assert imported == exported - {("start.js", "start")}


def test_no_word_of_modules_is_left_in_the_script():
    script = page_script()
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert not re.search(r"</script|<!--", script, re.IGNORECASE)
    assert all(module_text(module) in page_function(returns="start") for module in MODULES)


def test_lines_are_short_enough_to_read():
    for module in (*MODULES, UNPACK):
        assert max(map(len, asset(module).splitlines())) <= LONGEST_LINE, module


def test_the_formatter_is_one_exact_version_and_names_no_host():
    folder = Path(__file__).parents[3] / "tools" / "javascript"
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())
    assert not (folder / "package-lock.json").exists()
