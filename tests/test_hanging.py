"""A test that hangs fails by its name, and all others are run: neither a worker nor a program of it keeps the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from .kit.distribution import seconds_of

ROOT = Path(__file__).parents[1]

CONFTEST = """
from tests.kit.distribution import Distribution
from tests.kit.limits import TimeLimit

def pytest_configure(config):
    config.pluginmanager.register(TimeLimit(config))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Distribution())
"""

SUITE = {
    "test_hangs.py": """
import pathlib, subprocess, threading

def test_before():
    pass

def test_waits_for_ever():
    pathlib.Path("program").write_text(str(subprocess.Popen(["sleep", "600"]).pid))
    threading.Event().wait()

def test_after():
    pass
""",
    "test_hangs_at_its_end.py": """
import threading
import pytest

@pytest.fixture
def closed():
    yield
    threading.Event().wait()

@pytest.mark.flaky(reruns=1)
def test_fails_and_does_not_end(closed):
    assert False
""",
    "test_short.py": """
def test_one():
    pass

def test_two():
    pass
""",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], int]:
    """What comes of a suite in which two tests hang, and a program that one of them has started."""
    folder = tmp_path_factory.mktemp("suite")
    for name, text in {"conftest.py": CONFTEST, "pytest.ini": "[pytest]\n", **SUITE}.items():
        (folder / name).write_text(text)
    unused = ("cacheprovider", "dash", "flask_cookieconsent", "hypothesispytest", "randomly")
    plugins = [argument for name in unused for argument in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-v", *plugins, "--numprocesses", "2", "--dist", "loadfile"]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    surroundings |= {"PYTHONPATH": str(ROOT), "FCC_TEST_SECONDS": "2"}
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=200)
    return done, int((folder / "program").read_text())


def test_hanging_tests_fail_by_name(run: tuple[subprocess.CompletedProcess[str], int]) -> None:
    done, _ = run

    assert done.returncode == 1
    assert "crashed while running 'test_hangs.py::test_waits_for_ever'" in done.stdout
    assert "crashed while running 'test_hangs_at_its_end.py::test_fails_and_does_not_end'" in done.stdout
    assert "RERUN test_hangs_at_its_end.py::test_fails_and_does_not_end" in done.stdout


def test_stacks_tell_what_was_waited_for(run: tuple[subprocess.CompletedProcess[str], int]) -> None:
    done, _ = run

    assert "Timeout" in done.stderr
    assert "in test_waits_for_ever" in done.stderr and "in closed" in done.stderr


def test_all_others_are_run(run: tuple[subprocess.CompletedProcess[str], int]) -> None:
    done, _ = run

    for name in ("hangs.py::test_before", "hangs.py::test_after", "short.py::test_one", "short.py::test_two"):
        assert f"PASSED test_{name}" in done.stdout


def test_program_of_a_hanging_test_is_ended(run: tuple[subprocess.CompletedProcess[str], int]) -> None:
    _, program = run

    assert not psutil.pid_exists(program) or psutil.Process(program).status() == psutil.STATUS_ZOMBIE


def test_long_files_go_first() -> None:
    """A file of a browser is not left for one worker at the end, though others have more tests."""
    assert seconds_of("tests/browser/test_demo.py", 60) > seconds_of("tests/catalogue/test_contracts.py", 1_000)
    assert seconds_of("tests/log/test_seals.py", 2) > seconds_of("tests/log/test_limits.py", 1)
