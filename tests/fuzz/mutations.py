"""Strategies: bytes that are a valid file but for a few small changes, inside packed files too."""

import io
import json
import re
import struct
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from tests.fuzz.pbf import blob

TOKEN = re.compile(rb"[\w.+\-]+|[\"'<>{}\[\],:=;]")
ODD = (
    b"",
    b"\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    struct.pack("<i", -1),
    b"\xed\xa0\x80",
    b"\xef\xbf\xbe",
    b"\xef\xbb\xbf",
    b"\x0b",
    b"\x1b[31m",
    b"\x85",
    b"\xe2\x80\xa8",
    b"NaN",
    b"inf",
    b"-Infinity",
    b"1e999",
    b"-1",
    b"0",
    b"1e-320",
    b"99999999999999999999",
    b"9" * 5000,
    b"0x1f",
    b"1_000",
    b"2025-13-45",
    b"#REF!",
    b"=1+1",
    b"true",
    b"null",
    b"{}",
    b"[]",
    b"[[[[",
    b'"',
    b"'",
    b",",
    b"\n",
    b"\r",
    b"\t",
    b" " * 3000,
    b"(" * 500,
    b"a." * 300,
    b"\\u0007",
    b"\\ud800",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;",
    b"http://127.0.0.1:9/x",
    b"/vsicurl/http://x",
    b"EPSG:0",
    b"EPSG:4326",
    b"EPSG:999999",
    b"+proj=utm +zone=99",
    b"..",
    b"/dev/zero",
    b"~root/x",
    "９岁".encode(),
    "年龄_0_4".encode(),
    "①".encode(),
    "\u202e".encode(),
    "学校编号".encode(),
    "å".encode("latin-1"),
)
KEYS = (
    b"type",
    b"crs",
    b"features",
    b"geometry",
    b"coordinates",
    b"properties",
    b"Polygon",
    b"Point",
    b"name",
)


@st.composite
def changed(draw, seed: bytes, others: tuple[bytes, ...] = ()) -> bytes:
    """Return a seed with one to five small changes."""
    data = seed
    for _ in range(draw(st.integers(1, 5))):
        data = draw(st.sampled_from(_CHANGES))(draw, data, others or (seed,))
    return data


def _place(draw, data: bytes) -> int:
    return draw(st.integers(0, max(0, len(data) - 1)))


def _flip(draw, data: bytes, _others) -> bytes:
    if not data:
        return data
    place = _place(draw, data)
    return data[:place] + bytes([data[place] ^ (1 << draw(st.integers(0, 7)))]) + data[place + 1 :]


