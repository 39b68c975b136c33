"""The command line as a person and a script meet it."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from layoutplan import InputError
from layoutplan.cli.commands import app
from layoutplan.cli.entry import asked_language
from layoutplan.synthetic import write_demo
from tests.cli.interrupted import hear_interrupts
from tests.runs.stored_runs import store
from tests.same_bytes import same_bytes

TOWN = 8_000


def layoutplan(*words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "layoutplan", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The plan of a small synthetic town."""
    return write_demo(tmp_path_factory.mktemp("town"), residents=TOWN)


@pytest.fixture(scope="module")
def finished(town):
    """The town run in English, quietly."""
    return layoutplan("run", town, "--out", town.parent / "runs", "--lang", "en")


@pytest.mark.xdist_group("town")
def test_a_run_ends_well_and_says_which_file_to_open(town, finished):
    assert finished.returncode in (0, 3), finished.stderr
    page = town.parent / "runs" / "base" / "map.html"
    assert str(page) in finished.stdout
    assert page.is_file()


@pytest.mark.xdist_group("town")
def test_the_run_folder_is_whole(town, finished):
    assert finished.returncode in (0, 3)
    folder = town.parent / "runs" / "base"
    names = {path.name for path in folder.iterdir()}
    assert names >= {
        "summary.json",
        "manifest.json",
        "results.gpkg",
        "tables",
        "workbook.xlsx",
        "map.html",
    }
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["residents"] == pytest.approx(TOWN, rel=0.02)
    assert (town.parent / "runs" / "index.html").is_file()


@pytest.mark.xdist_group("town")
def test_output_that_is_piped_holds_no_bar_and_no_colour(finished):
    assert "\x1b[" not in finished.stdout + finished.stderr


