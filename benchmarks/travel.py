"""Time the walking distances beside what other programs would take.

On a grid-like city of several sizes (240 homes and 14 schools for every thousand street nodes, 3 km), one
table: seconds of each step, memory, and how many times as long the other programs take for the search alone:
the network is given, the walks from every school to everything within the limit are wanted.

* the bare kernel: SciPy's bounded Dijkstra on the whole graph, one source at a time, over all cores;
* networkx, igraph (which knows no limit) and pandana where they are installed (dependency group ``bench``).

The others search from a sample of the schools, and their time is scaled. pandana's preprocessing alone takes
minutes on a large network, so it is measured up to ``--pandana`` nodes only.

::

    python benchmarks/travel.py                                              10 k to 1 M nodes: minutes
    python benchmarks/travel.py --nodes 2500 10000 --pandana 0               seconds
    python benchmarks/travel.py --nodes 250000 --pandana 250000 --json t.json    with pandana: many minutes
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from multiprocessing import synchronize
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import scipy
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from layoutplan.travel import Network, Snaps, build_network, snap_points, walking_nearest
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.matrix import WalkMatrix
from layoutplan.travel.search import search_pairs

BLOCK_M = 80.0
STREETS_KEPT = 0.85
HOMES_PER_NODE = 0.24
SCHOOLS_PER_NODE = 0.014
SNAP_LIMIT_M = 500.0
SAMPLE = 40
BARE_SAMPLE = 400


@dataclass(frozen=True)
class Row:
    """Figures of one city size: seconds, and the other programs' time as a multiple of ``search_s``."""

    nodes: int
    edges: int
    homes: int
    schools: int
    limit_m: float
    build_s: float
    snap_s: float
    search_s: float
    search_ms_a_school: float
    all_s: float
    nearest_s: float
    pairs: int
    bytes_per_million_pairs: int
    peak_memory_mib: int
    search_to_bare_kernel: float | None = None
    all_to_bare_kernel: float | None = None
    times_networkx: float | None = None
    times_igraph: float | None = None
    times_pandana: float | None = None
    times_pandana_with_preprocessing: float | None = None
    largest_difference_m: float | None = None


def city(nodes: int, *, seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoSeries, gpd.GeoSeries]:
    """Return streets (a shaken grid with gaps), homes and schools."""
    random = np.random.default_rng(seed)
    side = math.isqrt(nodes)
    number = np.arange(side * side).reshape(side, side)
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1).reshape(-1, 2)
    xy = BLOCK_M * grid + random.uniform(-15, 15, grid.shape)
    one = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    other = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = random.random(len(one)) < STREETS_KEPT
    bend = (xy[one] + xy[other]) / 2 + random.uniform(-5, 5, (len(one), 2))
    lines = shapely.linestrings(np.stack([xy[one], bend, xy[other]], axis=1)[kept])
    roads = gpd.GeoDataFrame({"road_id": np.arange(len(lines)).astype(str)}, geometry=lines, crs="EPSG:4547")
    homes, schools = (
        gpd.GeoSeries(
            shapely.points(random.uniform(0, BLOCK_M * side, (round(side**2 * rate), 2))), crs="EPSG:4547"
        )
        for rate in (HOMES_PER_NODE, SCHOOLS_PER_NODE)
    )
    return roads, homes, schools


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return wall seconds and the result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _bare_share(
    graph: sparse.csr_array, limit_m: float, sources: Iterable[int], start: synchronize.Barrier
) -> None:
    """Search from some sources and throw the answers away: the kernel and nothing else."""
    start.wait()
    for source in sources:
        dijkstra(graph, directed=True, indices=source, limit=limit_m)


def bare_kernel_s(network: Network, sources: np.ndarray, limit_m: float) -> float:
    """Return the wall seconds of SciPy's kernel over all cores; starting the processes is not counted."""
    cores = os.cpu_count() or 1
    context = multiprocessing.get_context("fork")
    start = context.Barrier(cores + 1)
    workers = [
        context.Process(target=_bare_share, args=(network.graph, limit_m, sources[k::cores].tolist(), start))
        for k in range(cores)
    ]
    for worker in workers:
        worker.start()
    start.wait()
    begun = time.perf_counter()
    for worker in workers:
        worker.join()
    return time.perf_counter() - begun


def networkx_s(network: Network, sources: np.ndarray, limit_m: float) -> tuple[float, list[dict[int, float]]]:
    """Return seconds and metres by node, from each source."""
    graph = nx.from_scipy_sparse_array(network.graph)
    return seconds(
        lambda: [nx.single_source_dijkstra_path_length(graph, int(node), cutoff=limit_m) for node in sources]
    )


def igraph_s(network: Network, sources: np.ndarray) -> float | None:
    """Return seconds of igraph, which knows no limit; ``None`` if it is not installed."""
    if importlib.util.find_spec("igraph") is None:
        return None
    import igraph  # noqa: PLC0415 - optional

    graph = igraph.Graph(n=len(network.nodes), edges=network.edge_ends)
    weights = network.edge_metres.tolist()
    return seconds(lambda: [graph.distances(source=int(node), weights=weights) for node in sources])[0]


