"""The parts of an editable Word document: styles, native tables, pictures, headers and footers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from layoutplan.outputs.files.archive import fix_dates
from layoutplan.outputs.report.word_columns import column_widths, is_figure
from layoutplan.texts import Language, text

# Names that Word and WPS in China have; a machine without them takes its own Chinese font.
_BODY: Final[dict[Language, tuple[str, str]]] = {"zh": ("Times New Roman", "宋体"), "en": ("Calibri", "宋体")}
_HEADS: Final[dict[Language, tuple[str, str]]] = {
    "zh": ("Arial", "微软雅黑"),
    "en": ("Calibri", "微软雅黑"),
}
_ELSEWHERE: Final = {
    "宋体": "SimSun,Noto Serif CJK SC,Songti SC",
    "微软雅黑": "Microsoft YaHei,Noto Sans CJK SC",
}
_INK: Final = RGBColor(0x1F, 0x4E, 0x79)
_QUIET: Final = RGBColor(0x5B, 0x65, 0x70)
_HEAD_FILL: Final = "DCE6F1"
_RULE: Final = "1F4E79"
_HAIRLINE: Final = "C5CDD6"
_TEXT_WIDTH_CM: Final = 16.0
_LANDSCAPE_WIDTH_CM: Final = 24.7
_CELL_SIZE: Final = 8.5
_PROPERTY_LETTERS: Final = 255  # of a document's properties; the pages show the whole title
_KEPT_ROWS: Final = 15
_HEADING_SIZES: Final = {1: 15, 2: 12.5}
_ALTERNATE: Final = '<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>'


class WordDocument:
    """Word document that grows from top to bottom; tables and pictures are numbered in order."""

    def __init__(self, *, lang: Language, title: str, author: str) -> None:
        self.lang = lang
        self._tables = 0
        self._pictures = 0
        self._width = _TEXT_WIDTH_CM
        self._document = Document()
        core = self._document.core_properties
        core.title, core.author = title[:_PROPERTY_LETTERS], author[:_PROPERTY_LETTERS]
        core.comments, core.language = "", lang
        self._set_styles()
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
        section.top_margin, section.bottom_margin = Cm(2.5), Cm(2.2)

    def cover(self, title: str, lines: Sequence[str]) -> None:
        """Write the title and the lines below it.

        Parameters
        ----------
        title
            The title.
        lines
            Lines of the subtitle.
        """
        head = self._document.add_paragraph(_plain(title), style="Title")
        head.alignment = WD_ALIGN_PARAGRAPH.LEFT
        for line in lines:
            paragraph = self._document.add_paragraph(style="Subtitle")
            paragraph.add_run(_plain(line))

    def running_lines(self, header: str, footer: str, footer_end: str) -> None:
        """Write the header and the footer of every page.

        Parameters
        ----------
        header
            Text of the header.
        footer
            Text before the page number.
        footer_end
            Text after it.
        """
        section = self._document.sections[0]
        top = section.header.paragraphs[0]
        top.text = _plain(header)
        bottom = section.footer.paragraphs[0]
        bottom.alignment = WD_ALIGN_PARAGRAPH.CENTER
        bottom.add_run(_plain(footer))
        _add_field(bottom.add_run(), "PAGE")
        bottom.add_run(_plain(footer_end) or " ")
        for paragraph in (top, bottom):
            for run in paragraph.runs:
                run.font.size, run.font.color.rgb = Pt(8.5), _QUIET

    def heading(self, words: str, *, level: int = 1) -> None:
        """Write a heading.

        Parameters
        ----------
        words
            The text.
        level
            Level of the heading, 1 the highest.
        """
        self._document.add_heading(_plain(words), level=level)

    def paragraph(self, words: str) -> None:
        """Write a paragraph.

        Parameters
        ----------
        words
            The text.
        """
        self._document.add_paragraph(_plain(words))

    def points(self, points: Sequence[str]) -> None:
        """Write a list with bullets.

        Parameters
        ----------
        points
            Texts of the points.
        """
        for point in points:
            self._document.add_paragraph(_plain(point), style="List Bullet")

    def small(self, words: str) -> None:
        """Write a remark below a table or picture.

        Parameters
        ----------
        words
            The text.
        """
        self._document.add_paragraph(_plain(words), style="Remark")

    def picture(self, png: bytes, words: str, *, width_cm: float = _TEXT_WIDTH_CM) -> None:
        """Place a picture with its caption, which is also its description for screen readers.

        Parameters
        ----------
        png
            The picture.
        words
            Text of the caption, without its number.
        width_cm
            Width, cm.
        """
        self._pictures += 1
        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Cm(width_cm))
        shape._inline.docPr.set("descr", _plain(words))  # noqa: SLF001  python-docx offers no other way
        caption = text("document.caption.picture", self.lang, n=self._pictures, words=words)
        self._document.add_paragraph(_plain(caption), style="Caption")

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], words: str, *, widths: Sequence[float]
    ) -> None:
        """Write a native table with its caption above; its header repeats on every page.

        Parameters
        ----------
        heads
            Texts of the header.
        rows
            Texts by row.
        words
            Text of the caption, without its number.
        widths
            Share of the text width of each column where its longest word needs no more. A column is
            right-aligned where all its cells are figures. A short table stays on one page.
        """
        self._tables += 1
        caption = text("document.caption.table", self.lang, n=self._tables, words=words)
        above = self._document.add_paragraph(_plain(caption), style="Caption")
        above.paragraph_format.keep_with_next = True
        table = self._document.add_table(rows=1, cols=len(heads))
        _draw_hairlines(table)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        fitted = column_widths(heads, rows, shares=widths, total=self._width, size=_CELL_SIZE)
        cm = [Cm(width) for width in fitted]
        for column, width in zip(table.columns, cm, strict=True):
            column.width = width
        figures = [bool(rows) and all(is_figure(row[place]) for row in rows) for place in range(len(heads))]
        _fill_row(table.rows[0], heads, cm, figures, head=True)
        for row in rows:
            _fill_row(table.add_row(), row, cm, figures, head=False)
        _keep_together(table.rows[: -1 if len(rows) <= _KEPT_ROWS else 2])
        _mark_head(table.rows[0])
        self._document.add_paragraph(style="Gap")

    def turn(self, *, landscape: bool) -> None:
        """Begin a new page, upright or landscape; all that follows is as wide as its text.

        Parameters
        ----------
        landscape
            Whether the page lies on its long side.
        """
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        sides = Cm(21.0), Cm(29.7)
        section.page_width, section.page_height = sides[::-1] if landscape else sides
        self._width = _LANDSCAPE_WIDTH_CM if landscape else _TEXT_WIDTH_CM

    def page_break(self) -> None:
        """Begin a new page."""
        self._document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def save(self, path: Path) -> None:
        """Write the document; the same content gives the same bytes.

        Parameters
        ----------
        path
            The DOCX file.
        """
        _name_alternatives(self._document)
        self._document.save(str(path))
        fix_dates(path)

    def _set_styles(self) -> None:
        styles = self._document.styles
        body = styles["Normal"]
        _set_font(body, *_BODY[self.lang], size=10.5)
        body.paragraph_format.space_after = Pt(5)
        body.paragraph_format.line_spacing = 1.3
        for level, size in _HEADING_SIZES.items():
            style = styles[f"Heading {level}"]
            _set_font(style, *_HEADS[self.lang], size=size, colour=_INK, bold=True)
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(14), Pt(5)
            style.paragraph_format.keep_with_next = True
        _set_font(styles["Title"], *_HEADS[self.lang], size=24, colour=_INK, bold=True)
        _set_font(styles["Subtitle"], *_BODY[self.lang], size=10.5, colour=_QUIET)
        styles["Subtitle"].font.italic = False
        styles["Subtitle"].paragraph_format.space_after = Pt(2)
        _set_font(styles["Caption"], *_HEADS[self.lang], size=9, colour=_QUIET, bold=False)
        styles["Caption"].paragraph_format.space_before = Pt(4)
        styles["Caption"].paragraph_format.space_after = Pt(3)
        styles["Caption"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for name, size in (("Remark", 9.0), ("Cell", _CELL_SIZE), ("Gap", 3.0)):
            style = styles.add_style(name, 1)
            style.base_style = body
            _set_font(style, *_BODY[self.lang], size=size, colour=_QUIET if name == "Remark" else None)
            style.paragraph_format.space_before = Pt(2.5 if name == "Cell" else 0)
            style.paragraph_format.space_after = Pt(2.5 if name == "Cell" else 4)
            style.paragraph_format.line_spacing = 1.0 if name != "Remark" else 1.2


def _set_font(
    style: Any,  # noqa: ANN401  python-docx has no types
    latin: str,
    chinese: str,
    *,
    size: float,
    colour: RGBColor | None = None,
    bold: bool | None = None,
) -> None:
    """Name both fonts of a style; those of the template's theme would win over them and are removed."""
    style.font.name, style.font.size = latin, Pt(size)
    if colour is not None:
        style.font.color.rgb = colour
    if bold is not None:
        style.font.bold = bold
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    language = style.element.rPr.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        style.element.rPr.append(language)
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), "zh-CN")
    for part, name in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{part}"), name)


