"""Every fault of the table: what it breaks while its context lasts, and what mends it afterwards."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass

import psutil
import sqlalchemy as sa

from .databases import kill, stopped, wait_until
from .disks import full, read_only
from .stage import Stage


def replayed(stage: Stage) -> list[str]:
    """Replay what waits, as the owner would."""
    done = stage.command("replay")
    return [] if done.returncode == 0 else [f"replay: {done.stdout.strip()[-300:]}"]


def found_again(stage: Stage) -> list[str]:
    """Replay, be told that a key is missing, write it into the settings, and replay again."""
    is_told = bool(replayed(stage))
    stage.settings["SECRET_KEY_FALLBACKS"] = '["a key for tests only"]'
    return replayed(stage) + ([] if is_told else ["replay: nobody is told that events are put aside"])


Breaks = Callable[[Stage], AbstractContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One row of the table."""

    name: str
    breaks: Breaks
    database: str = "postgresql"
    servers: int = 1
    #: Whether the app is loaded before its workers are made, which then start at once.
    preload: bool = True
    #: Whether there is a network between the shop and its database.
    network: bool = False
    #: Seconds that it takes at least to tell a deadline from none.
    least: float = 0.0
    #: Whether neither database nor disk can keep events, so that grants may be refused (503), and refusals be told.
    keeps_nothing: bool = False
    #: Whether workers are killed with what they are about.
    cuts_off: bool = False
    #: What brings everything that waits into the log, and returns what is wrong with that.
    replays: Callable[[Stage], list[str]] = replayed
    #: The folder that is made a small disk, which can be full, and its size.
    disk: tuple[str, str] | None = None


# -- the database ------------------------------------------------------------------------------------------------------


@contextmanager
def killed(stage: Stage) -> Iterator[None]:
    """The server of the database is killed, and starts again."""
    kill(stage.database)
    try:
        yield
    finally:
        stage.database.start()


def hangs(stage: Stage) -> AbstractContextManager[None]:
    """The server takes connections and does not answer."""
    return stopped(stage.database)


def stalls(stage: Stage) -> AbstractContextManager[None]:
    """The network to the server lets nothing through."""
    assert stage.proxy is not None
    return stage.proxy.stalled()


def slow(stage: Stage) -> AbstractContextManager[None]:
    """Each answer of the server comes late, and before the deadline."""
    assert stage.proxy is not None
    return stage.proxy.slowed(0.4)


