"""A proxy for browsers that cannot be told where a host is: own hosts lead to the site, all others to the stub."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

from .harness import HOST, Quieter, Stub

PIECE = 65_536


def _pour(source: socket.socket, target: socket.socket) -> None:
    """Hand on what comes until nothing more does, and say so at the other end."""
    with suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            host, _, port = self.path.rpartition(":")
            if host != HOST and not host.endswith(f".{HOST}"):
                port = str(stub.port)
            with socket.create_connection(("127.0.0.1", int(port)), 60) as onward:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_pour, args=[onward, self.connection], daemon=True)
                back.start()
                _pour(self.connection, onward)
                back.join()

        def refuse(self) -> None:
            """Note a request without TLS, which no page of the tests has a reason for, and go no further."""
            stub.asked.append((self.headers.get("Host", "").split(":")[0], self.path))
            self.send_error(502)

        do_GET = do_HEAD = do_POST = refuse

        def log_message(self, *args: Any) -> None:
            """Say nothing; the tests read what the stub was asked."""

    return Handler


@contextmanager
def proxied(stub: Stub) -> Iterator[int]:
    """Run a proxy on a free port of this machine, and give the port."""
    server = Quieter(("127.0.0.1", 0), _handler(stub))
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
