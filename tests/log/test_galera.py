"""The log on a MariaDB Galera cluster: three app servers, a node for each, while nodes are killed and stopped.

A step of its own: `python -m pytest -m cluster -s tests/log/test_galera.py`.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.kit.events import fill
from tests.kit.galera import Cluster, NoClusterError
from tests.kit.load import Load, is_whole, log_of, output_of, spool_of, waiting
from tests.kit.sites import Clock, Site, make_site

pytestmark = pytest.mark.cluster

ROUNDS = 20

#: What docs/growing.md tells to set: a read sees all that any node has acknowledged.
CAUSAL = {"connect_args": {"init_command": "SET SESSION wsrep_sync_wait = 1"}, "pool_pre_ping": True}


@pytest.fixture(scope="module")
def started() -> Iterator[Cluster]:
    """Three nodes, or the reason why there are none."""
    start = time.monotonic()
    try:
        cluster = Cluster()
    except NoClusterError as error:
        pytest.skip(str(error))
    with cluster:
        print(f"\nthree nodes after {time.monotonic() - start:.0f} s")
        yield cluster


@pytest.fixture
def cluster(started: Cluster) -> Cluster:
    """Three nodes with an empty database."""
    started.empty()
    return started


@pytest.fixture
def sites(cluster: Cluster, tmp_path: Path) -> Iterator[list[Site]]:
    """Three servers of one site, a node for each, which leave a database that hangs for two seconds alone for one."""
    with servers(cluster, tmp_path, COOKIECONSENT_DATABASE_TIMEOUT=2, COOKIECONSENT_DATABASE_PAUSE=1) as made:
        yield made


@pytest.fixture
def patient(cluster: Cluster, tmp_path: Path) -> Iterator[list[Site]]:
    """Three servers that wait for a busy machine; what they do at once is the test, and not how soon."""
    with servers(cluster, tmp_path) as made:
        yield made


@contextmanager
def servers(cluster: Cluster, folder: Path, *, tables: bool = True, **config: Any) -> Iterator[list[Site]]:
    """Make servers of one site, one on each node, with the same clock and spools of their own."""
    clock = Clock()
    spools = [folder / f"spool{node.number}" for node in cluster.nodes]
    made = [site_on(node.uri, spool, clock, **config) for node, spool in zip(cluster.nodes, spools, strict=True)]
    if tables:
        output_of(made[0], "init-db")
    yield made
    for site in made:
        dispose(site)


def dispose(site: Site) -> None:
    """Close the connections of a server."""
    with site.app.app_context():
        site.db.engine.dispose()


def site_on(uri: str, spool: Path, clock: Clock, **config: Any) -> Site:
    """Return a server of the site on the node with an address; it waits for a busy machine unless it is told not to."""
    return make_site(
        uri=uri,
        clock=clock,
        tables=False,
        COOKIECONSENT_SPOOL_FOLDER=str(spool),
        COOKIECONSENT_LOG_SCOPE="shop",
        COOKIECONSENT_GRANT_RATE="9999999 per second",
        SQLALCHEMY_ENGINE_OPTIONS=CAUSAL,
        PROPAGATE_EXCEPTIONS=False,
        **{"COOKIECONSENT_DATABASE_TIMEOUT": 60} | config,
    )


def at_once(work: Callable[[Any], Any], things: Sequence[Any]) -> list[Any]:
    """Return what some work makes of each thing, begun at the same moment, each in a thread of its own."""
    line = threading.Barrier(len(things))

    def begin(thing: Any) -> Any:
        line.wait(60)
        return work(thing)

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(begin, things))


def in_context(work: Callable[[Any], Any]) -> Callable[[Site], Any]:
    """Return a function that hands the log of a site to some work; commands would share one standard output."""

    def run(site: Site) -> Any:
        with site.app.app_context():
            return work(site.log)

    return run


def check(load: Load, sites: list[Site]) -> None:
    """Assert that every acknowledged choice is in the log exactly once."""
    # A command has a process of its own, which knows of no trouble that a server had.
    commands = [site_on(site.app.config["SQLALCHEMY_DATABASE_URI"], spool_of(site), site.clock) for site in sites]
    for command in commands:
        output_of(command, "replay")
    assert load.statuses == {303: len(load.acknowledged)}, "no choice was refused, and none was an error"
    assert len(load.acknowledged) > 20
    assert (load.missing(commands[-1]), load.surplus(commands[-1])) == ({}, {})
    assert is_whole(commands[0])
    for command in commands:
        dispose(command)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print figures past the capture, a line for each."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", end="")

    return say


Say = Callable[[str], None]


def test_load_on_three_nodes(sites: list[Site], say: Say) -> None:
    """F5: every node takes writes, and none stands in the way of another."""
    load = Load(sites)
    with load.running():
        time.sleep(3)
    check(load, sites)
    say(f"load on three nodes: {load.figures}")
    assert load.waited == 0


def test_node_is_killed_under_load(cluster: Cluster, sites: list[Site], say: Say) -> None:
    """F5: the server whose node is gone goes on, and so do the others; the node copies what it missed."""
    load = Load(sites)
    with load.running():
        time.sleep(1)
        cluster.nodes[1].kill()
        time.sleep(3)
        start = time.monotonic()
        cluster.rejoin()
        rejoined = time.monotonic() - start
        time.sleep(1)
    check(load, sites)
    say(f"a node killed, rejoined in {rejoined:.0f} s: {load.figures}")
    assert load.waited > 0


def test_node_stands_still_under_load(cluster: Cluster, sites: list[Site], say: Say) -> None:
    """F5: a node that says nothing is left out by the others, and comes back by itself."""
    load = Load(sites)
    with load.running():
        time.sleep(1)
        cluster.nodes[2].send(signal.SIGSTOP)
        time.sleep(5)
        cluster.nodes[2].send(signal.SIGCONT)
        cluster.rejoin()
        time.sleep(1)
    check(load, sites)
    say(f"a node stopped for 5 s: {load.figures}")


def test_no_majority(cluster: Cluster, sites: list[Site], say: Say) -> None:
    """F5: the last of three nodes takes nothing, so choices wait on the disks until the cluster is whole again."""
    load = Load(sites)
    with load.running():
        time.sleep(1)
        for node in cluster.nodes[1:]:
            node.kill()
        time.sleep(4)
    assert not cluster.nodes[0].is_synced()
    start = time.monotonic()
    cluster.bootstrap(cluster.nodes[0])
    cluster.rejoin()
    whole = time.monotonic() - start
    check(load, sites)
    say(f"two of three nodes killed, whole again in {whole:.0f} s: {load.figures}")
    assert load.waited > 0


@pytest.mark.parametrize(("nodes", "bearers", "rounds"), [(2, 1, ROUNDS), (3, 4, 5)])
def test_erasures_of_one_day(patient: list[Site], say: Say, nodes: int, bearers: int, rounds: int) -> None:
    """F7: bearers on several nodes erase records of one sealed day at the same moment; none is told to come again."""
    groups = [[site.visitor() for site in patient[:nodes] for _ in range(bearers)] for _ in range(rounds)]
    for visitor in (each for group in groups for each in group):
        assert visitor.choose("accept").status_code == 303
    patient[0].clock.forward(days=3)
    output_of(patient[0], "seal")

    answers = [at_once(lambda bearer: bearer.choose("erase"), group) for group in groups]
    statuses = Counter(answer.status_code for some in answers for answer in some)
    say(f"{nodes * bearers} erasures of one day on {nodes} nodes at once, {rounds} rounds: {dict(statuses)}")
    assert statuses == {303: nodes * bearers * rounds}
    assert Counter(row["kind"] for row in log_of(patient[2])) == {"erased": nodes * bearers * rounds}
    assert is_whole(patient[2])


def test_erasure_on_another_node_than_the_grant(patient: list[Site], say: Say) -> None:
    """F7: who granted on one node and erases on the next, at once, leaves nothing: reads see what was acknowledged."""
    left = 0
    for _ in range(ROUNDS):
        bearer = patient[0].visitor()
        bearer.choose("accept")
        headers = {"Cookie": f"cookieconsent_receipt={bearer.receipt}"}
        assert patient[1].visitor().choose("erase", headers=headers).status_code == 303
        left += sum(row["kind"] == "given" for row in log_of(patient[2]))
    say(f"granted on one node, erased on the next, {ROUNDS} rounds: {left} left")
    assert left == 0


def test_seals_and_counts_on_three_nodes(patient: list[Site], say: Say) -> None:
    """F4: three servers that seal, and count, the same days at once make one chain of seals, and the same counts."""
    fill(patient[0], 3_000, patient[0].clock().date(), 15)
    before = len(log_of(patient[0]))
    patient[0].clock.forward(days=20)

    start = time.monotonic()
    days = at_once(in_context(lambda log: log.seal()), patient)
    spent = time.monotonic() - start
    sealed = sum(map(len, days))
    counts = {output_of(site, "stats", "--days", "90") for site in patient}
    say(f"15 days sealed on three nodes at once: {sealed} seals in {spent:.1f} s, {len(counts)} outcome of counts")
    assert sealed == 15 and before == 3_000
    assert len(counts) == 1
    assert all(map(is_whole, patient))


def test_purge_on_three_nodes(patient: list[Site], say: Say) -> None:
    """F6: three servers that purge at once take every old event once, and the seals know of each."""
    fill(patient[0], 3_000, patient[0].clock().date(), 3)
    patient[0].clock.forward(days=5)
    output_of(patient[0], "seal")
    patient[0].clock.forward(days=2_100)

    taken = at_once(in_context(lambda log: log.purge()), patient)
    say(f"3,000 events purged on three nodes at once: {taken}")
    assert sum(taken) == 3_000 and log_of(patient[1]) == []
    assert all(map(is_whole, patient))


def test_tables_are_made_on_three_nodes(cluster: Cluster, tmp_path: Path, say: Say) -> None:
    """`init-db` on three servers at once makes the tables once."""
    with servers(cluster, tmp_path, tables=False) as sites:
        at_once(in_context(lambda log: log.create_tables()), sites)
        say("tables made on three nodes at once: no error")
        assert sites[1].visitor().choose("accept").status_code == 303 and len(log_of(sites[2])) == 1


def test_first_choices_on_three_nodes(patient: list[Site], say: Say) -> None:
    """F2: the first choices of a site on three nodes at once keep one notice."""
    visitors = [site.visitor() for site in patient for _ in range(2)]

    answers = at_once(lambda visitor: visitor.choose("accept"), visitors)
    waited = sum(waiting(site) for site in patient)
    for site in patient:
        output_of(site, "replay")
    rows, notices = log_of(patient[0]), output_of(patient[1], "notices").splitlines()
    say(f"first choices on three nodes at once: {len(rows)} events, {len(notices)} notice, {waited} waited")
    assert [answer.status_code for answer in answers] == [303] * 6
    assert len(rows) == 6 and len(notices) == 1
    assert {row["notice"] for row in rows} == {notices[0].partition(" ")[0]}
    assert is_whole(patient[2])


def test_one_spool_through_two_nodes(cluster: Cluster, patient: list[Site], tmp_path: Path, say: Say) -> None:
    """F5: two servers that empty one spool through two nodes at once write each event once, and both succeed."""
    shared = [site_on(node.uri, tmp_path / "shared", patient[0].clock) for node in cluster.nodes[:2]]
    cluster.nodes[0].run("RENAME TABLE test.cookieconsent_event TO test.away")
    for _ in range(150):
        assert shared[0].visitor().choose("accept").status_code == 303
    cluster.nodes[0].run("RENAME TABLE test.away TO test.cookieconsent_event")

    written = at_once(in_context(lambda log: log.replay()), shared)
    rows = log_of(patient[2])
    say(f"one spool of 150 through two nodes at once: {len(rows)} rows, written by {written}")
    assert len(rows) == len({row["id"] for row in rows}) == 150
    assert waiting(shared[0]) == 0
    assert is_whole(patient[2])
