"""What is not done in time is killed, with whatever it has started, and nobody else is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from flask_cookieconsent.audit.browser.watchdog import Watchdog

#: Seconds within which a program that was killed is gone, and that no test takes.
SOON, NEVER = 30, 3_600
#: It starts another one, and says so when that runs.
PROGRAM = """
import subprocess, sys
command = [sys.executable, "-c", "print(flush=True); input()"]
started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
started.stdout.readline()
print(started.pid, flush=True)
started.wait()
"""


@contextmanager
def driver(word: str = "run-driver") -> Iterator[tuple[psutil.Process, psutil.Process]]:
    """Run a program that is called as Playwright's driver is, and one that it has started."""
    command = [sys.executable, "-c", PROGRAM, word]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        browser = None
        try:
            assert program.stdout is not None
            browser = psutil.Process(int(program.stdout.readline()))
            yield psutil.Process(program.pid), browser
        finally:
            program.kill()
            with suppress(psutil.Error):
                if browser is not None:
                    browser.kill()


def are_gone(*processes: psutil.Process, seconds: float = SOON) -> bool:
    """Wait until programs have ended, and tell whether they have."""
    return psutil.wait_procs(processes, timeout=seconds)[1] == []


def test_driver_and_its_browser_are_killed_when_the_time_is_up() -> None:
    """Also before anybody could say which one it is."""
    dog = Watchdog()
    with driver() as mine:
        dog.feed(0)
        assert are_gone(*mine)

    assert dog.has_killed


@pytest.mark.parametrize("ends", [lambda dog: dog.rest(), lambda dog: dog.feed(NEVER)])
def test_what_is_done_in_time_is_not_killed(ends: object) -> None:
    """The bad twin of a watchdog bites a browser that answers."""
    dog = Watchdog()
    with driver() as mine:
        dog.feed(NEVER)
        ends(dog)  # type: ignore[operator]
        assert not are_gone(*mine, seconds=0)

    dog.rest()
    assert not dog.has_killed


def test_programs_of_others_are_not_killed() -> None:
    """A driver that was there before, one that came later, and what is no driver."""
    with driver() as before:
        dog = Watchdog()
        with driver() as mine, driver("other") as other:
            dog.know()
            with driver() as later:
                dog.kill()

                assert are_gone(*mine)
                assert not are_gone(*before, *later, *other, seconds=0)


def test_program_that_has_ended_is_no_reason_to_fail() -> None:
    dog = Watchdog()
    with driver():
        dog.know()
    dog.kill()
    dog.kill()

    assert dog.has_killed