def pandana_s(network: Network, sources: np.ndarray, limit_m: float) -> tuple[float, float] | None:
    """Return seconds of pandana's preprocessing and of its range queries; ``None`` if not installed."""
    if importlib.util.find_spec("pandana") is None:
        return None
    import pandana  # noqa: PLC0415 - optional
    import pandas as pd  # noqa: PLC0415

    def prepare() -> pandana.Network:
        edges = pd.DataFrame({"metres": network.edge_metres})
        first, second = (pd.Series(network.edge_ends[:, side]) for side in (0, 1))
        made = pandana.Network(*(pd.Series(xy) for xy in network.nodes.T), first, second, edges)
        made.precompute(limit_m)
        return made

    before, made = seconds(prepare)
    return before, seconds(lambda: made.nodes_in_range(sources.tolist(), limit_m))[0]


def largest_difference(
    network: Network, schools: np.ndarray, oracle: list[dict[int, float]], limit_m: float
) -> float:
    """Return the largest difference to networkx, in metres, over walks between street nodes."""
    nodes = gpd.GeoSeries(shapely.points(network.nodes), crs=network.crs)
    pairs = walk_matrix(nodes, nodes.iloc[schools], limit_m=limit_m, network=network)
    worst = 0.0
    frame = pairs.to_frame()
    for place, found in zip(pairs.destinations, oracle, strict=True):
        ours = frame.loc[frame["destination"] == place].set_index("origin")["metres"]
        theirs = np.array([found.get(node, np.nan) for node in ours.index])
        worst = max(worst, float(np.nanmax(np.abs(ours.to_numpy() - theirs))))
    return worst


def measure(nodes: int, *, limit_m: float, seed: int, others: bool, pandana: bool) -> Row:
    """Measure one city size; ``others`` and ``pandana`` say whether the other programs run too."""
    roads, homes, schools = city(nodes, seed=seed)
    build_s, network = seconds(lambda: build_network(roads))
    snap_s, (starts, goals) = seconds(
        lambda: [snap_points(points, network, limit_m=SNAP_LIMIT_M) for points in (homes, schools)]
    )
    search_s, _ = seconds(lambda: search_pairs(network, starts, goals, limit_m=limit_m))
    all_s, pairs = seconds(lambda: walk_matrix(homes, schools, limit_m=limit_m, network=network))
    nearest_s, _ = seconds(lambda: walking_nearest(homes, schools, limit_m=limit_m, network=network))
    row = Row(
        nodes=network.report.nodes,
        edges=network.report.edges,
        homes=len(homes),
        schools=len(schools),
        limit_m=limit_m,
        build_s=build_s,
        snap_s=snap_s,
        search_s=search_s,
        search_ms_a_school=1000 * search_s / len(schools),
        all_s=all_s,
        nearest_s=nearest_s,
        pairs=len(pairs.metres),
        bytes_per_million_pairs=_bytes_per_million(pairs),
        peak_memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )
    return compare(row, network, goals, pandana=pandana) if others else row


def compare(row: Row, network: Network, goals: Snaps, *, pandana: bool) -> Row:
    """Add the other programs' figures."""
    sources = network.edge_ends[goals.edge[goals.edge >= 0], 0].astype(np.int64)
    few = sources[:: max(1, len(sources) // BARE_SAMPLE)]
    bare_s = bare_kernel_s(network, few, row.limit_m) * len(sources) / len(few)
    sample = sources[:: max(1, len(sources) // SAMPLE)]
    scale = len(sources) / len(sample)
    networkx_sample_s, oracle = networkx_s(network, sample, row.limit_m)
    igraph_sample_s = igraph_s(network, sample)
    found = pandana_s(network, sample, row.limit_m) if pandana else None
    return replace(
        row,
        search_to_bare_kernel=row.search_s / bare_s,
        all_to_bare_kernel=row.all_s / bare_s,
        times_networkx=networkx_sample_s * scale / row.search_s,
        times_igraph=None if igraph_sample_s is None else igraph_sample_s * scale / row.search_s,
        times_pandana=None if found is None else found[1] * scale / row.search_s,
        times_pandana_with_preprocessing=None
        if found is None
        else (found[0] + found[1] * scale) / row.search_s,
        largest_difference_m=largest_difference(network, sample, oracle, row.limit_m),
    )


def _bytes_per_million(pairs: WalkMatrix) -> int:
    """Return the bytes a million stored pairs take."""
    held = pairs.indices.nbytes + pairs.metres.nbytes + pairs.indptr.nbytes
    return round(held / max(len(pairs.metres), 1) * 1e6)


def _cell(figure: float | None) -> str:
    """Return a figure as the table shows it."""
    if figure is None:
        return "-"
    return f"{figure:,.4g}" if isinstance(figure, float) else f"{figure:,}"


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, nargs="+", default=[10_000, 50_000, 250_000, 1_000_000])
    parser.add_argument("--others", type=int, default=250_000, help="nodes up to which other programs run")
    parser.add_argument("--pandana", type=int, default=50_000, help="nodes up to which pandana runs")
    parser.add_argument("--limit", type=float, default=3_000.0, help="metres")
    parser.add_argument("--seed", type=int, default=20_250_901)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    chosen = parser.parse_args()
    rows = [
        asdict(
            measure(
                nodes,
                limit_m=chosen.limit,
                seed=chosen.seed,
                others=nodes <= chosen.others,
                pandana=nodes <= chosen.pandana,
            )
        )
        for nodes in chosen.nodes
    ]
    width = max(map(len, rows[0]))
    for name in rows[0]:
        print(f"{name:{width}}", *(f"{_cell(row[name]):>12}" for row in rows))
    if chosen.json:
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "scipy": scipy.__version__}
        chosen.json.write_text(
            json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
