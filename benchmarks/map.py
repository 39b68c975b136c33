"""Size and speed of the map page, beside plain folium layers of the same data in the same browser.

Run ``python benchmarks/map.py [RUN_FOLDER]``. ``RUN_FOLDER`` is the folder of one finished run
(default: the bundled city is run first). Two ways to show the same tables:

* ``layoutplan``: the page of the run folder;
* ``plain``: one ``folium.GeoJson`` layer for each stage, year and plan of the areas, of the schools and of
  the homes of pupils without a seat; hotspots and proposals; and the streets, barriers and districts.
  Leaflet comes from the package, so that it loads offline too.

Interactive means: the page has drawn what it shows first and answers a click. A year is switched by moving
the slider, or by taking one layer off and putting the next on; the time is until the next frame is painted.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
from playwright.sync_api import Browser, sync_playwright
from xstatic.pkg import leaflet

from layoutplan import load_city, load_plan, run_plan, write_run
from layoutplan.maps.page import _leaflet_script, _leaflet_style

DEMO = Path(__file__).parent.parent / "data" / "demo" / "plan.toml"
ROUNDS = 5
SWITCH_YEAR = """async () => {
  const year = document.getElementById('year'), times = [];
  for (let to = Number(year.min); to <= Number(year.max); to += 1) {
    const begin = performance.now();
    year.value = to; year.dispatchEvent(new Event('input'));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - begin);
  }
  return times;
}"""
SWITCH_STAGE = """async () => {
  const times = [];
  for (let at = 0; at < document.querySelectorAll('#stages button').length; at += 1) {
    const begin = performance.now();
    document.querySelectorAll('#stages button')[at].click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - begin);
  }
  return times;
}"""
SWITCH_LAYER = """async () => {
  const times = [];
  for (let at = 1; at < window.layers.length && at < 9; at += 1) {
    const begin = performance.now();
    window.theMap.removeLayer(window.layers[at - 1]); window.theMap.addLayer(window.layers[at]);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - begin);
  }
  return times;
}"""


def main() -> None:
    """Measure both ways, print a table, write JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path)
    options.add_argument("--plan", type=Path, default=DEMO, help="the plan of RUN_FOLDER")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or _run(given.plan, Path(name) / "base")
        plain = Path(name) / "plain.html"
        plain.write_text(_plain_page(folder, given.plan), encoding="utf-8")
        program = (
            shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        )
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            ways = {
                "layoutplan": _measure(browser, folder / "map.html", "html[data-ready=yes]", SWITCH_YEAR),
                "plain": _measure(browser, plain, "html[data-ready=yes]", SWITCH_LAYER),
            }
            browser.close()
    _print(ways)
    if given.json:
        given.json.write_text(json.dumps(ways, indent=2) + "\n", encoding="utf-8")


def _run(plan: Path, folder: Path) -> Path:
    write_run(run_plan(load_plan(plan)), folder)
    return folder


def _plain_page(folder: Path, plan: Path) -> str:
    """Return the same data as plain layers: geometry written again for every stage, year and plan."""
    base = folium.Map(tiles=None)
    base.default_js, base.default_css = [], []
    source = folder / "results.gpkg"
    names: list[str] = []
    for layer in ("catchments", "districts"):
        frame = gpd.read_file(source, layer=layer).to_crs("EPSG:4326")
        if layer == "districts":
            judged = set(gpd.read_file(source, layer="catchments")["stage"])
            frame = frame[~frame["stage"].isin(judged)]
        for _, rows in frame.groupby(["stage", "variant", "year"]):
            names.append(_layer(base, rows, show=not names))
    schools = gpd.read_file(source, layer="schools").to_crs("EPSG:4326")
    first = True
    for _, rows in schools[schools.geometry.notna()].groupby(["stage", "variant", "year"]):
        _layer(base, rows, show=first)
        first = False
    for layer in ("hotspots", "proposals"):
        try:
            rows = gpd.read_file(source, layer=layer).to_crs("EPSG:4326")
        except (OSError, ValueError):
            continue
        _layer(base, rows)
    city = load_city(load_plan(plan))
    for name in ("roads", "barriers"):
        ground = gpd.GeoDataFrame(city.tables[name])
        if not ground.empty:
            _layer(base, ground.to_crs("EPSG:4326"))
    _layer(base, city.districts.to_crs("EPSG:4326"))
    homes = pd.read_csv(folder / "tables" / "unit_demand.csv", dtype={"unit_id": str})
    homes = homes[homes["unserved"] > 0.5]  # noqa: PLR2004  as the page shows them
    places = city.units.to_crs("EPSG:4326").geometry
    first = True
    for _, rows in homes.groupby(["stage", "variant", "year"]):
        at = places.loc[rows["unit_id"]].to_numpy()
        shown = gpd.GeoDataFrame(rows[["unit_id", "unserved"]], geometry=at, crs="EPSG:4326")
        _layer(base, shown, show=first)
        first = False
    west, south, east, north = places.total_bounds
    base.fit_bounds([[south, west], [north, east]])
    page: str = base.get_root().render()
    assets = Path(leaflet.BASE_DIR)
    head = f"<head><style>{_leaflet_style(assets)}</style><script>{_leaflet_script(assets)}</script>"
    tail = (
        f"<script>window.theMap = {base.get_name()}; window.layers = [{', '.join(names)}];"
        "requestAnimationFrame(() => { document.documentElement.dataset.ready = 'yes'; });</script></html>"
    )
    return page.replace("<head>", head, 1).replace("</html>", tail, 1)


def _layer(base: folium.Map, rows: gpd.GeoDataFrame, *, show: bool = True) -> str:
    columns = rows.drop(columns=[name for name in ("reason", "rejected", "remedy") if name in rows])
    layer = folium.GeoJson(columns.to_json(), marker=folium.CircleMarker(radius=5), show=show)
    layer.add_to(base)
    name: str = layer.get_name()
    return name


def _measure(browser: Browser, path: Path, ready: str, switch: str) -> dict[str, Any]:
    interactive, switches, stages, memory = [], [], [], 0.0
    for _ in range(ROUNDS):
        page = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True).new_page()
        begin = time.perf_counter()
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_selector(ready, timeout=120_000)
        interactive.append((time.perf_counter() - begin) * 1000)
        switches += page.evaluate(switch)
        if switch == SWITCH_YEAR:
            stages += page.evaluate(SWITCH_STAGE)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        memory = max(memory, metrics["JSHeapUsedSize"] / 1e6)
        page.context.close()
    found = {
        "megabytes": path.stat().st_size / 1e6,
        "interactive_ms": statistics.median(interactive),
        "switch_year_ms": statistics.median(switches),
        "switch_year_worst_ms": max(switches),
        "script_memory_mb": memory,
    }
    if stages:
        found["switch_stage_ms"] = statistics.median(stages)
    return {name: round(value, 2) for name, value in found.items()}


def _print(ways: dict[str, dict[str, Any]]) -> None:
    table = pd.DataFrame(ways)
    table["plain / layoutplan"] = (table["plain"] / table["layoutplan"]).round(1)
    print(table.to_string(float_format=lambda value: f"{value:,.1f}"))


if __name__ == "__main__":
    main()
