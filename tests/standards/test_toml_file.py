"""TOML files as people write them."""

import os
import time

import pytest

from layoutplan.errors import FaultLog
from layoutplan.standards.toml_file import TOML_BYTES, read_toml


@pytest.fixture
def read(tmp_path):
    def reader(content):
        path = tmp_path / "a.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        log = FaultLog()
        return read_toml(path, log=log), list(log)

    return reader


def test_a_missing_file_and_a_folder(tmp_path):
    log = FaultLog()
    assert read_toml(tmp_path / "none.toml", log=log) is None
    assert read_toml(tmp_path, log=log) is None
    assert [fault.code for fault in log] == ["toml_missing", "toml_is_folder"]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("名称 = 1".encode("gbk"), "GBK"), ("a = 1".encode("utf-16"), "UTF-16"), (b"a = \xff", "?")],
)
def test_another_encoding_is_named(read, content, encoding):
    source, (fault,) = read(content)
    assert source is None
    assert (fault.code, fault.params["encoding"]) == ("toml_encoding", encoding)


def test_a_byte_order_mark_is_skipped_and_noticed(read):
    source, (fault,) = read(b"\xef\xbb\xbfa = 1")
    assert source.data == {"a": 1}
    assert (fault.code, fault.severity) == ("toml_bom", "notice")


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("a = 1\nb = = 2\n", "toml_syntax", 2),
        ("a = 1\nb = 'x", "toml_syntax", 2),
        ("a = [1,\n2", "toml_syntax", 2),
        ("", None, 0),
        ("a = “x”", "toml_syntax", 1),
        ("[a]\nb = 1\n[a]\nc = 2\n", "toml_twice", 3),
        ("a = 1\na = 2\n", "toml_twice", 2),
        ("a = " + "9" * 5000, "toml_syntax", 1),
        ('file = "data\\schools.xlsx"', "toml_backslash", 1),
        ('file = "C:\\users\\x"', "toml_backslash", 1),
    ],
)
def test_syntax_errors_have_a_line_and_a_remedy(read, content, code, line):
    source, faults = read(content)
    assert [fault.code for fault in faults] == ([code] if code else [])
    assert (source is None) == (code is not None)
    if code:
        assert faults[0].params["line"] == line
        assert str(line) in faults[0].what("zh")


def test_lines_of_keys_headers_and_entries_of_lists(read):
    source, _ = read('a = 1\n\n[b]\n"c d" = 2\n[b.e]\nf.g = { h = 3 }\n[[i]]\nj = 1\n[[i]]\nj = 2\n')
    places = [("a",), ("b", "c d"), ("b", "e", "f", "g"), ("b", "e", "f", "g", "h"), ("i", 0, "j"), ("i", 1)]
    assert [source.line(place) for place in places] == [1, 4, 6, 6, 8, 9]
    assert source.line(("z", "y")) is None


@pytest.mark.parametrize(
    "content", ["a = " + "[" * 5000, "a = " + "[" * 50 + "]" * 50, ".".join("a" * 5000) + " = 1"]
)
def test_absurd_nesting_is_refused(read, content):
    source, faults = read(content)
    assert source is None
    assert faults[0].code in ("toml_too_deep", "toml_syntax")


@pytest.mark.parametrize(
    ("content", "line", "key"),
    [
        ('[plan]\nname = "a\\u0007b"\n', 2, "plan.name"),
        ('[plan]\n\n"a\\uffff" = 1\n', 1, "plan.a\ufffd"),
        ('[[override]]\nreason = ["x", "\\u001b[31m"]\n', 2, "override.0.reason.1"),
        ('[scenarios."\\u0000"]\n', None, "scenarios.\ufffd"),
    ],
)
def test_names_and_texts_that_no_page_can_hold_are_refused(read, content, line, key):
    _, (fault,) = read(content)
    assert (fault.code, fault.column) == ("toml_characters", key)
    assert fault.rows == (() if line is None else (str(line),))  # of an odd key, the table around it
    assert "{" not in fault.remedy("en")


def test_only_regular_files_of_a_plans_size_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "device.toml").symlink_to("/dev/zero")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    (tmp_path / "large.toml").write_text("#" * (TOML_BYTES + 1))
    codes = {}
    for name in ("pipe", "device", "loop", "large", "no\0name"):
        log = FaultLog()
        assert read_toml(tmp_path / f"{name}.toml", log=log) is None
        codes[name] = [fault.code for fault in log]
        assert "{" not in log.errors[0].what("zh") + log.errors[0].remedy("zh")
    assert codes == {
        "pipe": ["toml_not_regular"],
        "device": ["toml_not_regular"],
        "loop": ["toml_missing"],
        "large": ["toml_too_large"],
        "no\0name": ["toml_missing"],
    }


@pytest.mark.parametrize(
    "content",
    [b"a." * 300_000 + b"a = 1", b"[" + b"a." * 300_000 + b"a]", b"x = {" + b"a." * 300_000 + b"a = 1}"],
)
def test_a_key_of_a_hundred_thousand_parts_takes_no_time(read, content):
    begun = time.process_time()
    _, log = read(content)
    assert [fault.code for fault in log] == ["toml_too_deep"]
    assert time.process_time() - begun < 2
