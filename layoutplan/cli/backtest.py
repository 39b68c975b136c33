"""What ``layoutplan backtest`` reads and prints: a verdict, a chart, the worst schools, the table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from layoutplan.cli.printing import out
from layoutplan.texts import Language, number, text

if TYPE_CHECKING:
    import pandas as pd

    from layoutplan.enrolment import Backtest
    from layoutplan.plan import Plan

TABLES: Final = ("enrolment_history", "births", "schools")
_BAR: Final = 40  # characters of the longest bar of the chart


def plan_path(given: Path) -> Path:
    """Return the path of a plan.

    Parameters
    ----------
    given
        A plan, or the folder that contains ``plan.toml``.

    Returns
    -------
    Path
        The plan's file; it need not exist.
    """
    return given / "plan.toml" if given.is_dir() else given


def read_past(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame, Mapping[str, str]]:
    """Read past enrolment and births, and the names of schools if the plan has a schools table.

    No other table is read: places, seats and ages are not needed.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    history, births : DataFrame
        Input tables; ``births`` may be empty.
    names : Mapping
        Name of each school, by id.

    Raises
    ------
    InputError
        With every fault of the tables of past enrolment and births.
    """
    from layoutplan.city.tables import read_tables
    from layoutplan.dictionary import empty_frame, input_tables
    from layoutplan.errors import FaultLog

    log = FaultLog()
    given = read_tables(plan, log=log, only=TABLES[:2])
    if "enrolment_history" not in given and not log.errors:
        log.add("history_empty", table=TABLES[0])
    log.raise_if_errors()
    history, births = (
        given[name].frame if name in given else empty_frame(input_tables()[name]) for name in TABLES[:2]
    )
    return history, births, _names(plan)


def _names(plan: Plan) -> Mapping[str, str]:
    """Return the names of schools by id; of a schools table with faults, none: it is only for reading."""
    from layoutplan.city.tables import read_tables
    from layoutplan.errors import FaultLog

    schools = read_tables(plan, log=FaultLog(), only=TABLES[2:]).get(TABLES[2])
    if schools is None or "school_id" not in schools.frame or "name" not in schools.frame:
        return {}
    frame = schools.frame
    return {str(key): str(name) for key, name in zip(frame["school_id"], frame["name"], strict=True) if name}


def print_backtest(tested: Backtest, names: Mapping[str, str], lang: Language) -> None:
    """Print a summary of each stage, a chart by origin, the schools with the largest errors, and all errors.

    Parameters
    ----------
    tested
        The back-test.
    names
        Name of each school, by id.
    lang
        Language of the output.
    """
    from layoutplan.outputs.pages import verdict_words

    stages = list(dict.fromkeys(tested.table["stage"]))
    for stage in stages:
        out.print(verdict_words(tested, stage)[lang])
    for stage in stages:
        _print_chart(tested, stage, lang)
    _print_worst(tested, names, lang)
    _print_table(tested, lang)


def _print_chart(tested: Backtest, stage: str, lang: Language) -> None:
    """Print, for the verdict's horizon, a line for each year forecast from: what came, what was forecast."""
    from layoutplan.outputs.pages import share_text

    rows = tested.chart(stage)
    ahead = tested.verdict(stage).horizon
    rows = rows[rows["horizon"] == ahead]
    title = text("cli.backtest.chart", lang, stage=text(f"stages.{stage}", lang), horizon=ahead)
    table = Table(title=title, title_justify="left", show_edge=False)
    for name in ("from", "forecast", "band", "actual", "off"):
        table.add_column(text(f"cli.backtest.{name}", lang), justify="right")
    table.add_column("", justify="left")
    most = float((rows["forecast"] / rows["actual"] - 1.0).abs().max())
    for row in rows.to_dict("records"):
        off = row["forecast"] / row["actual"] - 1.0
        length = round(_BAR / 2 * abs(off) / most) if most > 0 else 0
        bar = (
            " " * (_BAR // 2 - length) + "▒" * length + "│"
            if off < 0
            else " " * (_BAR // 2) + "│" + "█" * length
        )
        table.add_row(
            f"{row['year'] - ahead} → {row['year']}",
            number(row["forecast"], lang),
            f"{number(row['p10'], lang)}–{number(row['p90'], lang)}",
            number(row["actual"], lang),
            share_text(off, "+.1%"),
            bar,
        )
    out.print(table)


def _print_worst(tested: Backtest, names: Mapping[str, str], lang: Language) -> None:
    from layoutplan.outputs.pages import share_text

    worst = tested.worst()
    if worst.empty:
        return
    table = Table(title=text("cli.backtest.worst", lang), title_justify="left", show_edge=False)
    for name in ("school", "stage", "actual", "mean_off", "bias", "reason"):
        left = name in ("school", "stage", "reason")
        table.add_column(text(f"cli.backtest.{name}", lang), justify="left" if left else "right")
    for row in worst.to_dict("records"):
        table.add_row(
            Text(names.get(row["place_id"], row["place_id"])),
            text(f"stages.{row['stage']}", lang),
            number(row["actual"], lang),
            number(row["off"], lang),
            share_text(row["bias"], "+.0%"),
            text(f"cli.backtest.reasons.{row['reason']}", lang),
        )
    out.print(table)


def _print_table(tested: Backtest, lang: Language) -> None:
    """Print a row a stage, years ahead and method: errors of the district and of all its schools."""
    from layoutplan.outputs.pages import share_text

    table = Table(title=text("cli.backtest_title", lang), title_justify="left")
    table.add_column(text("cli.figure.stage", lang))
    for name in ("horizon", "method", "district_error", "bias", "schools_error", "coverage"):
        table.add_column(text(f"cli.figure.{name}", lang), justify="left" if name == "method" else "right")
    district, schools = (tested.table[tested.table["level"] == level] for level in ("district", "places"))
    key = ["stage", "horizon", "method"]
    both = district.merge(schools, on=key, how="left", suffixes=("", "_schools"))
    for row in both.to_dict("records"):
        table.add_row(
            text(f"stages.{row['stage']}", lang),
            str(row["horizon"]),
            text(f"cli.method.{row['method']}", lang),
            share_text(row["mape"], ".2%"),
            share_text(row["bias"], "+.2%"),
            share_text(row["weighted_mape_schools"], ".2%"),
            share_text(row["coverage_schools"], ".0%"),
        )
    out.print(table)
    out.print(text("cli.backtest_read", lang))


def write_backtest(
    tested: Backtest, path: Path, lang: Language, *, names: Mapping[str, str], title: str
) -> None:
    """Write the back-test to a file: errors as CSV, a chart as PNG, or a page as HTML, by its suffix.

    Parameters
    ----------
    tested
        The back-test.
    path
        File to write.
    lang
        Language of the texts.
    names
        Name of each school, by id.
    title
        Title of the page.
    """
    from layoutplan.runs import write_table
    from layoutplan.runs.index import write_own

    suffix = path.suffix.lower()
    if suffix in (".html", ".htm"):
        from layoutplan.outputs.pages import render_backtest

        page = render_backtest(tested, names=names, title=title, lang=lang)
        write_own(path.parent, {path.name: page.encode()})
    elif suffix == ".png":
        write_own(path.parent, {path.name: _chart(tested, lang)})
    else:
        write_table(tested.table, path)


def _chart(tested: Backtest, lang: Language) -> bytes:
    from layoutplan.outputs.fonts import drawing_font, letters_of
    from layoutplan.outputs.report.charts import backtest_chart
    from layoutplan.outputs.style import load_style

    stages = list(dict.fromkeys(tested.table["stage"]))
    with drawing_font(letters_of({})) as font:
        return backtest_chart(tested.table, stages, style=load_style(), font=font, lang=lang)
