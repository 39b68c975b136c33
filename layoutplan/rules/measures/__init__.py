"""Measures of the rule book: one module a section; a measure looks at a run and returns rows."""
