"""CSV as offices have it: encodings, separators, titles, blanks."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.city.encodings import detect_encoding, likeliest
from layoutplan.city.text_files import read_text_file
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog

CHINESE = st.text(
    "学校编号名称招生片区郑州高新技术产业开发第一二三四五六七八九十小中实验外国语（），。", min_size=2
)


def _read(folder: Path, data: bytes, encoding: str | None = None):
    (folder / "a.csv").write_bytes(data)
    log = FaultLog()
    return read_text_file(folder / "a.csv", encoding, log=TableLog(log, "a.csv", "schools")), log


@given(CHINESE)
def test_each_encoding_is_told_apart(text):
    assert detect_encoding(text.encode("utf-8")) == "utf-8"
    assert detect_encoding(text.encode("gb18030")) in ("gb18030", None), "a few bytes may fit both"
    assert detect_encoding(text.encode("utf-8-sig")) == "utf-8-sig"
    assert detect_encoding(codecs.BOM_UTF16_LE + text.encode("utf-16-le")) == "utf-16"


@given(CHINESE)
def test_gbk_is_never_taken_for_another(text):
    """With a Chinese header in the file, no run of GBK bytes is valid UTF-8."""
    data = ("学校名称,片区\n" + text).encode("gbk")
    found = detect_encoding(data)
    assert found == "gb18030"
    assert data.decode(found).endswith(text)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("學校編號,項目名稱,狀態\n學校遷建工程開辦", "big5"),
        ("école,élémentaire,François", "latin-1"),
        ("Straße,Schüler,größer", "cp1252"),
        ("Школа,номер,один", "cp1251"),
        ("東京都立小学校,学区", "shift_jis"),
        ("臺北市立國民小學,學區,學生人數\n大安國小,信義國小", "big5"),
    ],
)
def test_other_encodings_are_read_or_refused_but_not_misread(text, encoding):
    data = text.encode(encoding)
    found = detect_encoding(data)
    assert found is None or data.decode(found) == text


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_same_table_from_every_form(tmp_path, encoding, separator, newline):
    text = "id,name,remark\n1,郑州高新区第一小学,实验\n2,外国语小学,\n".replace(",", separator).replace(
        "\n", newline
    )
    raw, log = _read(tmp_path, text.encode(encoding))
    assert not log.errors
    assert raw.frame.index.tolist() == [2, 3]
    assert raw.frame.to_dict("list") == {
        "id": ["1", "2"],
        "name": ["郑州高新区第一小学", "外国语小学"],
        "remark": ["实验", None],
    }


def test_accents_in_utf8_are_not_taken_for_chinese():
    assert detect_encoding("École François-Xavier, Zürich".encode()) == "utf-8"
    decomposed = unicodedata.normalize("NFD", "Zürich")  # as macOS writes names of files
    assert detect_encoding(f"Plätze,{decomposed}".encode()) == "utf-8"
    assert detect_encoding("id,школа\n1,Северная\n".encode()) == "utf-8"
    assert detect_encoding("学校".encode("gbk")) is None
    assert likeliest("学校".encode("gbk")) == "utf-8, gb18030"


def test_rare_characters_of_names_are_gb18030(tmp_path):
    raw, log = _read(tmp_path, "学校名称,校长\n郑州高新区堃喆小学,㛃镕䶮\n".encode("gb18030"))
    assert not log.errors
    assert raw.frame["校长"].tolist() == ["㛃镕䶮"]


def test_title_blank_rows_and_quoted_line_breaks_keep_the_row_numbers_people_see(tmp_path):
    text = '高新区小学一览表,,\n\n编号,名称,备注\nS1,"第一\n小学",无\n,,\nS2,第二小学,无\n'
    raw, log = _read(tmp_path, text.encode())
    assert [note.code for note in log] == ["title_skipped"]
    assert raw.frame.index.tolist() == [4, 6]
    assert raw.frame["名称"].tolist() == ["第一\n小学", "第二小学"]


def test_the_separator_that_excel_states(tmp_path):
    raw, log = _read(tmp_path, b"sep=;\nid;lon;lat\nS1;113,5;34,8\n")
    assert not log.errors
    assert raw.frame.to_dict("list") == {"id": ["S1"], "lon": ["113,5"], "lat": ["34,8"]}
    assert raw.frame.index.tolist() == [3]


def test_stated_encoding_wins(tmp_path):
    raw, log = _read(tmp_path, "id,name\n1,學校\n".encode("big5"), "big5")
    assert not log.errors
    assert raw.frame["name"].tolist() == ["學校"]
    assert raw.encoding == "big5"
