"""TOML files as people write them."""

import pytest

from layoutplan.errors import FaultLog
from layoutplan.standards.toml_file import read_toml


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
