"""Measures of the rule book, one module per section.

A measure reads a run (:class:`~layoutplan.rules.rule_inputs.RuleInputs`), changes nothing, and returns a
DataFrame with the columns :data:`~layoutplan.rules.rule_spec.MEASURED`. ``case_ids`` are the ids of what
misses the rule; ``need`` is what it would take to meet it, in ``need_unit``.
"""
