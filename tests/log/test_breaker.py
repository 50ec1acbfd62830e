"""A database that hangs costs a visitor the deadline, once, and is asked again when it answers (F5)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app

from flask_cookieconsent.errors import DatabaseUnavailableError
from flask_cookieconsent.log.breaker import MOST_HANGING, MOST_SLOW, SLOW_PART, Breaker
from tests.kit.sites import make_site

PAUSE = 10.0
#: What is waited for comes at once; nobody waits so long.
LONG = 30.0


class Bench:
    """A breaker with a timer of its own, work that hangs until it may go on, and what the breaker has told."""

    def __init__(self, timeout: float = 0.02) -> None:
        self.now = 0.0
        self.told: list[bool] = []
        self.has_told, self.has_probed = threading.Semaphore(0), threading.Semaphore(0)
        self.probe: Callable[[], object] = lambda: None
        self.gates: list[threading.Event] = []
        self.breaker = Breaker(timeout=timeout, pause=PAUSE, probe=self._probe, tell=self._tell, timer=lambda: self.now)

    def _tell(self, is_open: bool) -> None:
        self.told.append(is_open)
        self.has_told.release()

    def _probe(self) -> None:
        self.has_probed.release()
        self.probe()

    def hang(self, outcome: Callable[[], Any] = lambda: None) -> threading.Event:
        """Miss the deadline with some work, and return what lets it go on."""
        gate = self.gate()

        def work(is_wanted: Callable[[], bool]) -> Any:
            gate.wait(LONG)
            return outcome()

        with pytest.raises(DatabaseUnavailableError, match="did not answer"):
            self.breaker.run(work)
        return gate

    def gate(self) -> threading.Event:
        gate = threading.Event()
        self.gates.append(gate)
        return gate

    def refuses(self) -> bool:
        """Tell whether work is refused without being tried."""
        done = []
        try:
            self.breaker.run(lambda is_wanted: done.append(1))
        except DatabaseUnavailableError:
            return not done
        return False

    def pause(self) -> None:
        self.now += PAUSE


@pytest.fixture
def bench() -> Iterator[Bench]:
    with benched() as bench:
        yield bench


@contextmanager
def benched(timeout: float = 0.02) -> Iterator[Bench]:
    bench = Bench(timeout)
    yield bench
    for gate in bench.gates:
        gate.set()


def settled(condition: Callable[[], bool]) -> bool:
    """Wait until something that another thread is about to do is done."""
    tick = threading.Event()
    return any(condition() or tick.wait(0.005) for _ in range(2_000))


def test_outcome_of_work_is_passed_on(bench: Bench) -> None:
    """F5: what answers in time is as if it had been called; errors are its own, and open nothing."""
    assert bench.breaker.run(lambda is_wanted: (is_wanted(), 5)) == (True, 5)
    with pytest.raises(ZeroDivisionError):
        bench.breaker.run(lambda is_wanted: 1 // 0)
    with pytest.raises(SystemExit):
        bench.breaker.run(lambda is_wanted: sys.exit(1))
    assert not bench.breaker.is_open and bench.told == []


def test_deadline_opens(bench: Bench) -> None:
    """F5: who misses the deadline goes on without an outcome, and after that nobody waits any more."""
    bench.hang()

    assert bench.breaker.is_open and bench.told == [True]
    assert bench.refuses()
    assert not bench.has_probed.acquire(blocking=False), "nothing is tried before the pause is over"


def test_just_in_time_opens_nothing() -> None:
    """F5: the bad twin: work that ends before the deadline."""
    with benched(LONG) as bench:
        gate = bench.gate()
        threading.Timer(0, gate.set).start()
        assert bench.breaker.run(lambda is_wanted: gate.wait(LONG)) is True
        assert not bench.breaker.is_open


def test_work_is_told_that_nobody_waits(bench: Bench) -> None:
    """F5: what came too late can undo itself: the event is on the disk by then."""
    gate, ended = bench.gate(), threading.Event()
    wanted: list[bool] = []

    def work(is_wanted: Callable[[], bool]) -> None:
        wanted.append(is_wanted())
        gate.wait(LONG)
        wanted.append(is_wanted())
        ended.set()

    with pytest.raises(DatabaseUnavailableError):
        bench.breaker.run(work)
    gate.set()

    assert ended.wait(LONG)
    assert wanted == [True, False]


def test_late_success_closes(bench: Bench) -> None:
    """F5: once what had hung has come to an end, the database answers again."""
    gate = bench.hang()
    assert bench.has_told.acquire(timeout=LONG)
    gate.set()

    assert bench.has_told.acquire(timeout=LONG)
    assert not bench.breaker.is_open and bench.told == [True, False]
    assert not bench.refuses()


def test_late_error_asks_again(bench: Bench) -> None:
    """F5: what ends with an error does not answer again, but hangs no more: the next one asks, before the pause."""
    gate = bench.hang(lambda: 1 // 0)
    gate.set()
    assert settled(lambda: bench.breaker._hanging == 0)

    assert bench.breaker.is_open and bench.told == [True]
    assert bench.refuses()
    assert bench.has_probed.acquire(timeout=LONG)
    assert settled(lambda: bench.told == [True, False])


def test_probe_comes_after_the_pause_in_the_background(bench: Bench) -> None:
    """F5: whoever comes after the pause lets the database be asked, and does not wait for its answer."""
    bench.hang()
    bench.probe = bench.gate().wait
    bench.pause()

    assert bench.refuses()
    assert bench.has_probed.acquire(timeout=LONG)
    assert bench.refuses()
    assert not bench.has_probed.acquire(blocking=False), "one at a time"
    bench.gates[-1].set()
    assert settled(lambda: bench.told == [True, False])


def test_probe_that_fails_is_followed_by_another(bench: Bench) -> None:
    """F5: an error of a probe is no answer."""
    bench.hang()

    def fail() -> None:
        raise OSError("away")

    bench.probe = fail
    bench.pause()
    for _ in range(3):
        assert bench.refuses()
        assert bench.has_probed.acquire(timeout=LONG)
        assert settled(lambda: bench.breaker._hanging == 1)
    assert bench.told == [True]
    bench.probe = lambda: None
    assert bench.refuses()
    assert settled(lambda: bench.told == [True, False])


def test_few_hang_at_once(bench: Bench) -> None:
    """F5: a database that never answers costs a few threads and connections, and then few more."""
    bench.hang()
    gate = bench.gate()
    bench.probe = lambda: gate.wait(LONG)
    for _ in range(10):
        bench.pause()
        assert bench.refuses()
    probes = 0
    while bench.has_probed.acquire(timeout=0.2):
        probes += 1

    # Three, one in each pause, and another one six pauses later.
    assert probes == bench.breaker._hanging - 1 == MOST_HANGING
    bench.gates[0].set()
    assert settled(lambda: bench.told == [True, False])


def slowly(bench: Bench, part: float = 1.1 * SLOW_PART) -> Callable[..., None]:
    """Return work that takes a part of the deadline, by the bench's timer."""

    def work(*_: object) -> None:
        bench.now += part * 0.02

    return work


