"""The packaged font of charts and maps, as TrueType, which every PDF reader supports.

Noto Sans SC comes as OpenType with cubic outlines, which matplotlib writes into a PDF under the wrong type.
The few hundred characters a document uses are therefore drawn again with the quadratic curves of TrueType.
"""

from __future__ import annotations

import io
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import pandas as pd
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from matplotlib.font_manager import FontProperties
from pylopdf_fonts_zh_cn import sans_path

from layoutplan.texts import LANGUAGES, keys, text

_NOTDEF: Final = ".notdef"
_ERROR_UNITS: Final = 1.0  # of 1,000 an em: far below what a printer shows
_SUBJECTS: Final = ("answers.", "atlas.", "document.", "stages.", "report.")


@contextmanager
def drawing_font(characters: Iterable[str]) -> Iterator[FontProperties]:
    """Provide a font that holds ``characters``, for the duration of the block.

    Parameters
    ----------
    characters
        Texts that will be drawn. A character without a glyph in the font is shown as an empty box.

    Yields
    ------
    FontProperties
        The font.
    """
    wanted = {ord(letter) for part in characters for letter in part} | set(range(0x20, 0x7F))
    with tempfile.TemporaryDirectory(prefix="layoutplan-") as folder, warnings.catch_warnings():
        path = Path(folder) / "LayoutplanSans.ttf"
        path.write_bytes(_truetype(tuple(sorted(wanted))))
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        yield FontProperties(fname=str(path))


def letters_of(tables: Mapping[str, pd.DataFrame], *, extra: Iterable[str] = ()) -> list[str]:
    """Return every text that a drawing of these tables may show.

    Parameters
    ----------
    tables
        Result tables by name; read are their columns of names and ids.
    extra
        Further texts.

    Returns
    -------
    list[str]
        Texts of the catalogue in both languages, names, then ``extra``.
    """
    words = [text(key, lang) for subject in _SUBJECTS for key in keys(subject) for lang in LANGUAGES]
    named = [
        str(value)
        for frame in tables.values()
        for column in ("name", "nearest_spare_school", "district_id", "school_id")
        if column in frame.columns
        for value in frame[column].dropna().unique()
    ]
    return [*words, *named, *extra]


@cache
def _packaged() -> TTFont:
    return TTFont(sans_path(), lazy=True)


@cache  # report, summary and atlas of a run share nearly all their letters
def _outline(name: str) -> Glyph:
    """Return the outline of a glyph of the packaged font, each cubic curve drawn with quadratic ones."""
    pen = TTGlyphPen(None)
    _packaged().getGlyphSet()[name].draw(Cu2QuPen(pen, _ERROR_UNITS, reverse_direction=True))
    return pen.glyph()


@lru_cache(maxsize=2)
def _truetype(codes: tuple[int, ...]) -> bytes:
    """Return a TrueType font with the glyphs of ``codes``."""
    source = _packaged()
    known = source.getBestCmap()
    widths = source["hmtx"].metrics
    names = {code: known[code] for code in codes if code in known}
    order = [_NOTDEF, *dict.fromkeys(name for name in names.values() if name != _NOTDEF)]
    outlines = {name: _outline(name) for name in order}
    head, lines = source["head"], source["hhea"]
    made = FontBuilder(head.unitsPerEm, isTTF=True)
    made.updateHead(created=head.created, modified=head.modified)
    made.setupGlyphOrder(order)
    made.setupCharacterMap(names)
    made.setupGlyf(outlines)
    left = {name: getattr(outline, "xMin", 0) for name, outline in outlines.items()}
    made.setupHorizontalMetrics({name: (widths[name][0], left[name]) for name in order})
    made.setupHorizontalHeader(ascent=lines.ascent, descent=lines.descent)
    made.setupNameTable({"familyName": "Layoutplan Sans", "styleName": "Regular", "psName": "LayoutplanSans"})
    made.setupOS2(sTypoAscender=lines.ascent, sTypoDescender=lines.descent)
    made.setupPost()
    made.font.recalcTimestamp = False
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()