def _number(draw, data: bytes, _others) -> bytes:
    place, width = _place(draw, data), draw(st.sampled_from((1, 2, 4, 8)))
    value = draw(
        st.sampled_from(
            (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
        )
    )
    order = draw(st.sampled_from(("little", "big")))
    return data[:place] + (value % 256**width).to_bytes(width, order) + data[place + width :]


def _cut(draw, data: bytes, _others) -> bytes:
    return data[: _place(draw, data)]


def _remove(draw, data: bytes, _others) -> bytes:
    place = _place(draw, data)
    return data[:place] + data[place + draw(st.integers(1, 40)) :]


def _repeat(draw, data: bytes, _others) -> bytes:
    place, width = _place(draw, data), draw(st.integers(1, 60))
    return data[:place] + data[place : place + width] * draw(st.integers(2, 20)) + data[place + width :]


def _insert(draw, data: bytes, _others) -> bytes:
    place = _place(draw, data)
    return data[:place] + draw(st.sampled_from(ODD) | st.binary(max_size=12)) + data[place:]


def _token(draw, data: bytes, _others) -> bytes:
    """Put something odd in place of a word, a number or a mark."""
    found = list(TOKEN.finditer(data[:200_000]))
    if not found:
        return _insert(draw, data, _others)
    old = found[draw(st.integers(0, len(found) - 1))]
    new = draw(
        st.sampled_from((*ODD, *KEYS))
        | st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
    return data[: old.start()] + new + data[old.end() :]


def _swap(draw, data: bytes, _others) -> bytes:
    """Exchange two words."""
    found = list(TOKEN.finditer(data[:200_000]))
    if len(found) < 2:
        return data
    one, other = sorted((draw(st.integers(0, len(found) - 1)), draw(st.integers(0, len(found) - 1))))
    if one == other:
        return data
    first, second = found[one], found[other]
    return (
        data[: first.start()]
        + second[0]
        + data[first.end() : second.start()]
        + first[0]
        + data[second.end() :]
    )


def _splice(draw, data: bytes, others) -> bytes:
    """Go on with the rest of another file."""
    other = draw(st.sampled_from(others))
    return data[: _place(draw, data)] + other[_place(draw, other) :]


_CHANGES = (_flip, _number, _cut, _remove, _repeat, _insert, _token, _token, _token, _swap, _splice)


@st.composite
def in_archive(draw, seed: bytes) -> bytes:
    """Return a workbook one or two of whose parts are changed, packed anew so that checksums hold."""
    with zipfile.ZipFile(io.BytesIO(seed)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(parts)))
        action = draw(st.integers(0, 11))
        if action == 0 and len(parts) > 1:
            del parts[name]
        elif action == 1:
            parts[
                draw(
                    st.sampled_from(
                        ("xl/chartsheets/sheet1.xml", "../a.xml", "xl/sharedStrings.xml", "a" * 300)
                    )
                )
            ] = parts[name]
        else:
            parts[name] = draw(changed(parts[name], tuple(parts.values())))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


@st.composite
def in_extract(draw, seed: bytes) -> bytes:
    """Return an .osm.pbf with the inside of a blob changed."""
    made, place = b"", 0
    for kind in ("OSMHeader", "OSMData"):
        length = struct.unpack(">I", seed[place : place + 4])[0]
        body = seed.index(b"x\x9c", place + 4 + length)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(seed[body:])
        place = len(seed) - len(unpacker.unused_data)
        made += blob(kind, draw(changed(content)) if kind == "OSMData" or draw(st.booleans()) else content)
    return made


@st.composite
def parquet_metadata(draw, seed: bytes) -> bytes:
    """Return a GeoParquet file whose metadata are changed; its thrift stays sound."""
    table = pq.read_table(io.BytesIO(seed))
    meta = dict(table.schema.metadata or {})
    geo = json.loads(meta.get(b"geo", b"{}"))
    odd = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2) | st.just({})
    crs = st.sampled_from(
        ("EPSG:4326", "/etc/passwd", "+init=/dev/zero:1", "http://127.0.0.1:9", {"type": "GeographicCRS"})
    )
    path = draw(
        st.sampled_from(
            (
                ("columns",),
                ("primary_column",),
                ("version",),
                ("columns", "geometry"),
                ("columns", "geometry", "crs"),
                ("columns", "geometry", "encoding"),
            )
        )
    )
    inner = geo
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = draw(odd | crs)
    content = json.dumps(geo).encode()
    meta[b"geo"] = draw(changed(content)) if draw(st.booleans()) else content
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(meta), sink)
    return sink.getvalue()


_ARROW = (
    pa.int8(),
    pa.uint64(),
    pa.float16(),
    pa.float64(),
    pa.bool_(),
    pa.string(),
    pa.large_string(),
    pa.binary(),
    pa.date32(),
    pa.date64(),
    pa.timestamp("ns"),
    pa.timestamp("ns", tz="UTC"),
    pa.time64("us"),
    pa.duration("s"),
    pa.decimal128(38, 10),
    pa.null(),
    pa.list_(pa.int32()),
    pa.struct([("a", pa.int32())]),
    pa.map_(pa.string(), pa.int32()),
    pa.dictionary(pa.int8(), pa.string()),
)


@st.composite
def parquet_types(draw, names: tuple[str, ...]) -> bytes:
    """Return a Parquet file with columns of any type under the names a table has."""
    rows = draw(st.integers(0, 4))
    columns = {}
    for name in draw(
        st.lists(st.sampled_from(names) | st.text(max_size=6), min_size=1, max_size=7, unique=True)
    ):
        kind = draw(st.sampled_from(_ARROW))
        columns[name] = _array(draw, kind, rows)
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, version="2.6")
    return sink.getvalue()


def _array(draw, kind: pa.DataType, rows: int) -> pa.Array:
    """Return an array of a type from odd values that fit it; nulls where none does."""
    odd = (
        0,
        1,
        -1,
        2**31,
        2**63 - 1,
        1.5,
        float("inf"),
        float("nan"),
        True,
        "",
        "x",
        "\x07",
        "＝1",
        b"\xff\0",
        b"",
        [1],
        [],
        {"a": 1},
        [("k", 1)],
        None,
    )
    values = []
    for _ in range(rows):
        value = draw(st.sampled_from(odd))
        try:
            pa.array([value], type=kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            value = None
        values.append(value)
    try:
        return pa.array(values, type=kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):  # each fits, but not together
        return pa.nulls(rows, type=kind)