def test_slow_work_opens(bench: Bench) -> None:
    """F5: workers that each wait for a slow database serve nobody else, so after a few choices it is left alone."""
    for _ in range(MOST_SLOW):
        assert not bench.breaker.is_open
        bench.breaker.run(slowly(bench))
    assert bench.breaker.is_open and bench.told == [True]

    bench.probe = slowly(bench)
    bench.pause()
    assert bench.refuses() and bench.has_probed.acquire(timeout=LONG)
    assert settled(lambda: bench.breaker._hanging == 0)
    assert bench.breaker.is_open, "it is slow still"

    bench.probe = lambda: None
    bench.pause()
    assert bench.refuses() and bench.has_probed.acquire(timeout=LONG)
    assert settled(lambda: bench.told == [True, False])


@pytest.mark.parametrize("between", ["quick", "slow reading"])
def test_slow_work_that_opens_nothing(bench: Bench, between: str) -> None:
    """The twin: one that is quick in between, or a page that reads much."""
    for _ in range(MOST_SLOW - 1):
        bench.breaker.run(slowly(bench))
    bench.breaker.run(slowly(bench, 0.1 if between == "quick" else 0.9), opens=between == "quick")
    assert not bench.breaker.is_open and bench.told == []


def test_context_goes_along(bench: Bench) -> None:
    """F5: the app that asks is the current one where the work is done."""
    app = Flask("shop")
    with app.app_context():
        assert bench.breaker.run(lambda is_wanted: current_app.name) == "shop"
    with pytest.raises(RuntimeError, match="application context"):
        bench.breaker.run(lambda is_wanted: current_app.name)


