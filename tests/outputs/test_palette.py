"""The colours of the map, held to what eyes tell apart: contrast, greyscale, colour-blindness."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from layoutplan.outputs.map.payload import page_style
from layoutplan.outputs.map.script import asset

LINES, TEXT = 3.0, 4.5
"""Least contrast of lines that carry meaning, and of text (WCAG 2.1, AA)."""
GROUND, OPACITY = "#eceef1", 0.78
"""What the areas are laid over, and how opaque they are: map.css and ``areaOpacity`` of the page."""
APART = 4.0
"""Least difference of two classes (CIE76): a just noticeable one is 2.3."""
STEP = 3.0
"""Least step of lightness (CIE L*) between neighbouring classes in greyscale."""
DIVERGING = {
    "balance",
    "mean_access",
    "hukou_less_residence",
    "hukou_and_permit_less_residence",
}
SIMULATED = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
"""Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB."""

STYLE = page_style()
MEASURES = STYLE["measures"]
FILLS = sorted(
    {colour for one in MEASURES.values() for colour in one["colours"]}
    | {*map(str, (STYLE["fixed"]["no_seats"], STYLE["fixed"]["no_value"]))}
)


def linear(colour):
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def laid(colour):
    """Return an area's colour as the map shows it, over the ground."""
    over, under = (np.array([int(one[at : at + 2], 16) for at in (1, 3, 5)]) for one in (colour, GROUND))
    return "#" + "".join(f"{round(x):02x}" for x in OPACITY * over + (1 - OPACITY) * under)


def lab(colour, sight="normal"):
    rgb = np.clip(np.array(SIMULATED[sight]) @ linear(colour), 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
    whole = to_xyz @ rgb / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(whole > 0.008856, np.cbrt(whole), 7.787 * whole + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_formulas_give_known_values():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WebAIM
    assert lab("#ffffff") == pytest.approx([100, 0, 0], abs=0.02)
    assert lab("#ff0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.05)  # CIE, D65
    red, green = (lab(colour, "deuteranopia") for colour in ("#c00000", "#606000"))
    assert np.linalg.norm(red[1:] - green[1:]) < np.linalg.norm((lab("#c00000") - lab("#606000"))[1:]) / 2


@pytest.mark.parametrize("sight", SIMULATED)
@pytest.mark.parametrize("measure", MEASURES)
def test_every_two_classes_are_told_apart(measure, sight):
    seen = [lab(laid(colour), sight) for colour in MEASURES[measure]["colours"]]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > APART


@pytest.mark.parametrize("measure", MEASURES)
def test_classes_grow_darker_step_by_step(measure):
    """From one end to the other; of a scale with two ends, from the middle to each."""
    lightness = [lab(laid(colour))[0] for colour in MEASURES[measure]["colours"]]
    lightest = int(np.argmax(lightness)) if measure in DIVERGING else 0
    down = [before - after for before, after in pairwise(lightness[lightest:])]
    up = [after - before for before, after in pairwise(lightness[: lightest + 1])]
    if measure in DIVERGING:  # the two classes beside zero differ by hue, and by the sign of the figure
        steps = [step for step in (*down, *up) if abs(step) > 0.5]
        assert len(steps) >= len(lightness) - 2
    else:
        steps = [*down, *up]
    assert min(steps) > STEP


@pytest.mark.parametrize("line", ["hotspot", "moved", "school"])
def test_a_line_and_its_casing_stand_out_from_every_area(line):
    inks = {
        "hotspot": (STYLE["hotspot"], "#ffffff"),
        "moved": (STYLE["fixed"]["moved"], "#ffffff"),
        "school": (STYLE["fixed"]["casing"], "#ffffff"),
    }[line]
    assert contrast(*inks) >= LINES
    for fill in FILLS:
        assert max(contrast(ink, laid(fill)) for ink in inks) >= LINES, fill


def test_the_page_draws_the_inks_that_are_tested():
    assert f"background: {STYLE['hotspot']}" in asset("map.css")  # the numbers of hotspots
    assert f"drop-shadow(0 0 0.7px {STYLE['fixed']['casing']})" in asset("map.css")
    assert f"background: {GROUND}" in asset("map.css")
    assert f": {OPACITY})" in asset("tiles.js")


def test_text_is_legible_on_its_ground():
    variables = dict(
        line.strip(" ;").removeprefix("--").split(": ")
        for line in asset("page.css").split("}")[0].splitlines()
        if line.strip().startswith("--")
    )
    for ink in ("ink", "soft", "accent"):
        for ground in ("#ffffff", "#f2f6fb", GROUND):
            assert contrast(variables[ink], ground) >= TEXT, (ink, ground)
    assert contrast("#ffffff", variables["accent"]) >= TEXT
    assert contrast("#ffffff", STYLE["hotspot"]) >= TEXT


def test_the_ring_around_what_has_the_focus_stands_out():
    ring = re.search(r":focus-visible[^{]*\{\s*outline: 3px solid (#[0-9a-f]{6})", asset("page.css"))[1]
    for ground in ("#ffffff", "#f2f6fb", "#17406d"):
        assert contrast(ring, ground) >= LINES, ground
