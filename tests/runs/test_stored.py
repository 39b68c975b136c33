"""Stored runs, whole, older, altered or broken: a value or a named fault, never a traceback."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layoutplan import InputError, compare_runs
from layoutplan.errors import FaultLog
from layoutplan.runs import find_runs, find_triggers, load_ledger, read_stored, write_index
from layoutplan.runs.folder import write_json
from layoutplan.runs.stored import RUN_FORMAT
from tests.examples import examples
from tests.runs.stored_runs import TABLES, store

SHOWN = {"feature": "bands", "format": 6}
ROWS = {
    "catchment_balance": [
        {"layout": "today", "catchment_id": "C1", "name": "东", "stage": "primary", "year": 2027}
        | {"shortfall": 3.5, "surplus": 0}
    ],
    "rule_results": [
        {"rule": "size.school_cap", "area_kind": "school", "area_id": "P1", "area": "一小", "year": 2025}
        | {"status": "met", "value": 1990, "unit": "pupils"}
    ],
    "estates": [{"housing_id": "H1", "name": "园", "dwellings": 500, "first_occupancy_year": 2026}],
    "programme": [{"project_id": "J1", "name": "新校", "state": "started", "opening_year": 2027}],
    "ledger": [{"case_id": "a:P1:all", "school_id": "P1", "rule": "over_capacity", "opened": 2024}],
}


def faults(folder):
    log = FaultLog()
    run = read_stored(folder, log=log)
    assert (run is None) == bool(log.errors)
    return [fault.code for fault in log]


def change(path, **values):
    content = json.loads(path.read_text(encoding="utf-8"))
    for name, value in values.items():
        if value is None:
            del content[name]
        else:
            content[name] = value
    path.write_text(json.dumps(content), encoding="utf-8")


def test_both_formats_are_read(tmp_path):
    folder = store(tmp_path / "a")
    assert faults(folder) == []
    years = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["stages_by_year"]
    first = {"baseline": years["today"], "proposed": years["today"]}
    change(folder / "summary.json", format=None, layouts=None, stages_by_year=first)
    change(folder / "manifest.json", format=None)
    run = read_stored(folder, log=FaultLog())
    assert (run.summary.format, run.manifest.format, run.manifest.lang) == (1, 1, "en")
    assert run.summary.stages_by_year["today"]["primary"]["2030"]["demand"] == 900.0
    assert [(one.id, one.proposals) for one in run.summary.layouts] == [("today", False), ("proposed", True)]


@pytest.mark.parametrize(
    ("file", "values", "code"),
    [
        ("summary.json", {"format": RUN_FORMAT + 1}, "stored_newer"),
        ("manifest.json", {"format": RUN_FORMAT + 1}, "stored_newer"),
        ("summary.json", {"stages": None}, "stored_key_missing"),
        ("summary.json", {"target_year": 2031}, "stored_key_missing"),
        ("summary.json", {"stages": ["primary", "junior"]}, "stored_key_missing"),
        (
            "summary.json",
            {"stages": ["lyceum"]},
            "stored_key_missing",
        ),  # a stage of another profile, no figures
        ("summary.json", {"stages": ["\x1b]0;x\x07"]}, "stored_key_wrong"),
        ("summary.json", {"target_year": "2030"}, "stored_key_wrong"),
        ("summary.json", {"scenario": "\x1b]0;x\x07"}, "stored_key_wrong"),
        ("summary.json", {"flags": {"a": -1}}, "stored_key_wrong"),
        ("summary.json", {"hotspots": {"count": float("nan")}}, "stored_key_wrong"),
        ("manifest.json", {"run_id": "../../etc"}, "stored_key_wrong"),
        ("manifest.json", {"run_id": None}, "stored_key_missing"),
        ("manifest.json", {"plan": []}, "stored_key_wrong"),
    ],
)
def test_what_lacks_or_is_wrong_is_named(tmp_path, file, values, code):
    folder = store(tmp_path / "a")
    change(folder / file, **values)
    assert faults(folder) == [code]
    log = FaultLog()
    read_stored(folder, log=log)
    assert file in log.errors[0].file


def test_a_broken_sibling_is_left_out_by_a_run_and_named_by_a_comparison(tmp_path):
    for name in ("base", "high", "low"):
        store(tmp_path / name, scenario=name)
    (tmp_path / "high" / "summary.json").write_text("{", encoding="utf-8")
    (tmp_path / "low" / "manifest.json").unlink()
    log = FaultLog()
    write_index(tmp_path, lang="en", log=log)
    assert [(fault.code, Path(fault.file).parent.name) for fault in log] == [
        ("stored_not_json", "high"),
        ("sibling_left_out", tmp_path.name),
        ("stored_missing", "low"),
        ("sibling_left_out", tmp_path.name),
    ]
    assert {fault.severity for fault in log} == {"warning"}
    assert list(pd.read_csv(tmp_path / "comparison.csv").columns[4:]) == ["base"]
    with pytest.raises(InputError) as raised:
        compare_runs(find_runs([tmp_path]))
    assert [fault.code for fault in raised.value.faults] == ["stored_not_json", "stored_missing"]


def test_a_comparison_of_names_that_are_alike_or_words_of_the_table(tmp_path):
    folders = [store(tmp_path / place, scenario="stage") for place in ("a/x/base", "b/x/base")]
    frame = compare_runs(folders)
    assert list(frame.columns[3:]) == [str(folder) for folder in folders]
    page = write_index(tmp_path / "together", runs=folders, lang="en")
    assert page.is_file()


def _replaced(word):
    return lambda text: text.replace("2027", word)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda _: None, "stored_missing"),
        (lambda _: "", "stored_no_table"),
        (lambda text: text.encode("utf-16"), "stored_no_table"),
        (lambda _: "a,b\n1,2\n", "stored_column_missing"),
        (_replaced("soon"), "stored_value_wrong"),
        (_replaced("1e300"), "stored_value_wrong"),
        (_replaced("inf"), "stored_value_wrong"),
        (_replaced("2027.5"), "stored_value_wrong"),
        (lambda text: text + text.split("\n")[1], "stored_key_twice"),
    ],
)
def test_a_damaged_table_is_named_by_since(tmp_path, damage, code):
    folder, before = (store(tmp_path / name, **ROWS) for name in ("now", "before"))
    assert find_triggers(folder, since=before).empty
    path = before / "tables" / "programme.csv"
    damaged = damage(path.read_text(encoding="utf-8"))
    if damaged is None:
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    with pytest.raises(InputError) as raised:
        find_triggers(folder, since=before)
    (fault,) = raised.value.faults
    assert (fault.code, Path(fault.file)) == (code, path)


def test_a_map_that_can_not_be_read_is_left_out_of_the_joint_one(tmp_path, monkeypatch):
    for name in ("a", "b", "c", "d"):
        folder = store(tmp_path / name, scenario=name)
        (folder / "map.html").write_text(name, encoding="utf-8")
    (tmp_path / "c" / "map.html").write_bytes(b"\xff")
    (tmp_path / "d" / "map.html").unlink()
    (tmp_path / "d" / "map.html").mkdir()

    def combine(pages, *, lang, scorecards=None):  # noqa: ARG001
        if "b" in pages:
            raise KeyError("scenarios")
        return "".join(pages)

    monkeypatch.setattr("layoutplan.runs.index.combine_maps", combine)
    log = FaultLog()
    write_index(tmp_path, lang="en", log=log)
    assert (tmp_path / "map.html").read_text() == "a"
    assert [(fault.code, Path(fault.file).parent.name) for fault in log] == [
        ("stored_not_text", "c"),
        ("stored_missing", "d"),
        ("stored_map", "b"),
    ]


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([10**400, "primary", "2030", "base", "\ud800", "<script>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damages(draw):
    """A file of a run, and what becomes of its bytes; ``None`` for a folder in its place."""
    name = draw(
        st.sampled_from(["summary.json", "manifest.json", "map.html", *(f"tables/{t}.csv" for t in TABLES)])
    )
    kind = draw(st.sampled_from(["key", "bytes", "cut", "encoding", "folder", "gone", "deep", "swap"]))
    return name, kind, draw(st.randoms(use_true_random=False)), draw(_values), draw(st.binary(max_size=12))


def altered_json(data, random, value):
    """Take a key away somewhere, or give it another value."""
    content = node = json.loads(data)
    key = random.choice(list(node))
    while isinstance(node[key], dict) and node[key] and random.random() < 0.8:
        node = node[key]
        key = random.choice(list(node))
    if random.random() < 0.4:
        del node[key]
    else:
        node[key] = value
    return json.dumps(content).encode("utf-8", "surrogatepass")


def shuffled(data, random):
    words = data.split(b",")
    random.shuffle(words)
    return b",".join(words)


def spoil(path, kind, random, value, raw):
    """Damage a file; the kinds ``folder`` and ``gone`` leave none."""
    data = path.read_bytes()
    place = random.randrange(len(data) + 1)
    encoding = random.choice(["utf-16", "gb18030", "utf-8-sig", "utf-32"])
    spoiled = {
        "key": lambda: (
            altered_json(data, random, value) if path.suffix == ".json" else shuffled(data, random)
        ),
        "swap": lambda: shuffled(data, random),
        "bytes": lambda: data[:place] + raw + data[place + random.randrange(5) :],
        "cut": lambda: data[:place],
        "encoding": lambda: data.decode("utf-8-sig").encode(encoding),
        "deep": lambda: b"[" * 100_000,
    }
    new = spoiled[kind]() if kind in spoiled else None
    path.unlink()
    if new is not None:
        path.write_bytes(new)
    elif kind == "folder":
        path.mkdir()


def test_no_damage_to_a_stored_run_ends_in_anything_but_a_fault(tmp_path):
    whole = tmp_path / "whole"
    for name in ("base", "high"):
        folder = store(whole / name, scenario=name, **ROWS)
        write_json(SHOWN, folder / "map.html")

    @settings(max_examples=examples(25), suppress_health_check=list(HealthCheck))
    @given(st.lists(damages(), min_size=1, max_size=2, unique_by=lambda damage: damage[0]))
    def law(found):
        out = tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(whole, out)
        for name, *damage in found:
            path = out / "high" / name
            spoil(path, *damage)
        for attempt in (
            lambda: compare_runs(find_runs([out])),
            lambda: compare_runs([out / "high"]),
            lambda: find_triggers(out / "base", since=out / "high"),
            lambda: load_ledger(out / "high" / "tables" / "ledger.csv"),
        ):
            try:
                attempt()
            except InputError as error:
                for fault in error.faults:
                    assert "{" not in fault.what("en") + fault.remedy("zh")
                    assert fault.file
        write_index(out, lang="en", log=FaultLog())  # never fails beside a whole run
        assert "base" in (out / "comparison.csv").read_text(encoding="utf-8-sig").splitlines()[0]

    law()


def test_no_damage_to_a_ledger_workbook_ends_in_anything_but_a_fault(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["case_id", "opened", "closed", "status"])
    book.active.append(["a:P1:all", 2024, None, "open"])
    path = tmp_path / "ledger.xlsx"
    book.save(path)
    assert load_ledger(path)["case_id"].tolist() == ["a:P1:all"]
    data = path.read_bytes()

    @settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False), st.binary(max_size=12), st.booleans())
    def law(random, raw, cut):
        place = random.randrange(len(data))
        path.write_bytes(data[:place] + (b"" if cut else raw + data[place + len(raw) :]))
        with suppress(InputError):
            load_ledger(path)

    law()
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError):
        load_ledger(path)
