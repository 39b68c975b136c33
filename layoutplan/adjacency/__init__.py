"""Adjacency of residential units (单元邻接): cells that tile the study area, and the graph of shared borders.

Catchments are connected over this graph, whether a person draws them or a program.
"""

from layoutplan.adjacency.build import Adjacency, build_adjacency
from layoutplan.adjacency.cells import unit_cells

__all__ = ["Adjacency", "build_adjacency", "unit_cells"]
