"""Jinja template look-up with overrides, content-hashed static files (cache busting), and URLs of our pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Flask, Response, make_response, send_from_directory, url_for
from jinja2 import Environment, FileSystemLoader, Template, meta, nodes

_PACKAGE = Path(str(files("flask_cookieconsent")))
_OWN_TEMPLATES = str(_PACKAGE / "templates")
_STATIC = _PACKAGE / "static"
_YEAR = 31_536_000  # RFC 9111, section 1.2.2: longer says no more; RFC 8246 has the word `immutable`

# What the lexer of Jinja calls each delimiter, and what an environment calls it.
_DELIMITERS = {
    f"{kind}_{token}": f"{kind}_{name}_string"
    for kind in ("block", "variable", "comment")
    for token, name in (("begin", "start"), ("end", "end"))
}


class OwnLoader(FileSystemLoader):
    """Template loader of ours; an environment with other delimiters gets our templates written with those."""

    def __init__(self) -> None:
        super().__init__(_OWN_TEMPLATES)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return the source of a template, its file, and what tells whether that is unchanged."""
        source, filename, is_unchanged = super().get_source(environment, template)
        return with_delimiters_of(environment, source), filename, is_unchanged


def with_delimiters_of(environment: Environment, source: str) -> str:
    """Return the source of a template of ours with the delimiters that an environment looks for."""
    ours = Environment()
    changes = {token: (getattr(ours, name), getattr(environment, name)) for token, name in _DELIMITERS.items()}
    if all(old == new for old, new in changes.values()):
        return source
    start, end = environment.block_start_string, environment.block_end_string
    parts = []
    for _, token, text in ours.lex(source):
        if token == "data" and any(new in text for name, (_, new) in changes.items() if name.endswith("begin")):
            text = f"{start} raw {end}{text}{start} endraw {end}"
        parts.append(text.replace(*changes[token]) if token in changes else text)
    return "".join(parts)


class Templates:
    """The templates below `cookieconsent/` as one app sees them: the site's own where it overrides one of ours."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._own: dict[str, bool] = {}

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

    def is_ours(self, name: str) -> bool:
        """Tell whether a template and all that it includes are ours, so that no word of the site's is in its output."""
        if name not in self._own:
            self._own[name] = all(map(self.is_own_file, self.parts_of(name)))
        return self._own[name]

    def is_own_file(self, name: str) -> bool:
        """Tell whether the file of a template, by its whole name, is one of ours."""
        return (self.environment.get_template(name).filename or "").startswith(_OWN_TEMPLATES)

    def parts_of(self, name: str) -> set[str]:
        """Return the names of a template and of all that it includes, extends or imports, however deep.

        :raises ValueError: if one of them is only known when it is rendered.
        """
        parts: set[str] = set()
        waiting = ["cookieconsent/" + name]
        while waiting:
            part = waiting.pop()
            if part not in parts:
                parts.add(part)
                for other in meta.find_referenced_templates(self.tree(part)):
                    if other is None:
                        raise ValueError(f"{part} includes a template whose name is only known when it is rendered")
                    waiting.append(other)
        return parts

    def tree(self, name: str) -> nodes.Template:
        """Return the syntax tree of any template of the site."""
        return self.environment.parse(self._source(name))

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a template's source, in hexadecimal."""
        return hashlib.sha256(self._source("cookieconsent/" + name).encode()).hexdigest()

    def _source(self, name: str) -> str:
        loader = self.environment.loader
        assert loader is not None
        return loader.get_source(self.environment, name)[0]


# Stand-ins in an address for what is filled in later. An app may put values of its own around them, a query too.
_SERVICE, _PLACE, _SURFACE = "fcc-service-hole", "fcc-at-hole", "fcc-surface-hole"
_DIGEST, _FILE = "fcc-digest-hole", "fcc-file-hole"


class Urls(NamedTuple):
    """The addresses of our pages as one request reaches them; those that end in `_of` have holes for names."""

    preferences: str
    policy: str
    choice: str
    press_of: str
    allow_of: str
    frame_of: str
    file_of: str

    def press(self, surface: str) -> str:
        """Return the address that a button on a surface, such as the banner, posts its choice to."""
        return self.press_of.replace(_SURFACE, surface)

    def allow(self, service: str, place: str) -> str:
        """Return the address that the button of a placeholder posts to; *place* is the id of the embed in its page."""
        return self.allow_of.replace(_SERVICE, service).replace(_PLACE, place)

    def frame(self, service: str) -> str:
        """Return the address of the page that shows one embed of a service once."""
        return self.frame_of.replace(_SERVICE, service)

    def framed(self, service: str, link: str, title: str) -> str:
        """Return the address of the page that shows an embed to whoever allows its service."""
        address = self.frame(service)
        return address + ("&" if "?" in address else "?") + urlencode({"url": link, "title": title})

    def static(self, filename: str) -> str:
        """Return the address of a static file, which changes when any of them changes (cache busting)."""
        return self.file_of.replace(_DIGEST, static_digest()).replace(_FILE, filename)


def build_urls() -> Urls:
    """Return our addresses for the present request, by Flask's own `url_for`."""
    return Urls(
        preferences=url_for("cookieconsent.preferences"),
        policy=url_for("cookieconsent.policy"),
        choice=url_for("cookieconsent.choice"),
        press_of=url_for("cookieconsent.choice", surface=_SURFACE),
        allow_of=url_for("cookieconsent.choice", surface="embed", service=_SERVICE, place=_PLACE),
        frame_of=url_for("cookieconsent.frame", service_id=_SERVICE),
        file_of=url_for("cookieconsent.static", digest=_DIGEST, filename=_FILE),
    )


def digest_of(filename: str) -> str:
    """Return the first 12 hexadecimal digits of a static file's SHA-256, or `-` if there is no such file."""
    path = _STATIC / filename
    return _digest(path, path.stat().st_mtime_ns) if path.is_file() else "-"


def static_digest() -> str:
    """Return the digest of all static files in the address of each, so that scripts find each other beside them."""
    changes = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(_STATIC.iterdir()))
    return _digest_of_all(changes)


@lru_cache(maxsize=4)
def _digest_of_all(changes: tuple[tuple[str, int], ...]) -> str:
    digests = "".join(digest_of(name) for name, _ in changes)
    return hashlib.sha256(digests.encode()).hexdigest()[:12]


@lru_cache(maxsize=64)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def serve(filename: str, digest: str = "") -> Response:
    """Send a static file: to be kept for a year under its present digest, to be revalidated under any other address."""
    response = send_from_directory(_STATIC, filename)
    is_current = bool(digest) and digest == static_digest()
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if is_current else "no-cache"
    return response


def html_response(html: str, status: int = 200) -> Response:
    """Return a page as a response of type `text/html`, whatever type the app's own responses have by default."""
    response = make_response(html, status)
    response.mimetype = "text/html"
    return response


def no_store(response: Response) -> Response:
    """Let no copy of a response be kept anywhere, not even for the Back button (RFC 9111, section 5.2.2.5)."""
    response.headers["Cache-Control"] = "no-store"
    return response
