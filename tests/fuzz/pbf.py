"""A small OpenStreetMap extract in protocol buffers, written by hand (no library writes them here)."""

import struct
import zlib


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def _signed(value: int) -> bytes:
    return _varint(value * 2 if value >= 0 else -value * 2 - 1)


def _whole(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _zigzag(field: int, value: int) -> bytes:
    return _varint(field << 3) + _signed(value)


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _packed(field: int, values: list[int]) -> bytes:
    return _message(field, b"".join(_varint(value) for value in values))


def _deltas(field: int, values: list[int]) -> bytes:
    steps = [after - before for before, after in zip([0, *values], values, strict=False)]
    return _message(field, b"".join(_signed(step) for step in steps))


def blob(kind: str, content: bytes) -> bytes:
    """Return one blob of the chain: its header, and the content packed."""
    packed = _whole(2, len(content)) + _message(3, zlib.compress(content))
    header = _message(1, kind.encode()) + _whole(3, len(packed))
    return struct.pack(">I", len(header)) + header + packed


def extract(
    nodes: dict[int, tuple[float, float]],
    tagged: dict[int, dict[str, str]],
    ways: dict[int, tuple[list[int], dict[str, str]]],
) -> bytes:
    """Return an .osm.pbf of nodes (longitude, latitude), their tags, and ways with theirs."""
    words = [""]

    def number(word: str) -> int:
        if word not in words:
            words.append(word)
        return words.index(word)

    def tags(found: dict[str, str]) -> bytes:
        return _packed(2, [number(key) for key in found]) + _packed(
            3, [number(value) for value in found.values()]
        )

    group = b"".join(
        _message(
            1,
            _zigzag(1, node)
            + (tags(tagged[node]) if node in tagged else b"")
            + _zigzag(8, round(lat * 1e7))
            + _zigzag(9, round(lon * 1e7)),
        )
        for node, (lon, lat) in nodes.items()
    )
    lines = b"".join(
        _message(3, _whole(1, way) + tags(found) + _deltas(8, refs)) for way, (refs, found) in ways.items()
    )
    table = b"".join(_message(1, word.encode()) for word in words)
    block = _message(1, table) + _message(2, group) + _message(2, lines)
    return blob("OSMHeader", _message(4, b"OsmSchema-V0.6")) + blob("OSMData", block)
