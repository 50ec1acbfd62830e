"""A real shared cache in front of the demo: nothing of one visitor ever reaches another (A8)."""

from __future__ import annotations

import http.client
import random
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from demo_app import create_app
from tests.kit.sites import fields_of, soup_of

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache keys_zone=pages:1m;
    server {{
        listen unix:{folder}/socket;
        location / {{
            proxy_pass http://127.0.0.1:{port}; proxy_set_header Host $host; proxy_http_version 1.1;
            proxy_cache pages; proxy_cache_valid 200 404 10m; proxy_cache_methods GET HEAD;
            add_header X-Cache $upstream_cache_status always;
        }}
    }}
}}
"""

pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="no nginx on this machine; install it for this proof")


class _Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        """Say nothing."""


class _Line(http.client.HTTPConnection):
    """A connection over a socket of this machine."""

    def __init__(self, path: str) -> None:
        super().__init__("ecom.example")
        self._path = path

    def connect(self) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.connect(self._path)
        except OSError:
            line.close()
            raise
        self.sock = line


@contextmanager
def cached(app: Any, folder: Path) -> Iterator[str]:
    """Run an app behind nginx, and give the path of the cache's socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=server.port))
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for _ in range(10_000):
            if process.poll() is not None:
                pytest.fail(f"nginx did not start: {(folder / 'error.log').read_text()}")
            line = _Line(f"{folder}/socket")
            try:
                line.connect()
                break
            except OSError:
                threading.Event().wait(0.01)
            finally:
                line.close()
        yield f"{folder}/socket"
    finally:
        process.terminate()
        process.communicate(timeout=60)
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Reader:
    """Somebody who reads through the cache."""

    path_of_cache: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, path: str, method: str = "GET", body: str | None = None) -> tuple[http.client.HTTPResponse, str]:
        line = _Line(self.path_of_cache)
        headers = self.headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        line.request(method, path, body=body, headers={name: value for name, value in headers.items() if value})
        response = line.getresponse()
        text = response.read().decode()
        for value in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
        line.close()
        return response, text

    def press(self, choice: str) -> None:
        form = soup_of(self.open("/stories")[1]).select_one("#fcc-form")
        response, _ = self.open(form["action"], "POST", urlencode([*fields_of(form), ("choice", choice)]))
        assert response.status == 303


def sort_of(page: str) -> str:
    """Tell for whom a page was made."""
    soup = soup_of(page)
    if soup.select(".fcc-banner"):
        return "undecided"
    if soup.select(".fcc-signal"):
        return "signal"
    return "accepted" if soup.select(".fcc-withdraw") else "refused"


def crossed(path_of_cache: str, rounds: int) -> tuple[list[str], int]:
    """Let visitors of four kinds read by turns; return what reached the wrong one, and the number of cache hits."""
    readers = {
        "accepted": Reader(path_of_cache),
        "refused": Reader(path_of_cache),
        "undecided": Reader(path_of_cache),
        "signal": Reader(path_of_cache, {"Sec-GPC": "1"}),
    }
    readers["accepted"].press("accept")
    readers["refused"].press("reject")
    own = {name: dict(reader.cookies) for name, reader in readers.items()}
    chance, wrong, hits = random.Random(1), [], 0
    for _ in range(rounds):
        name = chance.choice(list(readers))
        path, method = (
            chance.choice(["/", "/stories", "/about", "/cookies/policy", "/nowhere"]),
            chance.choice(["GET", "HEAD"]),
        )
        response, text = readers[name].open(path, method)
        if method == "GET" and sort_of(text) != name:
            wrong.append(f"{name} was shown {path} of {sort_of(text)}")
        if name != "accepted" and readers[name].cookies != own[name]:
            wrong.append(f"{name} was given cookies: {readers[name].cookies}")
        statement, _ = readers[name].open("/.well-known/gpc.json")
        hits += statement.headers["X-Cache"] == "HIT"
        assert response.headers["X-Cache"] in ("MISS", "HIT", "BYPASS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED")
    return wrong, hits


def test_nothing_of_one_visitor_reaches_another(tmp_path: Path) -> None:
    """A8: hundreds of requests of four kinds by turns, through one cache that would keep anything."""
    demo = create_app({"INSTANCE_PATH": str(tmp_path / "instance")})
    with cached(demo, tmp_path) as path:
        wrong, hits = crossed(path, 400)

    assert wrong == []
    assert hits == 399, "what asks nothing is kept once and served to all"


def test_nothing_of_one_visitor_twin(tmp_path: Path) -> None:
    """A8: the same site without its two headers gives one visitor's page to the next."""
    demo = create_app({"INSTANCE_PATH": str(tmp_path / "instance")})

    def careless(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept = [each for each in headers if each[0] not in ("Vary", "Cache-Control")]
            return start_response(status, kept, exc_info)

        return demo(environ, start)

    with cached(careless, tmp_path) as path:
        wrong, _ = crossed(path, 60)

    assert wrong != []
