"""Print the structure of the package: rooms and their imports, cycles, sizes, documented share.

Run ``python -m tools.structure`` in the project's root. The exit code is 1 if modules or rooms import each
other in a cycle.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

PACKAGE = Path("layoutplan")


def module_name(path: Path) -> str:
    """Return the dotted name of a module; ``__init__`` is the package itself.

    Parameters
    ----------
    path
        The module's file, relative to the project's root.

    Returns
    -------
    str
        The name.
    """
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Yield the names that a module imports, including imports in functions and for type checkers.

    Parameters
    ----------
    tree
        The module.
    known
        Names of the package's modules.

    Yields
    ------
    str
        Dotted names of modules.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def import_graph(modules: dict[str, ast.Module]) -> nx.DiGraph:
    """Return the graph of imports between modules.

    Parameters
    ----------
    modules
        Syntax trees by dotted name.

    Returns
    -------
    DiGraph
        Edges from the importing to the imported module.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(modules)
    for name, tree in modules.items():
        graph.add_edges_from((name, other) for other in imported(tree, set(modules)) if other in modules)
    return graph


def room_of(module: str) -> str:
    """Return the room of a module: the subpackage of the root package, or the module itself.

    Parameters
    ----------
    module
        Dotted name.

    Returns
    -------
    str
        Name of the room.
    """
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def room_graph(graph: nx.DiGraph) -> nx.DiGraph:
    """Return the graph of imports between rooms, weighted by their number.

    Parameters
    ----------
    graph
        From :func:`import_graph`.

    Returns
    -------
    DiGraph
        Edges from the importing to the imported room.
    """
    rooms = nx.DiGraph()
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for one, other in graph.edges:
        if room_of(one) != room_of(other) and PACKAGE.name not in {room_of(one), room_of(other)}:
            counts[room_of(one), room_of(other)] += 1
    rooms.add_weighted_edges_from((one, other, count) for (one, other), count in counts.items())
    return rooms


def circles(graph: nx.DiGraph) -> list[list[str]]:
    """Return the import cycles: strongly connected components of more than one node.

    Parameters
    ----------
    graph
        A graph of imports.

    Returns
    -------
    list of list of str
        Sorted.
    """
    return sorted(sorted(part) for part in nx.strongly_connected_components(graph) if len(part) > 1)


def public_functions(modules: dict[str, ast.Module]) -> list[ast.FunctionDef]:
    """Return the public functions and methods with arguments other than ``self`` and ``cls``.

    Parameters
    ----------
    modules
        Syntax trees by dotted name.

    Returns
    -------
    list of FunctionDef
        In the order of the modules.
    """
    found = []
    for tree in modules.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if any(one.arg not in {"self", "cls"} for one in arguments):
                    found.append(node)
    return found


def main() -> int:
    """Print the structure; return 1 if there is an import cycle, otherwise 0."""
    paths = sorted(PACKAGE.rglob("*.py"))
    sources = {module_name(path): path.read_text(encoding="utf-8") for path in paths}
    modules = {name: ast.parse(source) for name, source in sources.items()}
    graph = import_graph(modules)
    rooms = room_graph(graph)
    order = list(nx.topological_sort(rooms)) if nx.is_directed_acyclic_graph(rooms) else sorted(rooms)
    for room in reversed(order):
        below = ", ".join(sorted(rooms.successors(room)))
        count = sum(room_of(name) == room for name in modules)
        print(f"{room} ({count} modules) <- {below or 'nothing'}")  # noqa: T201
    found = circles(graph.subgraph(name for name in graph if name != PACKAGE.name)) + circles(rooms)
    for circle in found:
        print("circle:", ", ".join(circle))  # noqa: T201
    lines = [source.count("\n") for source in sources.values()]
    functions = public_functions(modules)
    described = sum("Parameters\n" in (ast.get_docstring(one) or "") for one in functions)
    print(  # noqa: T201
        f"{len(modules)} modules, {sum(lines)} lines, the longest {max(lines)};"
        f" {len(functions)} public functions with arguments, {described} with a section Parameters;"
        f" {len(found)} circles"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