def _draw_hairlines(table: Any) -> None:  # noqa: ANN401
    """Rule a table lightly: lines between rows, heavier ones above and below, none between columns."""
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (("top", 8, _RULE), ("bottom", 8, _RULE), ("insideH", 4, _HAIRLINE)):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)  # noqa: SLF001


def _fill_row(
    row: Any,  # noqa: ANN401
    cells: Sequence[str],
    widths: Sequence[Any],
    figures: Sequence[bool],
    *,
    head: bool,
) -> None:
    for cell, words, width, right in zip(row.cells, cells, widths, figures, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph._p.style = "Cell"  # noqa: SLF001  the style's id; by its name it is searched for in every cell
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
        run = paragraph.add_run(_plain(words))
        if head:
            run.font.bold = True
            shade = OxmlElement("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", _HEAD_FILL)):
                shade.set(qn(f"w:{name}"), value)
            cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001
    properties.append(OxmlElement("w:cantSplit"))


def _keep_together(rows: Any) -> None:  # noqa: ANN401
    """Keep each of these rows on the page of the row after it."""
    for row in rows:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _mark_head(row: Any) -> None:  # noqa: ANN401
    """Let Word repeat the row at the top of every page the table reaches."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001


def _add_field(run: Any, code: str) -> None:  # noqa: ANN401
    """Put a field, such as the page number, into a run."""
    for kind in ("begin", "separate", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)  # noqa: SLF001
        if kind == "begin":
            words = OxmlElement("w:instrText")
            words.set(qn("xml:space"), "preserve")
            words.text = code
            run._r.append(words)  # noqa: SLF001


def _name_alternatives(document: Any) -> None:  # noqa: ANN401
    """Name in the font table which fonts may stand in for the Chinese ones."""
    entries = "".join(_ALTERNATE.format(name=name, other=other) for name, other in _ELSEWHERE.items())
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")  # noqa: SLF001


def _plain(words: str) -> str:
    """Drop control characters, which XML can not hold."""
    return "".join(letter for letter in words if letter >= " " or letter in "\n\t")
