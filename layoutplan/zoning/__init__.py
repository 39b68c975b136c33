"""Redraw catchments (划片调整)."""
