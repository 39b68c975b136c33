"""Templates: what `layoutplan new` writes can be filled in, and its example passes the check."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from layoutplan.dictionary import check_frame, check_references, input_tables, write_templates
from layoutplan.dictionary.templates import TEMPLATE_WORKBOOK
from layoutplan.errors import FaultLog
from layoutplan.standards import load_profile
from layoutplan.texts import LANGUAGES, Language
from tools.docs.dictionary_pages import PAGES, dictionary_markdown


@pytest.fixture(scope="module", params=LANGUAGES)
def templates(request, tmp_path_factory) -> tuple[Language, Path]:
    folder = tmp_path_factory.mktemp("templates") / "deep" / request.param
    written = write_templates(folder, lang=request.param)
    assert sorted(folder.iterdir()) == sorted(written)
    return request.param, folder


def test_the_examples_of_the_workbook_pass_the_check_together(templates: tuple[Language, Path]):
    lang, folder = templates
    log, frames = FaultLog(), {}
    for name, table in input_tables().items():
        raw = pd.read_excel(folder / TEMPLATE_WORKBOOK, sheet_name=table.title.of(lang), dtype=object)
        assert len(raw) == 1
        raw.index = raw.index + 2
        frames[name] = check_frame(raw, table, file=TEMPLATE_WORKBOOK, log=log)
    # The example of the adjacency names a second unit: a pair has two.
    frames["units"] = pd.concat([frames["units"], frames["units"].assign(unit_id="U0002")])
    check_references(frames, load_profile("cn-national").schooling, files={}, log=log)
    assert list(log) == []


def test_the_examples_of_the_csv_files_pass_the_check(templates: tuple[Language, Path]):
    _, folder = templates
    paths = sorted(folder.glob("*.csv"))
    shapeless = [table.name for table in input_tables().values() if table.geometry not in ("line", "polygon")]
    assert [path.stem for path in paths] == sorted(shapeless)
    for path in paths:
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        log = FaultLog()
        raw = pd.read_csv(path, dtype=object)
        check_frame(raw, input_tables()[path.stem], file=path.name, log=log)
        assert list(log) == []


def test_the_workbook_helps_to_fill_it_in(templates: tuple[Language, Path]):
    lang, folder = templates
    book = openpyxl.load_workbook(folder / TEMPLATE_WORKBOOK)
    assert book.sheetnames[0] == {"zh": "说明", "en": "Guide"}[lang]
    assert book[book.sheetnames[-1]].sheet_state == "hidden"
    schools = book[input_tables()["schools"].title.of(lang)]
    assert schools.freeze_panes == "C2"
    headers = [cell.value for cell in schools[1]]
    place = headers.index(input_tables()["schools"].column("school_type").header.of(lang))
    comment = schools.cell(1, place + 1).comment.text
    assert {"zh": "九年一贯制学校", "en": "nine_year"}[lang] in comment
    lists = [rule for rule in schools.data_validations.dataValidation if rule.type == "list"]
    assert any(schools.cell(2, place + 1).coordinate in rule.sqref for rule in lists)
    advanced = [column.header.of(lang) for column in input_tables()["schools"].columns if column.advanced]
    letter = schools.cell(1, headers.index(advanced[0]) + 1).column_letter
    assert schools.column_dimensions[letter].hidden


def test_formats_can_be_chosen(tmp_path: Path):
    assert [path.name for path in write_templates(tmp_path, lang="en", formats=("xlsx",))] == [
        TEMPLATE_WORKBOOK
    ]
    assert len(write_templates(tmp_path, lang="en", formats=("csv",))) > 10


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_printed_dictionary_is_current(lang: Language):
    """If this fails, call ``make docs``."""
    page = Path(__file__).parents[2] / "docs" / PAGES[lang]
    assert page.read_text(encoding="utf-8") == dictionary_markdown(lang)


def test_the_printed_dictionary_names_every_column():
    page = dictionary_markdown("zh")
    for table in input_tables().values():
        assert f"(`{table.name}`)" in page
        for column in table.columns:
            assert f"| `{column.name}` | " in page
