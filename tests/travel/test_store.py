"""Walking distances kept between runs: the same bytes with and without, whatever happens to the files."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import layoutplan.travel.matrix_store
import layoutplan.travel.search
from layoutplan.travel import build_network
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.matrix_store import WalkMatrixStore
from tests.travel.drawn import points, roads

LIMIT_M = 1_500.0


def town(*, moved: int = -1, without: int = -1):
    """Return homes, schools and streets of five far-apart quarters along a line of 40 km."""
    lines, homes, schools = [], [], []
    for quarter in range(5):
        x = quarter * 10_000.0
        lines += [[(x, y), (x + 1000, y)] for y in (0, 500)] + [
            [(x, 0), (x, 500)],
            [(x + 1000, 0), (x + 1000, 500)],
        ]
        homes += [(x + 100 * k, 20.0 + quarter) for k in range(8)]  # no two quarters are alike
        schools += [(x + 350.0, 480.0 if quarter != moved else 460.0), (x + 900.0, 10.0)]
    if without >= 0:
        lines.pop(4 * without + 3)
    return points(homes, "u"), points(schools, "s"), roads(lines)


def walk(folder: Path | None, *, cores: int = 1, **change: int):
    homes, schools, streets = town(**change)
    store = None if folder is None else WalkMatrixStore(folder)
    return walk_matrix(
        homes, schools, limit_m=LIMIT_M, network=build_network(streets), store=store, cores=cores
    )


def same(one, other) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        and getattr(one, name).dtype == getattr(other, name).dtype
        for name in ("indptr", "indices", "metres")
    )


@pytest.fixture
def searched(monkeypatch):
    """Count the tiles that are searched."""
    tiles = []
    search = layoutplan.travel.search.search_task

    def counting(task):
        tiles.append(task)
        return search(task)

    monkeypatch.setattr(layoutplan.travel.search, "search_task", counting)
    return tiles


def test_a_second_run_searches_nothing_and_gives_the_same(tmp_path, searched):
    plain = walk(None)
    assert len(searched) == 5
    first = walk(tmp_path)
    assert len(searched) == 10
    assert same(walk(tmp_path), first)
    assert same(first, plain)
    assert len(searched) == 10


@pytest.mark.parametrize("change", [{"moved": 2}, {"without": 3}])
def test_a_change_searches_anew_where_it_matters_only(tmp_path, searched, change):
    walk(tmp_path)
    changed = walk(tmp_path, **change)
    assert len(searched) == 6
    assert same(changed, walk(None, **change))
    walk(tmp_path)
    assert len(searched) == 6 + 5  # those of the run without a store; the first town is still known


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_file_is_as_good_as_none(tmp_path, damage):
    first = walk(tmp_path)
    for path in tmp_path.glob("*.pairs"):
        data = path.read_bytes()
        path.write_bytes(
            data[: len(data) // 2] + b"x" + data[len(data) // 2 + 1 :] if damage is None else damage
        )
    assert same(walk(tmp_path), first)
    assert same(walk(tmp_path), first)


def test_an_entry_under_another_tiles_name_is_none_of_it(tmp_path, searched):
    first = walk(tmp_path)
    one, other = sorted(tmp_path.glob("*.pairs"))[:2]
    other.write_bytes(one.read_bytes())
    searched.clear()
    assert same(walk(tmp_path), first)
    assert len(searched) == 1
    assert same(walk(tmp_path), first)
    assert len(searched) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("origin", -1), ("origin", 10**6), ("destination", 10**6), ("metres", -1.0),
                        ("metres", float("nan")), ("metres", float("inf")), ("metres", 1e9)]
)  # fmt: skip
def test_what_a_tile_cannot_hold_is_computed_anew(tmp_path, monkeypatch, searched, name, value):
    first = walk(tmp_path)

    def spoiled(task):
        found = search(task)
        array = getattr(found, name).copy()
        array[0] = value
        return replace(found, **{name: array})

    search = layoutplan.travel.search.search_task
    with monkeypatch.context() as change:
        change.setattr(layoutplan.travel.matrix_store, "_is_of", lambda *_: True)
        store = WalkMatrixStore(tmp_path)
        for task in list(searched):
            store.put(task, spoiled(task))
    searched.clear()
    assert same(walk(tmp_path), first)
    assert len(searched) == 5


def test_a_pipe_in_the_way_is_done_without(tmp_path):
    first = walk(tmp_path)
    for path in tmp_path.glob("*.pairs"):
        path.unlink()
        os.mkfifo(path)
    assert same(walk(tmp_path), first)


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    assert same(walk(in_the_way / "cache"), walk(None))
    WalkMatrixStore(in_the_way / "cache").prune()


def test_the_files_used_longest_ago_go_first(tmp_path):
    walk(tmp_path)
    store, files = WalkMatrixStore(tmp_path), sorted(tmp_path.glob("*.pairs"))
    for age, path in enumerate(files):
        os.utime(path, ns=(10**18 - age, 10**18 - age))
    store.prune(most_bytes=sum(path.stat().st_size for path in files[:3]))
    assert len(files) == 5
    assert sorted(tmp_path.glob("*.pairs")) == files[:3]
    store.prune()
    assert len(list(tmp_path.glob("*.pairs"))) == 3


def test_only_a_folder_of_ours_is_written_to_and_only_our_files_are_removed(tmp_path):
    (tmp_path / "mine.pairs").write_text("years")
    assert not WalkMatrixStore(tmp_path).is_ours()
    assert same(walk(tmp_path), walk(None))
    WalkMatrixStore(tmp_path).prune(most_bytes=0)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.pairs"]
    (tmp_path / "mine.pairs").unlink()
    walk(tmp_path)
    assert WalkMatrixStore(tmp_path).is_ours()
    (tmp_path / "mine.pairs").write_text("years")
    (tmp_path / "tmpabcd1234.layoutplan-new").write_text("of a killed run")
    WalkMatrixStore(tmp_path).prune(most_bytes=0)
    assert {path.name for path in tmp_path.iterdir()} == {"CACHEDIR.TAG", "mine.pairs"}


def test_stored_walks_without_a_tag_are_those_of_an_earlier_version(tmp_path):
    walk(tmp_path)
    (tmp_path / "CACHEDIR.TAG").unlink()
    assert WalkMatrixStore(tmp_path).is_ours()
    WalkMatrixStore(tmp_path).prune()
    assert (tmp_path / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_the_matrix_is_the_same_on_any_number_of_cores():
    assert same(walk(None, cores=2), walk(None, cores=1))
