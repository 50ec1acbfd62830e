"""Audit of the pages that an app answers a newcomer with: each has to lead to the cookie settings and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass

from flask import Flask, url_for
from jinja2 import BaseLoader

from flask_cookieconsent.audit.walking.routes import base_of, origin, page_rules
from flask_cookieconsent.pages.renderer import get_renderer
from flask_cookieconsent.state import get_state

from .fairness import unfair
from .pieces import OWN_PARTS, Document, document_of, lacking, lacking_in_own

_MOST_PATHS = 5

_STOPS_LESS = (
    "shows stored HTML; what the filter leaves in it, such as inline scripts, is stopped by a Content-Security-Policy "
    'alone: one of yours, or COOKIECONSENT_CSP = "enforce"'
)


@dataclass(frozen=True)
class Audit:
    """What was looked at, and a sentence for each mistake."""

    pages: int
    mistakes: list[str]


def audit(app: Flask, paths: Iterable[str] = ()) -> Audit:
    """Ask an app in this process for its pages, and say what they lack.

    They are those of its routes for GET that have no variables, and those of *paths*. Whoever asks has chosen nothing.
    """
    asks = bool(get_state(app).registry.optional)
    was_testing, app.testing = app.testing, True  # so that what a page raises is seen here
    try:
        found_in = list(_audit_own(app))
        pages = 0
        named = [(origin(app), path) for path in paths]
        for base, path in dict.fromkeys([*_addresses(app), *named]):
            found = _read(app, base, path)
            if isinstance(found, str):
                found_in.append((path, found))
            elif found[0] == 200 and found[1].is_whole:
                pages += 1
                found_in += [(path, mistake) for mistake in lacking(*found[1:], asks=asks)]
            elif (base, path) in named:
                found_in.append((path, f"is named and no page: answers {found[0]}; wanted a whole one with status 200"))
    finally:
        app.testing = was_testing
    mistakes = _summed(found_in)
    if not pages:
        mistakes.append("no page was found to look at; name some: --path /a/page")
    return Audit(pages, mistakes)


def unfair_in(locale: str) -> list[str]:
    """Return what is unfair in the banner and the preferences of one language."""
    try:
        return list(unfair(*get_renderer().shown(locale)))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a template of the site's own may ask for anything
        return [f"banner or preferences raise {type(error).__name__}: {error}"]


def advice(app: Flask) -> list[str]:
    """Return what is no mistake and better known: that the filter for stored HTML stops less than a policy does."""
    loader = app.jinja_env.loader or BaseLoader()
    found: list[str] = []
    # A loader of the site's own may not list what it has, and a folder of templates may hold what is no text.
    with suppress(Exception):
        for name in loader.list_templates():
            with suppress(Exception):
                found += [name] * ("cookieconsent_embeds" in loader.get_source(app.jinja_env, name)[0])
    is_needed = found and get_state(app).settings.csp != "enforce"
    return [f"Note: {found[0]} {_STOPS_LESS}"] if is_needed else []


def _summed(found_in: Iterable[tuple[str, str]]) -> list[str]:
    """Return each mistake once, behind the first of the paths that have it."""
    paths: dict[str, list[str]] = {}
    for path, mistake in found_in:
        paths.setdefault(mistake, []).append(path)
    lines = []
    for mistake, found in paths.items():
        others = len(found) - _MOST_PATHS
        where = ", ".join(found[:_MOST_PATHS]) + (f" and {others} more" if others > 0 else "")
        lines.append(f"{where}: {mistake}")
    return lines


def _addresses(app: Flask) -> Iterator[tuple[str, str]]:
    return ((base_of(app, rule), rule.rule) for rule in page_rules(app) if not rule.arguments)


def _read(app: Flask, base: str, path: str) -> str | tuple[int, Document, str]:
    """Return the status of a page, the page and its Content-Security-Policy, or what keeps it from being read."""

    def ask() -> tuple[int, Document, str]:
        with app.test_client(use_cookies=False).get(path, base_url=base) as response:
            document = document_of(response.get_data(as_text=True) if response.mimetype == "text/html" else "")
            return response.status_code, document, response.headers.get("Content-Security-Policy", "")

    try:
        # In a context of its own the request shares nothing with the command, as no request of a visitor does.
        found = Context().run(ask)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return f"raises {type(error).__name__}: {error}"
    return f"answers {found[0]}" if found[0] >= 500 else found


def _audit_own(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield the path of each of our own pages with what keeps it from being read in the layout of the site."""
    state = get_state(app)
    with app.test_request_context(base_url=origin(app)):
        addresses = [url_for(endpoint) for endpoint in OWN_PARTS]
    for path, part in zip(addresses, OWN_PARTS.values(), strict=True):
        found = _read(app, origin(app), path)
        if isinstance(found, str):
            yield path, found
            continue
        status, document, policy = found
        yield from ((path, mistake) for mistake in lacking_in_own(state, part, status, document, policy))
