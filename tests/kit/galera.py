"""MariaDB Galera cluster on this machine: nodes that take writes at once, are killed, stopped and rejoined."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Self

import pymysql

from .guard import Guard
from .ports import free_ports

# Debian keeps servers where only an administrator's shell looks.
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_PROGRAMS = {
    "mariadbd": "mariadb-server",
    "mariadb-install-db": "mariadb-server",
    "rsync": "rsync",
    "ss": "iproute2",
    "gcc": "gcc",
}
_PROVIDERS = [Path(folder, "libgalera_smm.so") for folder in ("/usr/lib/galera", "/usr/lib", "/usr/lib64/galera-4")]

# Galera asks what priority its threads have, and ends where a container refuses the answer.
_SHIM = """
#include <pthread.h>
#include <string.h>
int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param *of) { return 0; }
int pthread_getschedparam(pthread_t thread, int *policy, struct sched_param *of) {
    *policy = SCHED_OTHER;
    memset(of, 0, sizeof *of);
    return 0;
}
"""

# What copies to another node gives up the rights of an administrator, and then needs those of an ordinary user.
_USER = "mysql" if getpass.getuser() == "root" else getpass.getuser()

#: Seconds that a node may take to start, or to copy what it missed, on a busy machine.
_PATIENCE = 120

# What these tests write has to survive no loss of power. A node that says nothing for two seconds is taken for gone,
# which by default takes five.
_OPTIONS = (
    "--no-defaults",
    f"--user={_USER}",
    "--bind-address=127.0.0.1",
    "--binlog-format=ROW",
    "--innodb-autoinc-lock-mode=2",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=8M",
    "--wsrep-on=ON",
    "--wsrep-sst-method=rsync",
    "--wsrep-node-address=127.0.0.1",
)
_PROVIDER_OPTIONS = "evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S;gcache.size=16M"


class NoClusterError(Exception):
    """No cluster can be started on this machine; the message names what is missing."""


class Node:
    """One node: its folder, its ports, and its process while it runs."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.number = folder, number
        self.port, self.group_port, self.missed_port, self.copy_port = free_ports(4)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The address for SQLAlchemy."""
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/test?charset=utf8mb4"

    def start(self, group: Iterable[Node], shim: Path, provider: Path) -> subprocess.Popen[bytes]:
        """Start the server and return its process; with an empty *group* it is the first node of a new cluster."""
        others = ",".join(f"127.0.0.1:{node.group_port}" for node in group)
        own = (
            f"gmcast.listen_addr=tcp://127.0.0.1:{self.group_port};ist.recv_addr=127.0.0.1:{self.missed_port};"
            f"base_port={self.group_port};{_PROVIDER_OPTIONS}"
        )
        command = [
            str(_program("mariadbd")),
            *_OPTIONS,
            f"--datadir={self.folder / 'data'}",
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--log-error={self.log}",
            f"--port={self.port}",
            f"--wsrep-provider={provider}",
            f"--wsrep-provider-options={own}",
            f"--wsrep-cluster-address=gcomm://{others}",
            f"--wsrep-node-name=node{self.number}",
            f"--wsrep-sst-receive-address=127.0.0.1:{self.copy_port}",
        ]
        environment = os.environ | {"LD_PRELOAD": str(shim), "PATH": _PATH}
        # A group of its own, because copying to another node is the work of scripts that the server starts.
        self.process = subprocess.Popen(
            command, env=environment, cwd=self.folder, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return self.process

    def wait(self, size: int = 1) -> None:
        """Wait until the node takes writes, and knows of so many nodes, itself included.

        :raises NoClusterError: if it ends, or takes too long.
        """
        end = time.monotonic() + _PATIENCE
        while not (self.is_synced() and int(self.status("wsrep_cluster_size") or 0) >= size):
            if self.process is None or self.process.poll() is not None or time.monotonic() > end:
                raise NoClusterError(f"node {self.number} of a Galera cluster does not start: {self.last_words()}")
            time.sleep(0.1)

    def is_synced(self) -> bool:
        """Tell whether the node belongs to a part of the cluster that has a majority, and has all that it missed."""
        return self.status("wsrep_local_state_comment") == "Synced" and self.status("wsrep_ready") == "ON"

    def status(self, name: str) -> str:
        """Return a status variable of the server, an empty text while it does not answer."""
        try:
            return self.run(f"SHOW STATUS LIKE '{name}'")[-1]
        except pymysql.MySQLError:
            return ""

    def run(self, *statements: str) -> tuple[str, ...]:
        """Run statements on this node, each on its own, and return the first row of the last.

        SQLAlchemy would ask the server for more than a node without the others answers.
        """
        waits = {"connect_timeout": 2, "read_timeout": 20}
        with (
            closing(pymysql.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True, **waits)) as to,
            to.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)
            return tuple(map(str, cursor.fetchone() or ()))

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the server and to what it has started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End the server at once, as a loss of power would (SIGKILL)."""
        self.send(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(60)
        self.process = None

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "log.err"

    def last_words(self) -> str:
        """Return the last errors that the server told."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        errors = [line.partition("[ERROR]")[2].strip() for line in lines if "[ERROR]" in line]
        return "; ".join(errors[-3:]) or "it says no error"


class Cluster:
    """Three nodes below one folder, as a context; all processes and files go with it.

    :raises NoClusterError: if it cannot be started; the message names what is missing.
    """

    def __init__(self, size: int = 3) -> None:
        missing = [f"{name} (Debian: {package})" for name, package in _PROGRAMS.items() if _program(name) is None]
        self._provider = next((path for path in _PROVIDERS if path.exists()), None)
        if self._provider is None:
            missing.append("libgalera_smm.so (Debian: galera-4)")
        if missing:
            raise NoClusterError(f"a Galera cluster needs {', '.join(missing)}")
        self._folder = Path(tempfile.mkdtemp(prefix="galera"))
        self._guard = Guard(self._folder)
        self._shim = self._folder / "shim.so"
        self.nodes: list[Node] = []
        try:
            self._install(size)
            self._start(self.nodes[0], [])
            self.nodes[0].wait()
            self.rejoin()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _install(self, size: int) -> None:
        _give(self._folder)
        (self._folder / "shim.c").write_text(_SHIM)
        compiler = [str(_program("gcc")), "-shared", "-fPIC", "-o", str(self._shim), str(self._folder / "shim.c")]
        subprocess.run(compiler, check=True, capture_output=True)
        for number in range(size):
            node = Node(self._folder / f"node{number}", number)
            for folder in (node.folder, node.folder / "data"):
                folder.mkdir()
                _give(folder)
            self.nodes.append(node)
        data = self.nodes[0].folder / "data"
        install = [str(_program("mariadb-install-db")), "--no-defaults", f"--user={_USER}"]
        install += [f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run([*install, "--innodb-log-file-size=8M"], check=True, capture_output=True)

    def rejoin(self) -> None:
        """Start every node that does not run, and wait until all take writes.

        :raises NoClusterError: if one of them does not start.
        """
        for node in self.nodes:
            if node.process is None:
                self._start(node, [other for other in self.nodes if other is not node])
        for node in self.nodes:
            node.wait(size=len(self.nodes))

    def _start(self, node: Node, group: list[Node]) -> None:
        assert self._provider is not None
        self._guard.watch(node.folder.name, node.start(group, self._shim, self._provider))

    def bootstrap(self, node: Node) -> None:
        """Let a node that has lost the majority go on alone, which an operator has to decide."""
        node.run("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'")
        node.wait()

    def empty(self) -> None:
        """Start what does not run, and make the database `test` anew, on all nodes."""
        self.rejoin()
        self.nodes[0].run("DROP DATABASE IF EXISTS test", "CREATE DATABASE test CHARACTER SET latin1")

    def close(self) -> None:
        """End all nodes and remove their folders."""
        for node in self.nodes:
            node.kill()
        self._guard.close()


def _give(folder: Path) -> None:
    if getpass.getuser() == "root":
        shutil.chown(folder, _USER)


def _program(name: str) -> str | None:
    return shutil.which(name, path=_PATH)
