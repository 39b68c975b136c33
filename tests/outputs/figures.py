"""Every way a saved figure may be written in a report."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd

from layoutplan.outputs.rule_amounts import amount_text
from layoutplan.outputs.wording import metres, share, whole, write_money
from layoutplan.texts import keys, number, text

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
LONG = ("unit_demand", "assignment")


def numbers_in(words):
    """Return the numbers a text shows, without thousands separators at their ends."""
    return {found.rstrip(",") for found in NUMBER.findall(words)}


def saved_numbers(frames, summary, manifest, *, lang, currency):
    """Return every number that the saved tables, the summary, the manifest or the catalogue hold."""
    allowed = set()
    for name, frame in frames.items():
        if name in LONG:
            continue
        allowed |= numbers_in(whole(len(frame), lang))
        for column in frame.columns.drop("geometry", errors="ignore"):
            for value in frame[column].dropna().unique():
                allowed |= written(value, lang=lang, currency=currency)
    if "measure_years" in frames:  # what passes is told by kind and year
        by_kind = frames["measure_years"].groupby(["year", "kind"])[["classes", "seats", "pupils"]].sum()
        for value in by_kind.to_numpy().ravel():
            allowed |= written(value, lang=lang, currency=currency)
    for value in [*_leaves(summary), *_leaves(manifest)]:
        allowed |= written(value, lang=lang, currency=currency)
    for subject in ("document.", "report.", "rules.", "settings.", "stages.", "tables."):
        for key in keys(subject):
            allowed |= numbers_in(re.sub(r"\{.*?\}", "", text(key, lang)))
    return allowed


def strange_numbers(texts, allowed):
    """Return the numbers, with the text they stand in, that are not among those allowed."""
    return {(one, words) for words in texts for one in numbers_in(words) if one not in allowed}


def written(value, *, lang, currency):
    """Return the ways one value may be shown."""
    if isinstance(value, (bool, np.bool_)):
        return set()
    if isinstance(value, str):
        return numbers_in(value)
    if not isinstance(value, (int, float, np.integer, np.floating)) or pd.isna(value):
        return set()
    amount = abs(float(value))
    shown = [
        str(value),
        f"{value:,g}",
        number(round(amount), lang),
        whole(value, lang),
        whole(amount, lang),
        amount_text(value),
        share(value),
        share(value, digits=1),
        share(value, digits=2),
        f"{amount:,.3f}",
        metres(amount, lang),
        write_money(amount, lang, currency=currency),
    ]
    return {one for words in shown for one in numbers_in(words)}


def _leaves(tree):
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield str(key)
            yield from _leaves(value)
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            yield from _leaves(value)
    elif tree is not None:
        yield tree if isinstance(tree, (int, float, str)) else json.dumps(tree, default=str)
