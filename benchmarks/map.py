"""Size and speed of the map page, beside plain folium layers of the same data in the same browser.

Run ``python benchmarks/map.py [RUN_FOLDER]``. ``RUN_FOLDER`` is the folder of one finished run
(default: the bundled city is run first). Two ways to show the same tables:

* ``layoutplan``: the page of the run folder;
* ``plain``: one ``folium.GeoJson`` layer for each stage, year and plan of the areas, of the schools and of
  the homes of pupils without a seat; hotspots and proposals; and the streets, barriers and districts.
  Leaflet comes from the package, so that it loads offline too.

Interactive means: the page has drawn what it shows first and answers a click. A year is switched by moving
the slider, or by taking one layer off and putting the next on; the time is until the next frame is painted.
Memory is that of the page's script, and the proportional set size of all the browser's processes (Linux).

``--metropolis`` measures the map of a whole metropolis instead: 12.8 million residents (``--residents``) made
by the package's own generator, four stages, eleven years, three scenarios on one page. With ``RUN_FOLDER`` it
measures the ``map.html`` of several scenarios that is already there.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
from playwright.sync_api import Browser, Playwright, sync_playwright
from xstatic.pkg import leaflet

from layoutplan import load_city, load_plan, run_plan, write_run
from layoutplan.outputs.map.page import _leaflet_script, _leaflet_style
from layoutplan.runs import write_index
from layoutplan.synthetic import write_demo

DEMO = Path(__file__).parent.parent / "data" / "demo" / "plan.toml"
ROUNDS = 5
METROPOLIS_ROUNDS = 3
METROPOLIS_RESIDENTS = 12_800_000
SCENARIOS = (None, "high-growth", "low-births")
YEARS_AHEAD = 10
LIMITS = {
    "megabytes": 20,
    "interactive_ms": 5_000,
    "browser_memory_mb": 700,
    "switch_year_ms": 150,
    "switch_stage_ms": 150,
}
READY = "html[data-ready=yes]"
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
    options.add_argument("--metropolis", action="store_true")
    options.add_argument("--residents", type=int, default=METROPOLIS_RESIDENTS)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = _of_metropolis(given, Path(name)) if given.metropolis else _of_one_run(given, Path(name))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _of_one_run(given: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Measure the map of a run beside plain layers of the same data."""
    folder = given.folder or _run(given.plan, work / "base")
    plain = work / "plain.html"
    plain.write_text(_plain_page(folder, given.plan), encoding="utf-8")
    with sync_playwright() as driver:
        ways = {
            "layoutplan": _measure(driver, folder / "map.html", SWITCH_YEAR),
            "plain": _measure(driver, plain, SWITCH_LAYER),
        }
    _print(ways)
    return ways


def _of_metropolis(given: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Measure the map of several scenarios of a metropolis against what it may take."""
    folder = given.folder or _scenarios(given.residents, work)
    with sync_playwright() as driver:
        found = _measure(driver, folder / "map.html", SWITCH_YEAR, rounds=METROPOLIS_ROUNDS)
    for name, value in found.items():
        limit = LIMITS.get(name)
        said = "" if limit is None else f"{'within' if value <= limit else 'NOT within'} {limit:,}"
        print(f"{name:24}{value:12,.1f}   {said}")
    return found


def _scenarios(residents: int, work: Path) -> Path:
    """Make a city, run three scenarios of it, and put them on one page; return its folder."""
    path = write_demo(work / "city", residents=residents)
    plan = path.read_text(encoding="utf-8")
    base = int(re.search(r"base_year = (\d+)", plan)[1])  # type: ignore[index]
    plan = re.sub(r"horizon_year = \d+", f"horizon_year = {base + YEARS_AHEAD}", plan)
    path.write_text(plan, encoding="utf-8", newline="\n")
    out = work / "out"
    for scenario in SCENARIOS:
        write_run(run_plan(load_plan(path, scenario=scenario)), out / (scenario or "base"))
    write_index(out, lang="zh")
    return out


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


def _measure(driver: Playwright, path: Path, switch: str, *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Open a page several times, each in a browser of its own, and switch what it can switch."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    interactive, switches, stages = [], [], []
    script = whole = 0.0
    for _ in range(rounds):
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True).new_page()
        begin = time.perf_counter()
        page.goto(path.absolute().as_uri(), wait_until="commit")
        page.wait_for_selector(READY, timeout=120_000)
        interactive.append((time.perf_counter() - begin) * 1000)
        switches += page.evaluate(switch)
        if switch == SWITCH_YEAR:
            stages += page.evaluate(SWITCH_STAGE)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        script = max(script, metrics["JSHeapUsedSize"] / 1e6)
        whole = max(whole, _memory_mb(browser))
        browser.close()
    found = {
        "megabytes": path.stat().st_size / 1e6,
        "interactive_ms": statistics.median(interactive),
        "switch_year_ms": statistics.median(switches),
        "switch_year_worst_ms": max(switches),
        "script_memory_mb": script,
        "browser_memory_mb": whole,
    }
    if stages:
        found |= {"switch_stage_ms": statistics.median(stages), "switch_stage_worst_ms": max(stages)}
    return {name: round(value, 2) for name, value in found.items()}


def _memory_mb(browser: Browser) -> float:
    """Return the proportional set size of all processes of a browser; 0 where the system does not tell."""
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    total = 0.0
    for process in told["processInfo"]:
        try:
            said = Path(f"/proc/{process['id']}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        found = re.search(r"^Pss:\s+(\d+) kB", said, re.MULTILINE)
        total += int(found[1]) * 1024 / 1e6 if found else 0.0
    return total


def _print(ways: dict[str, dict[str, Any]]) -> None:
    table = pd.DataFrame(ways)
    table["plain / layoutplan"] = (table["plain"] / table["layoutplan"]).round(1)
    print(table.to_string(float_format=lambda value: f"{value:,.1f}"))


if __name__ == "__main__":
    main()
