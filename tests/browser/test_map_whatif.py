"""Switching projects off in the page agrees with judging the plan without them."""

import dataclasses
import random
import re

import pytest

from layoutplan.balance import evaluate

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("demo")]
TOLERANCE_PUPILS = 1.0
"""What the page states: demand is in hundredths of a pupil there."""


def committed(run):
    """Return the open and committed schools whose seats change after the base year."""
    years = list(run.city.years)
    changed = set()
    for stage in run.city.stages:
        seats = run.study.today.seats.counted(stage)
        moves = (seats[years].sub(seats[run.city.base_year], axis=0) != 0).any(axis=1)
        changed |= set(seats.index[moves])
    schools = run.study.today.seats.schools
    converted = schools.reindex(columns=["counts_from", "counts_until"]).notna().any(axis=1)
    return sorted(changed & set(schools.index[~converted]))


def judged_without(run, off):
    """Evaluate the proposed layout with some proposals and committed changes left out."""
    layout = run.proposal.layout
    frames = {stage: frame.copy() for stage, frame in layout.seats.seats.items()}
    proposals = run.proposal.proposals.set_index("proposal_id")
    for stage, frame in frames.items():
        today = run.study.today.seats.seats[stage].reindex(frame.index, fill_value=0)
        for key in off:
            kind, name = key.split(".", 1)
            if kind == "p":
                school = proposals.loc[name, "school_id"]
                frame.loc[school] -= layout.seats.seats[stage].loc[school] - today.loc[school]
            else:
                frame.loc[name] -= today.loc[name] - today.loc[name, run.city.base_year]
    seats = dataclasses.replace(layout.seats, seats=frames)
    return evaluate(run.study, dataclasses.replace(layout, seats=seats))


def number(text):
    return float(re.sub(r"[,+]", "", text).replace("−", "-"))


def switch_row(seen, name):
    row = seen.page.locator("#panel table").first.locator("tr", has_text=name)
    return [number(cell) for cell in row.locator("td.n").all_inner_texts()]


def cases(run):
    """Single switches, pairs, and everything: the same on every run."""
    proposals = [f"p.{name}" for name in run.proposal.proposals["proposal_id"]]
    changes = [f"c.{name}" for name in committed(run)]
    draw = random.Random(5)  # noqa: S311  a fixed draw of cases
    mixed = [draw.sample(proposals + changes, k=min(4, len(proposals + changes))) for _ in range(1)]
    return [proposals[:1], changes[:1], proposals, *mixed]


def test_switches_agree_with_the_balance_code(opened, demo_run, english):
    year = demo_run.plan.general.target
    for off in cases(demo_run):
        expected = judged_without(demo_run, off)
        for stage in ("primary", "junior"):
            view = f"lang=en&stage={stage}&plan=proposed&tab=whatif&year={year}&off={','.join(off)}"
            seen = opened(view=view)
            city = expected.city[(expected.city["stage"] == stage) & (expected.city["year"] == year)].iloc[0]
            assert switch_row(seen, "Seats")[1] == city["seats"]
            assert switch_row(seen, "No seat within reach (pupils)")[1] == pytest.approx(
                city["unserved"], abs=TOLERANCE_PUPILS
            )
            table = expected.catchments
            rows = table[(table["stage"] == stage) & (table["year"] == year)]
            if not rows.empty:
                shown = {row["Where"]: row for row in seen.csv("zones")}
                for row in rows.to_dict("records"):
                    assert float(shown[english[row["name"]]]["Seats"]) == pytest.approx(
                        row["seats"], abs=0.51
                    )
            assert seen.faults == []
            seen.context.close()


def test_with_all_switched_on_the_page_finds_the_saved_number_unserved(opened, demo_run):
    for layout, one in demo_run.evaluations.items():
        seen = opened(view=f"lang=en&plan={layout}&tab=whatif")
        for place, stage in enumerate(demo_run.city.stages):
            seen.page.click(f"#stages button:nth-child({place + 1})")
            for year in demo_run.city.years:
                seen.page.fill("#year", str(year))
                table = one.balance.city
                row = table[(table["stage"] == stage) & (table["year"] == year)].iloc[0]
                shown = switch_row(seen, "No seat within reach (pupils)")
                assert shown[0] == pytest.approx(row["unserved"], abs=TOLERANCE_PUPILS)
                assert shown[2] == 0
        assert seen.faults == []


def test_a_switch_works_by_mouse_and_by_keyboard_and_all_come_back(opened):
    seen = opened(view="stage=junior&plan=proposed&tab=whatif")
    page = seen.page
    box = page.locator("#panel input[role=switch]").first
    key = box.get_attribute("data-key")
    box.click()
    assert f"off={key}" in page.evaluate("decodeURIComponent(location.hash)")
    assert page.locator(".mark.off").count() == 1
    page.keyboard.press("Space")
    assert "off=" not in page.evaluate("location.hash")
    page.keyboard.press("Space")
    page.click("#panel .back")
    assert "off=" not in page.evaluate("location.hash")
    assert seen.faults == []
