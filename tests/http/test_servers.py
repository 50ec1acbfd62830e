"""Raw bytes in headers, and answers to long cookies, through servers and proxies that sites really use."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.sites import make_site

ROOT = Path(__file__).parents[2]
NGINX = "/usr/sbin/nginx"
CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen unix:{folder}/front;
        large_client_header_buffers 4 16k;
        location / {{
            proxy_pass http://127.0.0.1:{port};
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-Proto https;
        }}
    }}
}}
"""

pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="no nginx on this machine; install it for this proof")


def connect(address: str | tuple[str, int]) -> socket.socket:
    """Return a connection to a port, or to a socket of this machine, as soon as somebody listens there."""
    for _ in range(3_000):
        line = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        try:
            line.connect(address)
            # The port is open as soon as this process holds it, also where no gunicorn comes to answer.
            line.settimeout(60)
            return line
        except OSError:
            line.close()
            threading.Event().wait(0.01)
    raise TimeoutError(address)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Run gunicorn, and nginx with its default buffers in front of it; give their addresses."""
    where = tmp_path_factory.mktemp("servers")
    with socket.create_server(("127.0.0.1", 0)) as listening, (where / "log").open("wb") as log:
        port = listening.getsockname()[1]
        (where / "nginx.conf").write_text(CONFIGURATION.format(folder=where, port=port))
        bind = ["--bind", f"fd://{listening.fileno()}"]
        gunicorn = [sys.executable, "-m", "gunicorn", *bind, "tests.kit.served_site:create_app()"]
        nginx = [NGINX, "-p", str(where), "-c", str(where / "nginx.conf"), "-e", str(where / "error.log")]
        processes = [
            subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, pass_fds=[listening.fileno()])
            for command in (gunicorn, nginx)
        ]
        try:
            yield {"gunicorn": ("127.0.0.1", port), "nginx": f"{where}/front"}
        finally:
            for process in processes[::-1]:
                process.terminate()
                process.wait(60)


def ask(server: Any, cookies: bytes, path: str = "/") -> tuple[int, str, str]:
    """Send one request with raw cookies, and return the status, the headers and the body of the answer."""
    head = f"GET {path} HTTP/1.1\r\nHost: www.shop.example.com\r\nX-Forwarded-Proto: https\r\n"
    with connect(server) as line:
        line.sendall(head.encode() + b"Connection: close\r\nCookie: " + cookies + b"\r\n\r\n")
        answer = b""
        while piece := line.recv(65_536):
            answer += piece
    headers, _, body = answer.decode("latin-1").partition("\r\n\r\n")
    return int(headers.split()[1]), headers, body


@pytest.fixture
def accepted() -> bytes:
    """The text of a consent that this site has signed."""
    visitor = make_site().visitor(https=True)
    visitor.choose("accept")
    return (visitor.cookie("__Host-cookieconsent") or "").encode()


@pytest.mark.parametrize("server", ["gunicorn", "nginx"])
@pytest.mark.parametrize(
    ("spell", "counts"),
    [
        (lambda text: b"__Host-cookieconsent=" + text, True),
        (lambda text: b"a=1; __Host-cookieconsent=" + text, True),
        (lambda text: b"\xa0__Host-cookieconsent=" + text, False),
        (lambda text: b"\x85__Host-cookieconsent=" + text, False),
        (lambda text: b"a=1;\xa0__Host-cookieconsent=" + text, False),
        (lambda text: b"__Host-cookieconsent\xa0=" + text, False),
        (lambda text: b"__Host-cookieconsent=\xa0" + text, False),
        (lambda text: b"__host-cookieconsent=" + text, False),
        (lambda text: b"cookieconsent=" + text, False),
    ],
)
def test_raw_names_through_servers(
    servers: dict[str, Any], server: str, spell: Callable[[bytes], bytes], counts: bool, accepted: bytes
) -> None:
    """D1: the bytes of a name reach the app as they are, and count as the browser's rules for prefixes see them."""
    status, _, body = ask(servers[server], spell(accepted))

    assert status == 200
    assert ("fcc-banner" not in body) == counts
    assert ("https://player.example.net" in body) == counts


@pytest.mark.parametrize("length", [10, 400, 1_000, 3_900])
def test_long_cookies_are_answered_through_a_proxy(servers: dict[str, Any], length: int) -> None:
    """E4: nginx with its default buffers passes the answer on, whatever cookie somebody planted."""
    status, headers, _ = ask(servers["nginx"], b"_ec_" + b"x" * length + b"=1", "/cookies/policy")
    lines = [line for line in headers.split("\r\n") if line.lower().startswith("set-cookie:")]

    assert status == 200
    assert sum(len(line) + 2 for line in lines) <= 3_000
    assert bool(lines) == (length < 2_900)
    assert all(re.match(r"set-cookie: _ec_x+=; ", line, re.IGNORECASE) for line in lines)
