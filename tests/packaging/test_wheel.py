"""What is installed from the wheel: everything it needs is inside, and it runs in an empty environment."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*command, folder, env=None, codes=(0,)):
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=env,
        check=False,
    )
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", folder, ROOT, folder=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(wheel):
    tracked = run("git", "ls-files", "layoutplan", folder=ROOT).splitlines()
    assert tracked
    with zipfile.ZipFile(wheel) as archive:
        assert set(tracked) - set(archive.namelist()) == set()


@pytest.mark.slow
def test_it_runs_in_an_empty_environment(wheel, tmp_path):
    """No test tool, no checkout and no variable of this environment is there."""
    empty = tmp_path / "env"
    run(sys.executable, "-m", "venv", empty, folder=tmp_path)
    programs = empty / ("Scripts" if os.name == "nt" else "bin")
    run(programs / "python", "-m", "pip", "install", "-q", wheel, folder=tmp_path)
    bare = {
        name: value for name, value in os.environ.items() if name in {"PATH", "SYSTEMROOT", "HOME", "TEMP"}
    }
    run(
        *(programs / "layoutplan", "demo", "town", "--residents", 20_000, "--lang", "en"),
        folder=tmp_path,
        env=bare,
        codes=(0, 3),  # 3: of so small a town some pupil lives beyond all reach
    )
    (page,) = tmp_path.glob("town/**/base/map.html")
    assert page.stat().st_size > 100_000
