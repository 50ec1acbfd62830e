"""Names of undeclared cookies in memory: nothing that is one visitor's alone gets out, and floods have their bounds."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping

import pytest

from flask_cookieconsent.log import seen
from flask_cookieconsent.log.seen import WRITE_EVERY, SeenCookies
from flask_cookieconsent.log.statistics import BASE

#: Addresses of as many clients as it takes.
CLIENTS = tuple(f"203.0.113.{number}" for number in range(BASE))
PROXY = "10.0.0.1"


class Bench:
    """A counter with a timer of its own, and what it has handed over to be written."""

    def __init__(self) -> None:
        self.now, self.fails = 1_000.0, False
        self.written: list[dict[str, int]] = []
        self.cookies = SeenCookies(self._write, lambda: self.now)

    def _write(self, counts: Mapping[str, int]) -> None:
        if self.fails:
            raise OSError("on purpose")
        self.written.append(dict(counts))

    def bring(self, *names: str, clients: tuple[str, ...] = CLIENTS) -> None:
        for address in clients:
            self.cookies.add(set(names), address)

    def minute(self) -> None:
        self.now += WRITE_EVERY


def test_one_write_a_minute() -> None:
    """However many requests there are, a process writes once a minute, and loses none of them meanwhile."""
    bench = Bench()
    bench.bring("_fbp", clients=CLIENTS * 4)
    assert bench.written == [{"_fbp": BASE}]
    bench.minute()
    bench.bring("_fbp", clients=CLIENTS[:1])
    bench.bring("_fbp")

    assert bench.written == [{"_fbp": BASE}, {"_fbp": 3 * BASE + 1}]


def test_name_of_few_stays_in_memory() -> None:
    """What makes a name personal may be a word like any other: one that few clients bring is never written."""
    bench = Bench()
    for _ in range(20):
        bench.bring("prefs-alice", clients=CLIENTS[: BASE - 1])
        bench.minute()
    assert bench.written == []
    bench.bring("prefs-alice", clients=CLIENTS[-1:])

    assert bench.written == [{"prefs-alice": 20 * (BASE - 1) + 1}]


@pytest.mark.parametrize("address", [PROXY, "127.0.0.1", "", None])
def test_address_that_tells_nobody_apart(address: str | None, caplog: pytest.LogCaptureFixture) -> None:
    """Behind a proxy, in a network of one's own and on a socket one visitor's name would pass for everybody's."""
    bench = Bench()
    bench.bring("prefs-alice", clients=(address,) * 9 * BASE)  # type: ignore[arg-type]

    assert bench.written == []
    assert [record.message.count("ProxyFix") for record in caplog.records] == [1]


def test_networks_of_one_subscriber_are_one_client() -> None:
    bench = Bench()
    bench.bring("_fbp", clients=tuple(f"2001:db8:1:{number}::1" for number in range(20)))
    assert bench.written == []
    bench.bring("_fbp", clients=tuple(f"2001:db8:{number}::1" for number in range(2, BASE + 1)))

    assert bench.written == [{"_fbp": 20 + BASE - 1}]


def test_day_ends() -> None:
    """Who brought what is forgotten with the key of the day; what was counted and not yet written is not."""
    bench = Bench()
    bench.bring("_fbp")
    bench.bring("_fbp")
    bench.bring("prefs-alice", clients=CLIENTS[:-1])
    bench.now += 86_400
    bench.bring("prefs-alice", clients=CLIENTS[-1:])

    assert bench.written == [{"_fbp": BASE}, {"_fbp": BASE}]


MANY = tuple(f"198.51.{number // 250}.{number % 250}" for number in range(500))


@pytest.mark.parametrize("clients", [("198.51.100.1",), (PROXY,), MANY])
def test_flood_keeps_room_for_the_real_one(clients: tuple[str, ...]) -> None:
    """Made-up names of one client, of a proxy's and of many: memory stays small, and what all others have is counted.

    Here ten requests of the flood come between two of other visitors.
    """
    bench = Bench()
    for number in range(2_000):
        made_up = {f"made-up-{number}-{each}" for each in range(150)}
        bench.cookies.add(made_up, clients[number % len(clients)])
        bench.now += 0.01
        bench.cookies.add({"_fbp"} if number % 10 == 0 else set(), f"203.0.{number // 250}.{number % 250}")
    bench.minute()
    bench.bring("_fbp", clients=CLIENTS[:1])

    assert sum(each["_fbp"] for each in bench.written) > 195
    assert {name for each in bench.written for name in each} == {"_fbp"}
    assert len(bench.cookies._held) <= seen.MOST_HELD


def test_flood_that_is_counted_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a script brings each made-up name often enough, the rarest names go, and never a frequent one."""
    monkeypatch.setattr(seen, "MOST_COUNTED", 10)
    bench = Bench()
    bench.bring("_fbp", clients=CLIENTS * 3)
    for number in range(100):
        bench.bring(f"made-up-{number}")
        bench.minute()
    bench.bring("_fbp")

    assert "_fbp" in bench.cookies._totals
    assert len(bench.cookies._totals) == 10


def test_writer_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A database that is away loses what was due, and is asked again a minute later; counting goes on."""
    bench = Bench()
    bench.fails = True
    with caplog.at_level(logging.WARNING):
        bench.bring("_fbp", clients=CLIENTS * 2)
    assert [each.message for each in caplog.records] == ["undeclared cookies could not be counted: OSError: on purpose"]
    bench.fails = False
    bench.minute()
    bench.bring("_fbp")

    assert bench.written == [{"_fbp": BASE + 1}]


def test_threads_lose_no_count() -> None:
    bench = Bench()
    bench.bring("_fbp")
    threads = [threading.Thread(target=bench.bring, args=["_fbp"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bench.minute()
    bench.bring("_fbp", clients=CLIENTS[:1])

    assert [each["_fbp"] for each in bench.written] == [BASE, 8 * BASE + 1]


FORK = """
import os
from flask_cookieconsent.log.seen import SeenCookies

now, written = [0.0], []
cookies = SeenCookies(written.append, lambda: now[0])
for number in range(10):
    cookies.add({"_fbp"}, f"203.0.113.{number}")
now[0] = 60.0
cookies._lock.acquire()
cookies._new._lock.acquire()
child = os.fork()
if child:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
for number in range(5):
    cookies.add({"_fbp"}, f"203.0.113.{number}")
os._exit(0 if written == [{"_fbp": 5}, {"_fbp": 5}] else 1)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_fork_counts_for_itself() -> None:
    """A server that forks after it has served: the child has neither the counts of its parent nor its locks."""
    done = subprocess.run([sys.executable, "-c", FORK], timeout=30, check=False)

    assert done.returncode == 0
