"""Print the structure of the package: rooms, imports, cycles, duplicate names, sizes, documented share.

Run ``python -m tools.structure`` in the project's root; ``--undocumented`` also lists the public functions
without a section Parameters. The exit code is 1 if modules or rooms import each other in a cycle, or if a
public name is defined in two modules.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import networkx as nx

PACKAGE = Path("layoutplan")
_PARAMETERS = "Parameters\n---"


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


def defined(tree: ast.Module) -> Iterator[str]:
    """Yield the public names that a module defines: functions, classes, constants and type aliases.

    Parameters
    ----------
    tree
        The module.

    Yields
    ------
    str
        Names without a leading underscore; imported names are not defined by the module.
    """
    for node in tree.body:
        names: list[str] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [one.id for one in node.targets if isinstance(one, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        yield from (name for name in names if not name.startswith("_"))


def duplicates(modules: dict[str, ast.Module]) -> dict[str, list[str]]:
    """Return the public names that more than one module defines.

    Parameters
    ----------
    modules
        Syntax trees by dotted name.

    Returns
    -------
    dict of list of str
        Modules by name, both sorted.
    """
    places: dict[str, list[str]] = defaultdict(list)
    for module, tree in modules.items():
        for name in set(defined(tree)):
            places[name].append(module)
    return {name: sorted(found) for name, found in sorted(places.items()) if len(found) > 1}


def public_functions(modules: dict[str, ast.Module]) -> dict[str, ast.FunctionDef]:
    """Return the public functions and methods with arguments other than ``self`` and ``cls``.

    Parameters
    ----------
    modules
        Syntax trees by dotted name.

    Returns
    -------
    dict of FunctionDef
        By dotted name, in the order of the modules; functions inside functions are left out.
    """
    found = {}
    scopes: list[tuple[str, ast.Module | ast.ClassDef]] = list(modules.items())
    for scope, tree in scopes:
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                scopes.append((f"{scope}.{node.name}", node))
            elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if any(one.arg not in {"self", "cls"} for one in arguments):
                    found[f"{scope}.{node.name}"] = node
    return found


def undocumented(functions: dict[str, ast.FunctionDef]) -> list[str]:
    """Return the functions without a section Parameters.

    Parameters
    ----------
    functions
        From :func:`public_functions`.

    Returns
    -------
    list of str
        Sorted names.
    """
    return sorted(
        name for name, one in functions.items() if _PARAMETERS not in (ast.get_docstring(one) or "")
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the structure.

    Parameters
    ----------
    arguments
        Command line; default: that of the process.

    Returns
    -------
    int
        1 if there is an import cycle or a duplicate name, otherwise 0.
    """
    parser = argparse.ArgumentParser(description="Print the structure of the package.")
    parser.add_argument("--undocumented", action="store_true", help="list functions without Parameters")
    options = parser.parse_args(arguments)
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
    twice = duplicates(modules)
    for name, places in twice.items():
        print(f"{name} is defined in {', '.join(places)}")  # noqa: T201
    lines = [source.count("\n") for source in sources.values()]
    functions = public_functions(modules)
    bare = undocumented(functions)
    if options.undocumented:
        print("\n".join(["without Parameters:", *bare]))  # noqa: T201
    print(  # noqa: T201
        f"{len(modules)} modules, {sum(lines)} lines, the longest {max(lines)};"
        f" {len(functions)} public functions with arguments,"
        f" {len(functions) - len(bare)} with a section Parameters;"
        f" {len(found)} circles, {len(twice)} duplicate names"
    )
    return 1 if found or twice else 0


if __name__ == "__main__":
    sys.exit(main())
