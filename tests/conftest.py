"""Shared by all tests: the bundled city run once, the real data, a browser."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import string
import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from coverage import Coverage
from playwright.sync_api import sync_playwright

from layoutplan import load_plan, run_plan, write_run
from layoutplan.errors import Fault
from layoutplan.runs import find_triggers, write_index
from layoutplan.texts import LANGUAGES, text
from tests.examples import register_profiles

register_profiles()

# The key of stored stage results belongs into the home folder of a user, not of who runs the tests.
os.environ["LAYOUTPLAN_KEY_HOME"] = tempfile.mkdtemp(prefix="layoutplan-key-")
atexit.register(shutil.rmtree, os.environ["LAYOUTPLAN_KEY_HOME"], ignore_errors=True)


def _said_in_full(made):
    """Wrap the making of a fault: whatever a test meets must be sayable."""

    def make(self, *args, **kwargs):
        made(self, *args, **kwargs)
        for lang in LANGUAGES:
            for part in ("what", "remedy"):
                template = text(f"faults.{self.code}.{part}", lang)
                lacking = _placeholders(template) - set(self.params)
                assert not lacking, f"{self.code}.{part}: nothing is given for {lacking}"
            assert self.what(lang)
            assert self.remedy(lang)

    return make


def _placeholders(template):
    found = set()
    for _, name, spec, _ in string.Formatter().parse(template):
        found |= ({name} if name else set()) | _placeholders(spec or "")
    return found


Fault.__init__ = _said_in_full(Fault.__init__)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the tests of a file on one worker, since they share what they set up; notebooks share nothing.

    All tests of the bundled city's run are one group, wherever they stand: it is computed once. First, since
    xdist reads the marks in the same hook.
    """
    for item in items:
        if "demo_run" in item.fixturenames and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group("demo"))
        if item.get_closest_marker("xdist_group") is None and item.path.parent.name != "notebooks":
            folder = item.path.parent.name
            item.add_marker(
                pytest.mark.xdist_group(folder if folder == "outputs" else f"{folder}-{item.path.stem}")
            )


def pytest_collection_finish():
    """Let the garbage collector pass over what stays to the end: modules and tests, some million objects."""
    gc.collect()
    gc.freeze()


ROOT = Path(__file__).parent.parent
DEMO_PLAN = ROOT / "data" / "demo" / "plan.toml"


@pytest.fixture(scope="session")
def demo_plan():
    """The plan of the bundled city; what it shows needs a plan of measures, not the very best one."""
    return load_plan(DEMO_PLAN)


class DemoTracer:
    """Traces which lines run while the bundled city is run and written, if any test asks.

    Parameters
    ----------
    asked
        Whether a test that was chosen asks; a traced run takes half as long again.
    """

    def __init__(self, *, asked):
        self.asked = asked
        # `make coverage` traces the whole suite, and one process has one tracer.
        self.outer = Coverage.current()
        self.own = Coverage(data_file=None, config_file=False, source_pkgs=["layoutplan"])
        self.own.set_option("run:disable_warnings", ["module-not-measured"])  # it is imported already

    def traced(self):
        """Return a context in which lines are traced."""
        return self.own.collect() if self.asked and not self.outer else nullcontext()

    def lines(self):
        """Return the lines that ran, by file."""
        data = (self.outer or self.own).get_data()
        return {path: set(data.lines(path)) for path in data.measured_files()}


@pytest.fixture(scope="session")
def demo_tracer(request):
    return DemoTracer(asked=any("demo_lines" in item.fixturenames for item in request.session.items))


@pytest.fixture(scope="session")
def demo_run(demo_plan, demo_tracer):
    """The bundled city, every stage; tests that use it share the xdist group ``demo``."""
    with demo_tracer.traced():
        return run_plan(demo_plan)


@pytest.fixture(scope="session")
def demo_folder(demo_run, demo_tracer, tmp_path_factory):
    """The run folder of the bundled city."""
    folder = tmp_path_factory.mktemp("demo") / "base"
    with demo_tracer.traced():
        write_run(demo_run, folder)
        write_index(folder.parent, lang="zh")
        find_triggers(folder, since=folder)
    return folder


@pytest.fixture(scope="session")
def demo_lines(demo_folder, demo_tracer):  # noqa: ARG001  the folder is written first
    """By file: the lines of ours that the bundled city's run reached."""
    return demo_tracer.lines()


@pytest.fixture(scope="session")
def real_data():
    """The folder of real data; on a machine without it the test is skipped, saying so."""
    folder = os.environ.get("LAYOUTPLAN_REAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("LAYOUTPLAN_REAL_DATA names no folder with the real data")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium; skipped where none is installed, unless LAYOUTPLAN_REQUIRE_BROWSER is set."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("LAYOUTPLAN_REQUIRE_BROWSER"):
            pytest.fail("no Chromium on this machine, and LAYOUTPLAN_REQUIRE_BROWSER is set")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"],
        )
        yield browser
        browser.close()
