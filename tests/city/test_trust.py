"""Nobody is let in through a reader: no other file is read, no address asked, nothing but files opened."""

import http.server
import json
import os
import socket
import sqlite3
import struct
import threading
import warnings
from contextlib import closing, suppress
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import rasterio
from shapely.geometry import Point, box

from layoutplan.city.contents import CONTENT_KINDS, kind_of
from layoutplan.city.crs import crs_name
from layoutplan.city.gdal import offline
from layoutplan.city.raster import RasterSettings, read_raster
from layoutplan.city.readers import READ, fingerprint, read_table
from layoutplan.city.several_files import resolve
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.offline import NO_NETWORK, keep_process_offline
from layoutplan.plan.settings import TableSettings
from layoutplan.texts import LANGUAGES, keys

SECRET = "the secret of another file"  # noqa: S105  no password
POINTS = gpd.GeoDataFrame({"name": ["一"]}, geometry=[Point(113.6, 34.7)], crs=4326)


def read(path: Path, table: str = "schools", **settings):
    """Return what was read, and the codes of the faults."""
    log = FaultLog()
    raw = read_table(path, TableSettings(file=path, **settings), log=TableLog(log, path.name, table))
    for fault in log:
        assert all("{" not in fault.what(lang) + fault.remedy(lang) for lang in LANGUAGES)
    return raw, [fault.code for fault in log.errors]


@pytest.fixture
def server(monkeypatch):
    """A server on this machine, and the addresses it was asked for."""
    asked = []
    for name in NO_NETWORK:
        monkeypatch.delenv(name, raising=False)  # the command line may have run in this process

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815  the server's own name

        def log_message(self, *_):
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()


@pytest.fixture
def secret(tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    POINTS.assign(name=SECRET).to_file(folder / "secret.gpkg")
    return folder / "secret.gpkg"


def collection(*, geometry=None, **members) -> str:
    feature = {
        "type": "Feature",
        "properties": {"name": "一"},
        "geometry": {"type": "Point", "coordinates": [113.6, 34.7], **(geometry or {})},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature], **members})


def virtual(source: str, layer: str = "") -> str:
    named = f"<SrcLayer>{layer}</SrcLayer>" if layer else ""
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource>{named}'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def intruders(address: str, secret: Path) -> dict[str, tuple[str, str]]:
    """Return texts that make GDAL read another file or ask the network, and the fault each must be."""

    def link(kind, key):
        return {"type": kind, "properties": {key: f"{address}/crs"}}

    return {
        "a virtual file of another file": (virtual(str(secret), "secret"), "content_other"),
        "one after a blank and a mark": ("\ufeff\n " + virtual(str(secret), "secret"), "content_other"),
        "a virtual file of the network": (virtual(f"/vsicurl/{address}/a.geojson"), "content_other"),
        "commands for GDAL": (
            json.dumps(
                {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}"}
            ),
            "content_other",
        ),
        "commands beside features": (
            (
                f'{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {secret}", '
                '"type": "FeatureCollection", "features": []}'
            ),
            "content_other",
        ),
        "a feature service": (
            f"<OGRWFSDataSource><URL>{address}/wfs</URL></OGRWFSDataSource>",
            "content_other",
        ),
        "GML": (
            f'<a:FeatureCollection xmlns:a="x" xsi:schemaLocation="x {address}/x.xsd"/>',
            "content_other",
        ),
        "a system by link": (collection(crs=link("link", "href")), "crs_by_address"),
        "a system by URL": (collection(crs=link("url", "url")), "crs_by_address"),
        "a system of a geometry": (collection(geometry={"crs": link("link", "href")}), "crs_by_address"),
        "a system by an address as name": (collection(crs=link("name", "name")), "crs_by_address"),
        "a system by a file as name": (
            collection(crs={"type": "name", "properties": {"name": str(secret)}}),
            "crs_by_address",
        ),
        "TopoJSON": ('{"type": "Topology", "objects": {}, "arcs": []}', "content_other"),
        "Esri JSON": ('{"geometryType": "esriGeometryPoint", "features": []}', "content_other"),
        "lines of features": (collection() + "\n" + collection(), "vector_damaged"),
    }


