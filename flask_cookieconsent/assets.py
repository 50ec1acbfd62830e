"""Our static files: each has an address that changes with its content, so that a browser may keep it for ever."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Response, send_from_directory

_FOLDER = Path(str(files("flask_cookieconsent").joinpath("static")))
_YEAR = 31_536_000  # RFC 9111, section 1.2.2: longer says no more; RFC 8246 has the word `immutable`


def digest_of(filename: str) -> str:
    """Return a short word that changes when a file of ours does; nothing for a file that is not there."""
    path = _FOLDER / filename
    return _digest(path, path.stat().st_mtime_ns) if path.is_file() else ""


@lru_cache(maxsize=64)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def add_digest(endpoint: str, values: dict[str, Any]) -> None:
    """Complete the address of a static file with its digest, wherever `url_for` makes one."""
    if endpoint == "cookieconsent.static" and (digest := digest_of(values.get("filename", ""))):
        values.setdefault("digest", digest)


def serve(filename: str, digest: str = "") -> Response:
    """Send a static file; under a plain address, or one that an older page still has, it is asked for again."""
    response = send_from_directory(_FOLDER, filename)
    if digest and digest == digest_of(filename):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response
