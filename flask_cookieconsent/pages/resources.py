"""Our templates in the site's environment, and our static files under addresses with their digest."""

from __future__ import annotations

import hashlib
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory
from jinja2 import Environment, Template

_OWN_TEMPLATES = str(files("flask_cookieconsent").joinpath("templates"))


class Templates:
    """The templates below `cookieconsent/` as one app sees them."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    @cached_property
    def environment(self) -> Environment:
        """The environment of the site, in which our templates escape even where the site has switched escaping off."""
        site = self._app.jinja_env

        def autoescape(name: str | None) -> bool:
            if name is not None and name.startswith("cookieconsent/"):
                return True
            return site.autoescape(name) if callable(site.autoescape) else site.autoescape

        return site.overlay(autoescape=autoescape)

    def get(self, name: str) -> Template:
        """Return a template, the site's own of that name where there is one."""
        return self.environment.get_template("cookieconsent/" + name)

    def is_overridden(self, *names: str) -> bool:
        """Tell whether the site has a template of its own for one of these names."""
        return any(not (self.get(name).filename or "").startswith(_OWN_TEMPLATES) for name in names)

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a template's source."""
        loader = self.environment.loader
        assert loader is not None
        source, *_ = loader.get_source(self.environment, "cookieconsent/" + name)
        return hashlib.sha256(source.encode()).hexdigest()


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
