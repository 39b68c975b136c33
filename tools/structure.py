"""The structure of the package: rooms and their imports, circles, sizes, documented and typed shares.

Run ``python -m tools.structure`` in the project's root. Exits with 1 where modules or rooms import each other
in a circle.
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
    """Return the dotted name of a module's file; a package's ``__init__`` is the package itself."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Yield what a module imports, within functions and for type checkers too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def import_graph(modules: dict[str, ast.Module]) -> nx.DiGraph:
    """Return which module imports which."""
    graph = nx.DiGraph()
    graph.add_nodes_from(modules)
    for name, tree in modules.items():
        graph.add_edges_from((name, other) for other in imported(tree, set(modules)) if other in modules)
    return graph


def room_of(module: str) -> str:
    """Return the room of a module: the package below the root, or the module itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def room_graph(graph: nx.DiGraph) -> nx.DiGraph:
    """Return which room imports which, with the number of imports."""
    rooms = nx.DiGraph()
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for one, other in graph.edges:
        if room_of(one) != room_of(other) and PACKAGE.name not in {room_of(one), room_of(other)}:
            counts[room_of(one), room_of(other)] += 1
    rooms.add_weighted_edges_from((one, other, count) for (one, other), count in counts.items())
    return rooms


def circles(graph: nx.DiGraph) -> list[list[str]]:
    """Return the sets of nodes that import each other in a circle."""
    return sorted(sorted(part) for part in nx.strongly_connected_components(graph) if len(part) > 1)


def public_functions(modules: dict[str, ast.Module]) -> list[ast.FunctionDef]:
    """Return the public functions and methods that take arguments beside ``self``."""
    found = []
    for tree in modules.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if any(one.arg not in {"self", "cls"} for one in arguments):
                    found.append(node)
    return found


def main() -> int:
    """Print the structure; return 1 where there is a circle."""
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