@pytest.mark.parametrize("suffix", ["geojson", "json", "gpkg", "shp", "fgb", "parquet", "osm", "csv"])
def test_no_text_makes_a_reader_look_elsewhere(suffix, server, secret, tmp_path):
    address, asked = server
    for name, (text, code) in intruders(address, secret).items():
        path = tmp_path / f"a.{suffix}"
        path.write_text(text, encoding="utf-8")
        raw, codes = read(path, table="roads" if suffix == "osm" else "schools")
        if suffix in ("geojson", "json"):
            assert codes == [code], name
        assert raw is None or (suffix == "csv" and SECRET not in raw.frame.to_string()), name
        assert suffix == "csv" or codes, name
        assert asked == [], name


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:EPSG::4326",
        "EPSG:4326",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "WGS84",
    ],
)
def test_a_system_by_its_name_is_read(name, tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text(collection(crs={"type": "name", "properties": {"name": name}}))
    raw, codes = read(path)
    assert codes == []
    assert raw.crs.is_geographic
    assert not raw.crs_assumed


def attempt(path: Path) -> None:
    """Give a file to GDAL as it is."""
    with suppress(RuntimeError, ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.read_dataframe(path)


@pytest.mark.parametrize("how", ["virtual", "system"])
def test_the_second_lock_holds_where_content_was_not_looked_at(how, server, tmp_path):
    address, asked = server
    system = {"type": "link", "properties": {"href": f"{address}/crs"}}
    path = tmp_path / "a.geojson"
    path.write_text(virtual(f"/vsicurl/{address}/a.geojson") if how == "virtual" else collection(crs=system))
    with offline():
        attempt(path)
    assert asked == []
    assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") is None
    attempt(path)
    assert asked, "without the lock the address is asked: the test can fail"


def test_the_command_line_is_offline_as_a_whole(server, tmp_path, monkeypatch):
    address, asked = server
    for name in (*NO_NETWORK, "no_proxy", "NO_PROXY", "PROJ_NETWORK"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    keep_process_offline()
    (tmp_path / "a.geojson").write_text(virtual(f"/vsicurl/{address}/b.geojson"))
    attempt(tmp_path / "a.geojson")
    assert asked == []


def test_the_name_of_a_system_can_be_printed():
    odd = pyproj.CRS.from_wkt(pyproj.CRS(4547).to_wkt().replace("CGCS2000 / ", "CGCS\x072000 / "))
    assert "\x07" not in crs_name(odd)


def raster(path: Path, value: float = 5.0) -> None:
    profile = {"driver": "GTiff", "height": 4, "width": 4, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", transform=rasterio.Affine(0.1, 0, 113, 0, -0.1, 35), **profile) as file:
        file.write(np.full((4, 4), value, dtype=np.float32), 1)


def people(path: Path):
    log = FaultLog()
    inside = gpd.GeoSeries([box(113, 34.6, 113.4, 35)], crs=4326)
    units = read_raster(
        path, path, settings=RasterSettings(), inside=inside, log=TableLog(log, path.name, "units")
    )
    return None if units is None else units.frame["population"].sum(), [fault.code for fault in log.errors]


def test_nothing_beside_a_raster_is_read(server, tmp_path):
    address, asked = server
    path = tmp_path / "a.tif"
    raster(path)
    elsewhere = (
        f'<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>/vsicurl/{address}/b.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    for ending in (".msk", ".ovr"):
        path.with_name(path.name + ending).write_text(elsewhere)
    path.with_name(path.name + ".aux.xml").write_text(
        '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">'
        f"/vsicurl/{address}/c.tif</MDI></Metadata></PAMDataset>"
    )
    assert people(path) == (80.0, [])
    path.write_text(elsewhere)
    assert people(path) == (None, ["content_other"])
    assert asked == []


def test_a_world_file_still_places_a_raster(tmp_path):
    raster(tmp_path / "a.tif")
    with rasterio.open(tmp_path / "a.tif") as file:
        values, profile = file.read(), {**file.profile, "transform": rasterio.Affine.identity()}
    with rasterio.open(tmp_path / "b.tif", "w", **profile) as file:
        file.write(values)
    (tmp_path / "b.tfw").write_text("0.1\n0\n0\n-0.1\n113.05\n34.95\n")
    assert people(tmp_path / "b.tif") == people(tmp_path / "a.tif") == (80.0, [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("DROP TABLE gpkg_contents", "content_other"),
        ("ALTER TABLE layer RENAME TO rest; CREATE VIEW layer AS SELECT * FROM rest", "layer_not_table"),
        (
            (
                "ALTER TABLE layer RENAME TO rest; CREATE VIEW layer AS WITH RECURSIVE n(i) AS "
                "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, NULL AS geom FROM n WHERE i < 0"
            ),
            "layer_not_table",
        ),
        ("ALTER TABLE layer ADD COLUMN x AS (length(zeroblob(900000000)))", "layer_not_table"),
        (
            "DROP TABLE gpkg_spatial_ref_sys; CREATE VIEW gpkg_spatial_ref_sys AS SELECT 1 AS srs_id",
            "layer_not_table",
        ),
    ],
)
def test_a_layer_is_a_table_that_holds_its_rows(tmp_path, change, code):
    path = tmp_path / "a.gpkg"
    POINTS.to_file(path, layer="layer", SPATIAL_INDEX="NO")
    with closing(sqlite3.connect(path)) as database:
        for trigger in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger[0]}"')
        database.execute("PRAGMA legacy_alter_table = ON")
        database.executescript(change)
    assert read(path) == (None, [code])


def test_a_table_that_is_no_layer_is_read_where_the_plan_names_it(tmp_path):
    path = tmp_path / "a.gpkg"
    POINTS.to_file(path, layer="layer", SPATIAL_INDEX="NO")
    with closing(sqlite3.connect(path)) as database:
        database.executescript("CREATE TABLE more (name TEXT); INSERT INTO more VALUES ('二')")
    raw, codes = read(path)
    assert (codes, raw.frame["name"].tolist()) == ([], ["一"])
    raw, codes = read(path, layer="more")
    assert (codes, raw.frame["name"].tolist()) == ([], ["二"])


def test_a_package_with_rows_pending_is_read_whole_and_not_touched(tmp_path):
    path = tmp_path / "a.gpkg"
    POINTS.to_file(path, layer="layer", SPATIAL_INDEX="NO")
    before = fingerprint(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for trigger in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger[0]}"')
        database.execute("INSERT INTO layer (geom, name) SELECT geom, '二' FROM layer")
        database.commit()
        files = {
            file.name: file.read_bytes() for file in tmp_path.iterdir() if not file.name.endswith("-shm")
        }
        raw, codes = read(path)
        assert codes == []
        assert raw.frame["name"].tolist() == ["一", "二"]
        after = {
            file.name: file.read_bytes() for file in tmp_path.iterdir() if not file.name.endswith("-shm")
        }
        assert after == files
        assert fingerprint(path) != before
    (tmp_path / "a.gpkg-journal").write_bytes(b"\xd9\xd5\x05\xf9 half of a change")
    assert read(path) == (None, ["package_being_written"])


@pytest.mark.parametrize("stated", ["/etc/passwd", "+init=/dev/zero:1", "http://127.0.0.1:9/crs", 7])
def test_a_system_in_parquet_is_no_file_and_no_address(tmp_path, stated):
    POINTS.to_parquet(tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    meta = json.loads(table.schema.metadata[b"geo"])
    meta["columns"]["geometry"]["crs"] = stated
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(meta).encode()}), tmp_path / "b.parquet")
    assert read(tmp_path / "b.parquet") == (None, ["vector_damaged"])


def test_a_system_that_needs_a_file_is_refused(tmp_path):
    POINTS.to_crs(3857).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").write_text(
        'PROJCS["x",GEOGCS["y",DATUM["z",SPHEROID["s",6378137,298.257223563],EXTENSION["PROJ4_GRIDS","/secret.gsb"]],'
        'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Mercator_1SP"],'
        'PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],PARAMETER["false_easting",0],'
        'PARAMETER["false_northing",0],UNIT["metre",1]]'
    )
    assert read(tmp_path / "a.shp") == (None, ["crs_needs_file"])


# Only files


def test_pipes_devices_sockets_and_loops_are_no_files(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "folder.csv").mkdir()
    here = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    here.bind("socket.csv")
    found = {
        name: read(tmp_path / f"{name}.csv")[1]
        for name in ("pipe", "device", "loop", "folder", "socket", "no")
    }
    assert found == {
        "pipe": ["not_regular"],
        "device": ["not_regular"],
        "loop": ["link_loop"],
        "folder": ["is_folder"],
        "socket": ["not_regular"],
        "no": ["missing_file"],
    }
    here.close()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("https://a.cn/b.csv", "is_address"),
        ("s3://bucket/b.csv", "is_address"),
        ("/vsicurl/http://a.cn/b.csv", "is_address"),
        ("/vsizip/a.zip/b.csv", "is_address"),
        ("~root/b.csv", "home_of_user"),
        ("~nobody-here/b.csv", "home_of_user"),
        ("a\0b.csv", "missing_file"),
        ("a" * 5000 + ".csv", "missing_file"),
        ("file.csv/b.csv", "missing_file"),
    ],
)
def test_what_is_no_path_is_told(tmp_path, written, code):
    (tmp_path / "file.csv").write_text("a,b\n1,2\n")
    log = FaultLog()
    settings = TableSettings(file=Path(written))
    path = resolve(Path(written), tmp_path)
    assert read_table(path, settings, log=TableLog(log, "x", "schools")) is None
    assert [fault.code for fault in log] == [code]


def test_a_part_of_a_shapefile_that_is_a_pipe_is_told(tmp_path):
    POINTS.to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    os.mkfifo(tmp_path / "a.prj")
    assert read(tmp_path / "a.shp") == (None, ["not_regular"])


def test_every_kind_of_content_has_a_name_and_every_suffix_a_kind():
    named = {key.split(".")[1] for key in keys("contents.")}
    assert set(CONTENT_KINDS.values()) <= named
    assert set(READ) <= set(CONTENT_KINDS)
    for head in (b"", b"a,b", b"%PDF-1", b"\x1f\x8b\x08", b"\x89PNG", b"<svg", struct.pack("<i", 3) * 9):
        assert kind_of(head) in named
