"""Encodings told apart by their letters, and shapefiles whose parts contradict each other."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from layoutplan.city.encodings import detect_encoding, likeliest
from layoutplan.city.readers import read_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import TableSettings

TEXTS = {
    "梅ヶ谷小学校,東町立第一小学校": ("euc_jp", "cp932"),
    "サクラ小,モモ小,ひまわり幼稚園": ("euc_jp", "cp932"),
    "東京都立小学校,学区,名称": ("euc_jp", "cp932"),
    "한솔초등학교,푸른중학교": ("euc_kr",),
    "臺北市立國民小學,學區,學生人數": ("big5",),
    "郑州市第一小学,招生片区": ("gb18030",),
    "学校名称,校长\n高新区堃喆小学,㛃镕䶮": ("gb18030",),
    "École Sainte-Thérèse,Collège à côté": ("cp1252",),
    "Straße,Schüler,größer": ("cp1252",),
    "Escuela Nº 5,Peñalolén": ("cp1252",),
    "Instituto São João,Educação": ("cp1252",),
    "Ålesund skole,Tromsø": ("cp1252",),
    "Szkoła Podstawowa w Łodzi,Gdańsk": ("cp1250", "iso8859_2"),
    "Základní škola Příbram,Žďár": ("cp1250", "iso8859_2"),
    "Şcoala Gimnazială,Piteşti,Braşov,Constanţa": ("cp1250", "iso8859_2"),
    "Школа номер один,Москва": ("cp1251", "koi8_r", "cp866", "iso8859_5"),
    "Δημοτικό Σχολείο Αθηνών": ("cp1253",),
}
SHORT = {
    "喆堃镕": "gbk",
    "Caffè": "cp1252",
    "Ecole Ste-Thérèse": "cp1252",
    "São João – Nº 3": "cp1252",
    "さくら": "euc_jp",
    "Petrović,Đorđević": "cp1250",
}


def test_each_language_in_each_of_its_encodings():
    """Either the letters written come back, or (below) the user is asked: never others."""
    wrong = []
    for text, encodings in TEXTS.items():
        for encoding in encodings:
            data = f"id,name\n1,{text}\n".encode(encoding)
            found = detect_encoding(data)
            if found is None or data.decode(found) != data.decode(encoding):
                wrong.append((text, encoding, found))
    assert not wrong


def test_a_few_letters_are_asked_about():
    for text, encoding in SHORT.items():
        data = f"id,name\n1,{text}\n".encode(encoding)
        found = detect_encoding(data)
        assert found is None or data.decode(found) == data.decode(encoding), text
        assert likeliest(data)


def _read(path: Path, **settings):
    log = FaultLog()
    raw = read_table(path, TableSettings(file=path, **settings), log=TableLog(log, path.name, "schools"))
    return raw, {fault.code: fault for fault in log}


def test_the_encoding_used_is_named(tmp_path):
    (tmp_path / "a.csv").write_bytes(
        "编号,名称\nS1,梅ヶ谷小学校\n".replace("编号", "id").encode("euc_jp", "ignore")
    )
    raw, faults = _read(tmp_path / "a.csv")
    assert raw.frame.iloc[0].tolist()[-1] == "梅ヶ谷小学校"
    assert "EUC-JP" in faults["encoding_used"].what("en")
    assert raw.encoding == "euc_jp"


@pytest.fixture
def shapefile(tmp_path):
    frame = gpd.GeoDataFrame(
        {"id": ["S1", "S2"], "name": ["郑州市第一小学", "外国语小学"]},
        geometry=[Point(467_000, 3_847_000), Point(468_000, 3_848_000)],
        crs=4547,
    )
    frame.to_file(tmp_path / "a.shp", encoding="gbk")
    return tmp_path / "a.shp"


def test_a_cpg_that_contradicts_the_bytes_is_a_fault(shapefile):
    for stated in ("ISO-8859-1", "UTF-8", "1252"):
        shapefile.with_suffix(".cpg").write_text(stated)
        raw, faults = _read(shapefile)
        assert raw is None
        assert "gb18030" in faults["cpg_conflict"].remedy("en")
    assert _read(shapefile, encoding="gbk")[0].frame["name"].iloc[0] == "郑州市第一小学"
    shapefile.with_suffix(".cpg").write_text("GBK")
    assert not _read(shapefile)[1]
    shapefile.with_suffix(".cpg").unlink()
    data = bytearray(shapefile.with_suffix(".dbf").read_bytes())
    data[29] = 0x57  # "ANSI": whatever the writing machine used
    shapefile.with_suffix(".dbf").write_bytes(bytes(data))
    assert _read(shapefile)[0].frame["name"].iloc[1] == "外国语小学"


def test_parts_of_different_lengths_are_a_fault(shapefile, tmp_path):
    longer = gpd.read_file(shapefile)
    other = tmp_path / "b.shp"
    gpd.GeoDataFrame(longer.loc[[0]], crs=4547).to_file(other, encoding="gbk")
    for part in (".dbf", ".shx", ".shp"):
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            shutil.copy(shapefile.with_suffix(suffix), tmp_path / f"c{suffix}")
        shutil.copy(other.with_suffix(part), tmp_path / f"c{part}")
        raw, faults = _read(tmp_path / "c.shp")
        assert raw is None, part
        assert "shapefile_counts_differ" in faults, (part, faults)