def test_many_at_once(bench: Bench) -> None:
    """F5: threads do not get each other's outcome, and are used again."""
    outcomes: dict[int, list[int]] = {number: [] for number in range(16)}

    def answer(value: int, is_wanted: Callable[[], bool]) -> int:
        return value

    def ask(number: int) -> None:
        for turn in range(50):
            outcomes[number].append(bench.breaker.run(partial(answer, number * 1_000 + turn)))

    bench.breaker._timeout = LONG
    askers = [threading.Thread(target=ask, args=(number,)) for number in outcomes]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert outcomes == {number: [number * 1_000 + turn for turn in range(50)] for number in range(16)}
    assert len(bench.breaker._idle) <= 16


def test_many_hang_at_once(bench: Bench) -> None:
    """F5: all that had begun miss the deadline, it is told once, and one success closes it."""
    gate = bench.gate()
    missed = []

    def ask() -> None:
        try:
            bench.breaker.run(lambda is_wanted: gate.wait(LONG))
        except DatabaseUnavailableError:
            missed.append(1)

    askers = [threading.Thread(target=ask) for _ in range(12)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert len(missed) == 12 and bench.told == [True]
    gate.set()
    assert settled(lambda: bench.told == [True, False] and bench.breaker._hanging == 0)
    assert not bench.refuses()


FORKED = """
import os, threading
from flask_cookieconsent.errors import DatabaseUnavailableError
from flask_cookieconsent.log.breaker import Breaker

now = [0.0]
probed = threading.Event()
closed = threading.Event()
tell = lambda is_open: is_open or closed.set()
breaker = Breaker(timeout=TIMEOUT, pause=10.0, probe=probed.set, tell=tell, timer=lambda: now[0])
assert breaker.run(lambda is_wanted: 1) == 1

def hang():
    try:
        breaker.run(lambda is_wanted: threading.Event().wait())
    except DatabaseUnavailableError:
        pass

hanging = [threading.Thread(target=hang) for _ in range(HANGING)]
[each.start() for each in hanging]
[each.join() for each in hanging]
LOCKED and breaker._lock.acquire()
child = os.fork()
if child == 0:
    now[0] += 10.0
    for _ in range(2):
        try:
            value = breaker.run(lambda is_wanted: 2)
        except DatabaseUnavailableError:
            closed.wait(20)
    os._exit(0 if value == 2 and probed.is_set() == bool(HANGING) else 1)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
@pytest.mark.parametrize("hanging", [0, 1, 4])
@pytest.mark.parametrize("locked", [False, True])
def test_fork_makes_new_threads(hanging: int, locked: bool) -> None:
    """F5: a server that forks leaves its threads, what hangs in them, and whoever held a lock, behind."""
    timeout = "0.05" if hanging else "20"
    source = FORKED.replace("HANGING", str(hanging)).replace("LOCKED", str(locked)).replace("TIMEOUT", timeout)
    root = Path(__file__).parents[2]

    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", source], cwd=root, timeout=60, capture_output=True)

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_database_in_memory_needs_no_thread() -> None:
    """F5: its one connection belongs to the thread that asks."""
    site = make_site()
    site.visitor().choose("accept")

    assert site.log._breaker._idle == []
