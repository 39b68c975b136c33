"""Chinese on a machine with no Chinese font: drawn with the packaged one in pictures, named in files."""

import os
import re
import subprocess
import sys
import zipfile
from importlib import resources
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest
from docx import Document
from docx.oxml.ns import qn

from layoutplan.outputs.atlas import write_atlas
from layoutplan.outputs.pages import render_scorecard
from layoutplan.outputs.report import write_document
from layoutplan.outputs.workbook import write_workbook
from tests.same_bytes import same_bytes

ROOT = Path(__file__).parents[2]
PACKAGED = Path(pylopdf_fonts_zh_cn.__file__).parent
SYSTEMS = {
    "Windows": {"Microsoft YaHei"},
    "macOS": {"PingFang SC", "Hiragino Sans GB"},
    "Linux": {"Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei"},
}
NO_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/none</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


@pytest.fixture(scope="module")
def written(town_zh, tmp_path_factory):
    """Return the printed files as this machine writes them."""
    folder, zh = tmp_path_factory.mktemp("with-fonts"), {"facts": town_zh.facts, "lang": "zh"}
    write_document(town_zh.layers, folder / "report.docx", summary=town_zh.summary, **zh)
    write_atlas(town_zh.layers, folder / "atlas.pdf", **zh)
    write_workbook(town_zh.frames, folder / "workbook.xlsx", summary=town_zh.summary, lang="zh")
    page = render_scorecard(town_zh.frames["scorecard"], **zh)
    (folder / "scorecard.html").write_text(page, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_without_any_font_of_the_machine_the_files_have_the_same_bytes(written, town_zh, tmp_path):
    (tmp_path / "none").mkdir()
    (tmp_path / "fonts.conf").write_text(NO_FONTS.format(folder=tmp_path), encoding="utf-8")
    hidden = {
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        "MPL_IGNORE_SYSTEM_FONTS": "1",
        "MPLCONFIGDIR": str(tmp_path / "matplotlib"),
    }
    command = ["-m", "tests.outputs.machine_without_fonts", str(town_zh.plan), str(tmp_path)]
    said = subprocess.run(
        [sys.executable, *command],
        env=os.environ | hidden,
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    opened = {Path(line) for line in said.stdout.split("\n") if line}
    assert any(path.is_relative_to(PACKAGED) for path in opened)
    ours = ("matplotlib", "layoutplan-")
    strangers = [path for path in opened if not path.is_relative_to(PACKAGED)]
    assert [path for path in strangers if not any(part.startswith(ours) for part in path.parts)] == []
    for name in ("report.docx", "atlas.pdf", "workbook.xlsx", "scorecard.html"):
        assert same_bytes(tmp_path / name, written / name), name


def test_every_style_of_the_report_names_a_chinese_font(written):
    document = Document(written / "report.docx")
    parts = [document.element.body]
    parts += [part._element for part in (document.sections[0].header, document.sections[0].footer)]
    styles = {style.style_id: style for style in document.styles}
    used = {mark.get(qn("w:val")) for part in parts for mark in part.iter(qn("w:pStyle"), qn("w:rStyle"))}
    assert len(used) > 5
    for name in used:
        assert chinese_font(styles[name]) in {"宋体", "微软雅黑"}, name
    for part in parts:
        for fonts in part.iter(qn("w:rFonts")):
            assert fonts.get(qn("w:eastAsia")), "a run names a font, but none for Chinese"


def chinese_font(style):
    """Return the font a style gives Chinese letters: its own, or that of the style it rests on."""
    while style is not None:
        properties = style.element.rPr
        fonts = None if properties is None else properties.rFonts
        if fonts is not None:
            assert fonts.get(qn("w:eastAsiaTheme")) is None
            if fonts.get(qn("w:eastAsia")):
                return fonts.get(qn("w:eastAsia"))
        style = style.base_style or (None if style.name == "Normal" else style.part.document.styles["Normal"])
    return None


def test_the_report_names_what_may_stand_in_for_its_fonts(written):
    with zipfile.ZipFile(written / "report.docx") as archive:
        table = archive.read("word/fontTable.xml").decode()
    for name, other in (("宋体", "SimSun"), ("微软雅黑", "Microsoft YaHei")):
        found = re.search(rf'<w:font w:name="{name}"><w:altName w:val="([^"]*)"', table)
        assert found
        assert other in found[1].split(",")
        assert any("Noto" in one for one in found[1].split(","))


def test_pages_name_a_chinese_font_of_every_system(written):
    page = (written / "scorecard.html").read_text(encoding="utf-8")
    css = (resources.files("layoutplan.outputs.map") / "assets" / "page.css").read_text(encoding="utf-8")
    for sheet in (page, css):
        named = set(re.findall(r'"([^"]+)"', re.search(r"body\s*{[^}]*?font:([^;]*);", sheet)[1]))
        for system, fonts in SYSTEMS.items():
            assert named & fonts, system