@pytest.mark.slow
@pytest.mark.xdist_group("town")
def test_the_same_run_gives_the_same_bytes(town, finished):
    assert finished.returncode in (0, 3)
    again = layoutplan("run", town, "--out", town.parent / "again", "--lang", "en")
    assert again.returncode == finished.returncode
    first, second = town.parent / "runs" / "base", town.parent / "again" / "base"
    for path in sorted(first.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            assert same_bytes(path, second / path.relative_to(first)), path.name


@pytest.mark.xdist_group("town")
def test_check_says_that_the_input_can_be_used(town):
    done = layoutplan("check", town, "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "can be used" in done.stdout


@pytest.mark.xdist_group("town")
def test_compare_prints_the_scenarios_side_by_side(town, finished, tmp_path):
    assert finished.returncode in (0, 3)
    done = layoutplan("compare", town.parent / "runs", "--lang", "en", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no seat within reach (pupils)" in done.stdout
    assert (tmp_path / "index.html").is_file()
    assert (tmp_path / "comparison.csv").is_file()


@pytest.mark.slow
@pytest.mark.xdist_group("town")
def test_backtest_shows_errors_beside_the_baselines(town, tmp_path):
    done = layoutplan("backtest", town, "--lang", "en", "--out", tmp_path / "errors.csv")
    assert done.returncode == 0, done.stderr
    assert "three-year mean progression" in done.stdout
    header = (tmp_path / "errors.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header.startswith("level,place_id,stage,method,horizon,")


@pytest.mark.xdist_group("town")
def test_the_users_fault_is_said_without_a_traceback(town):
    broken = town.parent / "broken.toml"
    broken.write_text(town.read_text(encoding="utf-8").replace("base_year", "base_yaer"), encoding="utf-8")
    done = layoutplan("run", broken, "--lang", "en")
    assert done.returncode == 2
    assert "base_yaer" in done.stderr
    assert "Traceback" not in done.stderr
    chinese = layoutplan("run", broken)
    assert "处错误" in chinese.stderr
    spoken = broken.read_text(encoding="utf-8").replace('lang = "zh"', 'lang = "en"')
    broken.write_text(spoken, encoding="utf-8")
    assert "faults. Nothing was written" in layoutplan("run", broken).stderr


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_new_writes_tables_that_check_as_they_are(tmp_path, lang):
    made = layoutplan("new", tmp_path / "town", "--lang", lang)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "town" / "plan.toml").is_file()
    checked = layoutplan("check", tmp_path / "town" / "plan.toml")
    assert checked.returncode == 0, checked.stderr
    assert ("可用" in checked.stdout) == (lang == "zh")
    if lang == "en":  # nothing Chinese in an English start
        said = checked.stdout + checked.stderr + (tmp_path / "town" / "plan.toml").read_text(encoding="utf-8")
        said += "".join(path.read_text(encoding="utf-8-sig") for path in (tmp_path / "town").glob("*.csv"))
        assert not re.search(r"[\u4e00-\u9fff]", said)
    again = layoutplan("new", tmp_path / "town", "--lang", lang)
    assert again.returncode == 2
    assert "Traceback" not in again.stderr


def test_new_takes_a_profile_and_names_the_nearest_of_one_that_is_not_there(tmp_path):
    made = layoutplan("new", tmp_path / "town", "--profile", "england", "--lang", "en")
    assert made.returncode == 0, made.stderr
    assert 'profile = "england"' in (tmp_path / "town" / "plan.toml").read_text(encoding="utf-8")
    wrong = layoutplan("new", tmp_path / "other", "--profile", "englnd", "--lang", "en")
    assert wrong.returncode == 2
    assert "england" in wrong.stderr
    assert not (tmp_path / "other").exists()


def test_a_plan_that_is_not_there(tmp_path):
    done = layoutplan("check", tmp_path / "no.toml", "--lang", "en")
    assert done.returncode == 2
    assert "no.toml" in done.stderr


def test_a_folder_without_runs_can_not_be_compared(tmp_path):
    done = layoutplan("compare", tmp_path, "--lang", "en")
    assert done.returncode == 2
    assert "no finished run" in done.stderr


def test_an_unknown_command_is_the_users_fault():
    assert layoutplan("rnu").returncode == 2


def test_help_is_in_both_languages():
    done = layoutplan("--help")
    assert done.returncode == 0
    assert "运行规划" in done.stdout
    assert "Run a plan" in done.stdout


def test_the_module_and_the_script_are_one_program():
    script = Path(sys.executable).parent / "layoutplan"
    if not script.exists():
        script = script.with_suffix(".exe")
    shown = subprocess.run([script, "--help"], capture_output=True, text=True, encoding="utf-8", check=True)
    assert shown.stdout.count("compare") == layoutplan("--help").stdout.count("compare")


@pytest.mark.slow
@pytest.mark.xdist_group("town")
def test_a_file_where_the_output_should_go_is_said_before_the_work(town, tmp_path):
    (tmp_path / "out").write_text("a file")
    done = layoutplan("run", town, "--out", tmp_path / "out", "--lang", "en")
    assert done.returncode == 2
    assert "a file stands where the folder should be" in done.stderr
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.slow
@pytest.mark.xdist_group("town")
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_is_no_success(town, tmp_path, number, code):
    words = [
        sys.executable,
        "-m",
        "layoutplan",
        "run",
        str(town),
        "--out",
        str(tmp_path / "out"),
        "--lang",
        "en",
    ]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_interrupts,  # noqa: PLW1509  nothing is locked
    ) as process:
        while not (tmp_path / "out").exists():  # the work begins when the folder has been tried
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    assert process.returncode == code
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.xdist_group("town")
def test_nothing_of_a_persons_is_replaced_by_any_command(town, tmp_path):
    """A run, a comparison, a back-test, a new folder and a demo city, each where somebody's file lies."""
    stored = store(tmp_path / "runs" / "base")
    mine = {
        tmp_path / "out" / "base" / "thesis.docx": ("run", town, "--out", tmp_path / "out"),
        tmp_path / "pages" / "index.html": ("compare", stored, "--out", tmp_path / "pages"),
        tmp_path / "changes" / "triggers.csv": (
            *("compare", stored, "--since", stored),
            *("--out", tmp_path / "changes"),
        ),
        tmp_path / "errors.csv": ("backtest", town, "--out", tmp_path / "errors.csv"),
        tmp_path / "new" / "plan.toml": ("new", tmp_path / "new"),
        tmp_path / "demo" / "schools.csv": ("demo", tmp_path / "demo", "--residents", "8000"),
    }
    for path, words in mine.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("years", encoding="utf-8")
        second_process = set(path.parent.iterdir())
        with pytest.raises(InputError, match=re.escape(path.name)):
            app([*map(str, words), "--lang", "en"], standalone_mode=False)
        assert path.read_text(encoding="utf-8") == "years"
        assert set(path.parent.iterdir()) == second_process


def test_several_runs_where_one_is_wanted(tmp_path):
    for name in ("a", "b"):
        store(tmp_path / name, scenario=name)
    with pytest.raises(InputError, match=r"several runs \(a, b\)"):
        app(["compare", str(tmp_path / "a"), "--since", str(tmp_path)], standalone_mode=False)


@pytest.mark.slow
def test_when_nobody_can_be_helped_the_exit_code_says_so(tmp_path):
    plan = write_demo(tmp_path / "town", residents=TOWN)
    words = plan.read_text(encoding="utf-8").replace(
        "[siting]", "[siting]\nmax_new_schools = 0\nenlarge = false", 1
    )
    assert "max_new_schools = 0" in words
    shrunk = words.replace("[demand]", "[demand]\nbirths_factor = 8.0", 1)
    plan.write_text(shrunk, encoding="utf-8")
    done = layoutplan("run", plan, "--lang", "en")
    assert done.returncode == 3, done.stdout + done.stderr
    assert (plan.parent / "out" / "base" / "map.html").is_file()


@pytest.mark.parametrize(
    ("words", "lang"),
    [(["run", "--lang", "en"], "en"), (["run", "--lang=en"], "en"), (["compare", "out"], "zh"), ([], "zh")],
)
def test_the_language_asked_for(words, lang):
    assert asked_language(words) == lang


@pytest.mark.slow
def test_a_backtest_needs_past_enrolment_alone(tmp_path):
    rows = [
        f"S{school},primary,{grade},{year},{50 + 3 * school + (grade * year) % 5}"
        for school in range(3)
        for grade in range(1, 7)
        for year in range(2014, 2024)
    ]
    header = "school_id,stage,grade,year,pupils"
    (tmp_path / "history.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    (tmp_path / "plan.toml").write_text(
        '[plan]\nname = "t"\nprofile = "cn-national"\nbase_year = 2023\nhorizon_year = 2028\nlang = "zh"\n'
        '[tables.enrolment_history]\nfile = "history.csv"\n',
        encoding="utf-8",
    )
    done = layoutplan("backtest", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("小学提前 3 年")
    assert "偏差最大的学校" in done.stdout
    english = layoutplan("backtest", tmp_path / "plan.toml", "--lang", "en")
    assert "3 years ahead: the forecast was off by" in english.stdout
    page = layoutplan("backtest", tmp_path, "--out", tmp_path / "out" / "backtest.html")
    assert page.returncode == 0, page.stderr
    written = (tmp_path / "out" / "backtest.html").read_text(encoding="utf-8")
    assert "3 years ahead: the forecast was off by" in written
    assert "小学提前 3 年" in written
    (tmp_path / "history.csv").unlink()
    missing = layoutplan("backtest", tmp_path)
    assert missing.returncode == 2
    assert "Traceback" not in missing.stderr
