"""The shop under gunicorn with its database, its spool and its clock, and the commands that its owner runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

import psutil
import sqlalchemy as sa

from .databases import Database, MariaDb, Postgres, Proxy, Sqlite, engine_of, wait_until
from .visitors import Event, Visitors, key_of

ROOT = Path(__file__).parents[2]
DATABASES: dict[str, Callable[[Path], Database]] = {"postgresql": Postgres, "sqlite": Sqlite, "mariadb": MariaDb}
#: Seconds for one command of the owner's.
LONGEST_COMMAND = 120


class Server:
    """One gunicorn with four workers; its port stays open while it is restarted, so that nobody is turned away."""

    def __init__(self, environment: dict[str, str], log: Path, *, worker: str, preload: bool) -> None:
        self.environment = environment
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=2_048)
        self.port: int = self._listening.getsockname()[1]
        self.log, self._preload = log, preload
        self._worker = ["--worker-class", worker, *(["--threads", "4"] if worker == "gthread" else [])]

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{self._listening.fileno()}", "--workers", "4"]
        # A disk that is busy with what others write makes a worker wait for longer than it may (half a minute).
        command += ["--timeout", "120", *self._worker]
        command += [*(["--preload"] if self._preload else []), "tests.faults.shop:create_app()"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                pass_fds=[self._listening.fileno()],
                start_new_session=True,
            )
        wait_until(self._answers, "gunicorn did not start")

    def stop(self) -> None:
        """End it as its owner would, with what its workers are about."""
        self._process.terminate()
        try:
            self._process.wait(timeout=40)
        finally:
            self.kill()

    def kill(self) -> None:
        """End all its processes at once."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(60)

    def end(self) -> None:
        """Close its port too."""
        self.kill()
        self._listening.close()

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer."""
        return psutil.Process(self._process.pid).children()

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(self.log.read_text())
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        with suppress(OSError):
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        return False


@dataclass
class Stage:
    """All that a fault can break."""

    folder: Path
    database: Database
    settings: dict[str, Any]
    servers: list[Server] = field(default_factory=list)
    proxy: Proxy | None = None
    visitors: Visitors = field(default_factory=lambda: Visitors([]))

    @classmethod
    def built(
        cls, ends: ExitStack, folder: Path, database: str, *, worker: str, servers: int, preload: bool, network: bool
    ) -> Self:
        """Start a database and servers, which the stack ends."""
        running = DATABASES[database](folder / "database")
        ends.callback(running.end)
        settings = {
            "FOLDER": str(folder),
            "SECRET_KEY": "a key for tests only",
            "SQLALCHEMY_DATABASE_URI": running.uri,
            "COOKIECONSENT_CONTROLLER": "Shop NV",
            "COOKIECONSENT_SPOOL_FOLDER": str(folder / "disk" / "spool"),
            # All visitors come from one address, and faster than people would.
            "COOKIECONSENT_GRANT_RATE": "9999999 per second",
            "COOKIECONSENT_RECEIPT_RATE": "9999999 per second",
        }
        stage = cls(folder, running, settings)
        (folder / "disk").mkdir(exist_ok=True)
        stage.set_clock(0)
        if network:
            assert isinstance(running, Postgres)
            stage.proxy = Proxy(running.socket)
            ends.callback(stage.proxy.end)
            settings["SQLALCHEMY_DATABASE_URI"] = f"postgresql+psycopg://postgres@127.0.0.1:{stage.proxy.port}/postgres"
        stage.command("init-db")
        for number in range(servers):
            log = folder / f"gunicorn{number}.log"
            stage.servers.append(server := Server(stage.environment, log, worker=worker, preload=preload))
            ends.callback(server.end)
            server.start()
        return stage

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the shop's processes, with its settings."""
        # Each gunicorn has a socket of its own in the home folder.
        own = {"PYTHONPATH": str(ROOT), "HOME": str(self.folder)}
        return os.environ | own | {f"SHOP_{name}": value for name, value in self.settings.items()}

    @property
    def ports(self) -> list[int]:
        """Where visitors come."""
        return [server.port for server in self.servers]

    @property
    def spool(self) -> Path:
        """The folder where events wait."""
        return self.folder / "disk" / "spool"

    def waiting(self) -> int:
        """Return how many events wait there."""
        return len(list(self.spool.glob("*.json")))

    def told(self) -> int:
        """Return how often the shop was told that an event is kept nowhere."""
        path = self.folder / "failed"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def logs(self) -> list[str]:
        """Return what the servers wrote: all that is told of their workers, and the end of the rest."""
        texts = [server.log.read_text() for server in self.servers]
        told = [[line for line in text.splitlines() if line.startswith("[")] for text in texts]
        return [f"its log: {' / '.join(lines)} […] {text[-6_000:]}" for lines, text in zip(told, texts, strict=True)]

    def set_clock(self, seconds: float) -> None:
        """Let the clock of the host be ahead by some seconds, or behind."""
        draft = self.folder / "clock.draft"
        draft.write_text(str(seconds))
        draft.replace(self.folder / "clock")

    def restart(self) -> None:
        """Restart all servers, with the settings as they are now."""
        for server in self.servers:
            server.environment = self.environment
            server.stop()
            server.start()

    def command(self, name: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run `flask cookieconsent …` as the owner would."""
        command = [
            sys.executable,
            "-m",
            "flask",
            "--app",
            "tests.faults.shop:create_app",
            "cookieconsent",
            name,
            *options,
        ]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_COMMAND,
        )

    def sql(self, *statements: str) -> None:
        """Run statements on the database, each in a transaction of its own."""
        with engine_of(self.database).connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def events(self) -> list[Event]:
        """Return every event in the log that can be found again."""
        query = "SELECT previous_receipt, kind, method, locale, gpc, receipt FROM cookieconsent_event"
        with engine_of(self.database).connect() as connection:
            rows = connection.execute(sa.text(query)).all()
        return [Event(key, before) for before, *row in rows if (key := key_of(*row)) is not None]