@contextmanager
def _holding(stage: Stage, *statements: str) -> Iterator[None]:
    engine = sa.create_engine(stage.database.uri, poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        yield
        connection.exec_driver_sql("ROLLBACK")


def locked(stage: Stage) -> AbstractContextManager[None]:
    """Somebody else's migration holds the table of events."""
    return _holding(stage, "LOCK TABLE cookieconsent_event IN ACCESS EXCLUSIVE MODE")


def written_long(stage: Stage) -> AbstractContextManager[None]:
    """A transaction of somebody else is the one writer that SQLite has."""
    return _holding(stage, "BEGIN IMMEDIATE")


@contextmanager
def table_missing(stage: Stage) -> Iterator[None]:
    """The table of events has another name for a while."""
    stage.sql("ALTER TABLE cookieconsent_event RENAME TO elsewhere")
    try:
        yield
    finally:
        stage.sql("ALTER TABLE elsewhere RENAME TO cookieconsent_event")


@contextmanager
def standby(stage: Stage) -> Iterator[None]:
    """The server takes no writes, as a standby does."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    others += " AND backend_type = 'client backend'"
    stage.sql("ALTER DATABASE postgres SET default_transaction_read_only = on", others)
    try:
        yield
    finally:
        stage.sql(
            "SET default_transaction_read_only = off",
            "ALTER DATABASE postgres RESET default_transaction_read_only",
            others,
        )


# -- disks -------------------------------------------------------------------------------------------------------------


@contextmanager
def database_full(stage: Stage) -> Iterator[None]:
    """The disk of the database is full."""
    with full(stage.folder / "database"):
        yield
    stage.database.start()  # a server may have given up


def database_read_only(stage: Stage) -> AbstractContextManager[None]:
    """The folder of the database takes no files."""
    return read_only(stage.folder / "database")


@contextmanager
def spool_full(stage: Stage) -> Iterator[None]:
    """The disk of the spool is full, and the database is away."""
    with full(stage.folder / "disk"), killed(stage):
        yield


@contextmanager
def spool_read_only(stage: Stage) -> Iterator[None]:
    """The folder of the spool takes no files, and the database is away."""
    with read_only(stage.folder / "disk"), killed(stage):
        yield


@contextmanager
def spool_missing(stage: Stage) -> Iterator[None]:
    """The folder of the spool is gone and cannot be made, and the database is away."""
    disk = stage.folder / "disk"
    shutil.rmtree(disk)
    disk.write_text("no folder")
    try:
        with killed(stage):
            yield
    finally:
        disk.unlink()
        disk.mkdir()


@contextmanager
def spool_kept(stage: Stage) -> Iterator[None]:
    """The database is back, and the folder of the spool does not let go of what waits there."""
    with ExitStack() as ends:
        with killed(stage):
            _some_wait(stage)
            ends.enter_context(read_only(stage.folder / "disk"))
        yield


# -- clock, key, processes ---------------------------------------------------------------------------------------------


@contextmanager
def clock_ahead(stage: Stage) -> Iterator[None]:
    """The clock is ten days ahead, and the nightly commands run; then it is set right."""
    stage.set_clock(864_000)
    try:
        stage.command("seal")
        yield
    finally:
        stage.visitors.forget()  # what was chosen ten days from now does not count yet
        stage.set_clock(0)


@contextmanager
def clock_back(stage: Stage) -> Iterator[None]:
    """The clock goes back an hour while events wait."""
    with killed(stage):
        _some_wait(stage)
        stage.set_clock(-3_600)
    try:
        yield
    finally:
        stage.set_clock(0)


def _some_wait(stage: Stage) -> None:
    wait_until(lambda: stage.waiting() >= 10, "nothing went to the spool")


@contextmanager
def restarted(stage: Stage) -> Iterator[None]:
    """The servers are restarted while events wait and the database is away."""
    with killed(stage):
        _some_wait(stage)
        stage.restart()
        yield


@contextmanager
def key_changed(stage: Stage) -> Iterator[None]:
    """The secret key changes while events wait; the old one is a fallback."""
    old, new = stage.settings["SECRET_KEY"], "another key for tests"
    stage.settings |= {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": f'["{old}"]'}
    with restarted(stage):
        yield


@contextmanager
def key_lost(stage: Stage) -> Iterator[None]:
    """The secret key changes while events wait, and nobody has written the old one down."""
    stage.settings["SECRET_KEY"] = "another key for tests"
    stage.visitors.forget()  # as the shop does: it cannot read their cookies
    with restarted(stage):
        yield


@contextmanager
def workers_killed(stage: Stage) -> Iterator[None]:
    """One worker after the other is killed, whatever it is about."""
    ended = threading.Event()

    def go_on() -> None:
        number = 0
        while not ended.wait(0.5):
            for server in stage.servers:
                with suppress(psutil.NoSuchProcess, IndexError):
                    server.workers()[number % 4].kill()
            number += 1

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def everything_killed(stage: Stage) -> Iterator[None]:
    """The database is killed again and again, and so are workers."""
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(1):
            with killed(stage):
                ended.wait(0.5)

    thread = threading.Thread(target=go_on)
    with workers_killed(stage):
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


FAULTS: tuple[Fault, ...] = (
    Fault(name="killed", breaks=killed, preload=False),
    Fault(name="hang", breaks=hangs, preload=False, least=12),
    Fault(name="stall", breaks=stalls, network=True, least=12),
    Fault(name="slow", breaks=slow, network=True),
    Fault(name="lock", breaks=locked, least=12),
    Fault(name="table missing", breaks=table_missing),
    Fault(name="read-only server", breaks=standby),
    Fault(name="disk full", breaks=database_full, disk=("database", "128m")),
    Fault(name="spool full", breaks=spool_full, keeps_nothing=True, disk=("disk", "32m")),
    Fault(name="spool read-only", breaks=spool_read_only, keeps_nothing=True),
    Fault(name="spool missing", breaks=spool_missing, keeps_nothing=True),
    Fault(name="spool read-only, database back", breaks=spool_kept, keeps_nothing=True),
    Fault(name="clock ahead", breaks=clock_ahead),
    Fault(name="clock back", breaks=clock_back),
    Fault(name="restart with full spool", breaks=restarted),
    Fault(name="key changed", breaks=key_changed),
    Fault(name="key lost and found", breaks=key_lost, replays=found_again),
    Fault(name="workers killed", breaks=workers_killed, cuts_off=True),
    Fault(name="everything killed", breaks=everything_killed, cuts_off=True),
    Fault(name="two servers, one spool", breaks=killed, servers=2),
    Fault(name="SQLite: long writer", breaks=written_long, database="sqlite", least=12),
    Fault(name="SQLite: disk full", breaks=database_full, database="sqlite", disk=("database", "1m")),
    Fault(name="SQLite: read-only", breaks=database_read_only, database="sqlite"),
    Fault(name="MariaDB: killed", breaks=killed, database="mariadb"),
    Fault(name="MariaDB: hang", breaks=hangs, database="mariadb", least=12),
)
