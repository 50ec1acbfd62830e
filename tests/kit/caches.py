"""Real shared caches in front of a real server, configured as the documentation says."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from .papers import DOCS, ROOT, blocks
from .ports import free_ports

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
VARNISH = shutil.which("varnishd") or "/usr/sbin/varnishd"

#: What nginx needs besides, to run without a system around it.
AROUND = """daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {inside}
}}
"""
#: What nobody should write: nginx then keeps whatever comes.
HEEDLESS = "proxy_ignore_headers Cache-Control Set-Cookie Vary; proxy_cache_valid 200 10m; proxy_cache pages;"


def documented(language: str) -> str:
    """Return the configuration in the page about caches, by the language of its block."""
    (block,) = blocks(DOCS / "caching.md", language)
    return block


@contextmanager
def gunicorn(app: str, folder: Path) -> Iterator[int]:
    """Run an app, by the name of its factory, in a process of its own; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listening.fileno()}", "--threads", "8", app]
        command += ["--graceful-timeout", "1"]
        with _running(command, folder / "gunicorn.log", pass_fds=(listening.fileno(),)):
            port = int(listening.getsockname()[1])
            # Who asks before the app is loaded waits for as long as that takes.
            line = HTTPConnection("127.0.0.1", port, timeout=120)
            line.request("GET", "/.well-known/gpc.json")
            assert line.getresponse().status == 200
            line.close()
            yield port


@contextmanager
def nginx(port: int, folder: Path, *, heedless: bool = False) -> Iterator[int]:
    """Run nginx in front of a port, as documented or *heedless* of what answers say; give its own port."""
    (own,) = free_ports(1)
    inside = documented("nginx").replace("/var/cache/nginx/pages", f"{folder}/kept")
    inside = inside.replace("listen 80;", f"listen 127.0.0.1:{own};").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    if heedless:
        inside = inside.replace("proxy_cache pages;", HEEDLESS)
    path = folder / "nginx.conf"
    path.write_text(AROUND.format(folder=folder, inside=inside))
    with _running([NGINX, "-p", str(folder), "-c", str(path), "-e", str(folder / "error.log")], folder / "nginx.log"):
        yield _opened(own)


@contextmanager
def varnish(port: int, folder: Path) -> Iterator[int]:
    """Run Varnish in front of a port, as documented; give its own port."""
    (own,) = free_ports(1)
    path = folder / "default.vcl"
    path.write_text(documented("vcl").replace('"8000"', f'"{port}"'))
    command = [VARNISH, "-F", "-n", str(folder / "varnish"), "-f", str(path), "-a", f"127.0.0.1:{own}"]
    with _running([*command, "-s", "malloc,32m", "-j", "none"], folder / "varnish.log"):
        yield _opened(own)


@contextmanager
def cached(kind: str, app: str, folder: Path) -> Iterator[int]:
    """Run an app behind `nginx`, `heedless nginx` or `varnish`; give the port of the cache."""
    with ExitStack() as stack:
        port = stack.enter_context(gunicorn(app, folder))
        if kind == "varnish":
            yield stack.enter_context(varnish(port, folder))
        else:
            yield stack.enter_context(nginx(port, folder, heedless=kind.startswith("heedless")))


def _opened(port: int) -> int:
    """Return a port as soon as somebody listens there."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 0.05).close()
            return port
        except OSError:
            _pause()
    raise TimeoutError(f"nobody listens on port {port}")


def _pause() -> None:
    # Whoever is refused would ask again at once.
    with socket.socket() as line:
        line.settimeout(0.05)
        try:
            line.bind(("127.0.0.1", 0))
            line.listen()
            line.accept()
        except TimeoutError:
            return


@contextmanager
def _running(command: list[str], log: Path, pass_fds: tuple[int, ...] = ()) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, pass_fds=pass_fds)
        try:
            yield
        finally:
            process.terminate()
            process.wait()
