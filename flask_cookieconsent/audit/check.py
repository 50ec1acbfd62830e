"""Audit of the pages that an app answers a newcomer with: each has to lead to the cookie settings and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask, url_for
from jinja2 import BaseLoader

from flask_cookieconsent.pages.renderer import get_renderer
from flask_cookieconsent.state import get_state

from .fairness import unfair
from .routes import base_of, origin, page_rules

#: What a page has by each helper, known by a class, or by a file of ours.
_PARTS = {"head()": "fcc.css", "banner()": "fcc-banner", "link()": "fcc-link"}

_MOST_PATHS = 5

_STOPS_LESS = (
    "shows stored HTML; what the filter leaves in it, such as inline scripts, is stopped by a Content-Security-Policy "
    'alone: one of yours, or COOKIECONSENT_CSP = "enforce"'
)


@dataclass
class _Document(HTMLParser):
    """Parser that collects what the audit goes by."""

    is_whole: bool = False
    names: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)
    #: The `lang` of the page and of the parts of ours, by element or class.
    languages: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    has_script_without_nonce: bool = False
    _open: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_decl(self, decl: str) -> None:
        """Note a document type: what has one is a page and no fragment of one."""
        self.is_whole = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a class, a file, a language, a button and where the texts of title and heading begin."""
        attributes = {name: value or "" for name, value in attrs}
        classes = attributes.get("class", "").split()
        self.is_whole |= tag in ("html", "head", "body")
        self.names.update(classes, (attributes.get(name, "").rpartition("/")[2] for name in ("href", "src")))
        for name in (tag, *classes):
            self.languages.setdefault(name, attributes.get("lang", ""))
        if attributes.get("name") == "choice":
            self.answers.add(attributes.get("value", ""))
        if tag == "script" and "src" in attributes and not attributes.get("nonce"):
            self.has_script_without_nonce = True
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        """Note where a text ends."""
        self._open = ""

    def handle_data(self, data: str) -> None:
        """Note the texts of the title and of the first heading."""
        if self._open in ("title", "h1"):
            self.texts.setdefault(self._open, data.strip())


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
                found_in += [(path, mistake) for mistake in _lacking(*found[1:], asks=asks)]
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
    except Exception as error:  # a template of the site's own may ask for anything
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


def _read(app: Flask, base: str, path: str) -> str | tuple[int, _Document, str]:
    """Return the status of a page, the page and its Content-Security-Policy, or what keeps it from being read."""

    def ask() -> tuple[int, _Document, str]:
        with app.test_client().get(path, base_url=base) as response:
            document = _Document()
            if response.mimetype == "text/html":
                document.feed(response.get_data(as_text=True))
            return response.status_code, document, response.headers.get("Content-Security-Policy", "")

    try:
        # In a context of its own the request shares nothing with the command, as no request of a visitor does.
        found = Context().run(ask)
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"
    return f"answers {found[0]}" if found[0] >= 500 else found


def _lacking(document: _Document, policy: str, *, asks: bool) -> Iterator[str]:
    """Yield what a page lacks of the three helpers, and what keeps them from being read."""
    for helper, name in _PARTS.items():
        if name not in document.names and (asks or helper != "banner()"):
            yield f"lacks {{{{ cookieconsent.{helper} }}}}"
    page, ours = (document.languages.get(name, "").partition("-")[0] for name in ("html", "fcc-link"))
    if page and ours and page != ours:
        yield (
            f"is in {page!r}, and its cookie settings in {ours!r}; set BABEL_DEFAULT_LOCALE, or CookieConsent(locale=…)"
        )
    if document.has_script_without_nonce and _wants_nonce(policy):
        yield (
            "has scripts that its Content-Security-Policy blocks; wanted a nonce: cookieconsent.head(nonce=csp_nonce())"
        )


def _wants_nonce(policy: str) -> bool:
    directives = {words[0].lower(): words[1:] for part in policy.split(";") if (words := part.split())}
    sources = directives.get("script-src", directives.get("default-src", []))
    has_nonce = any(source.startswith("'nonce-") for source in sources)
    return "'strict-dynamic'" in sources or (has_nonce and "'self'" not in sources)


def _audit_own(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield the path of each of our own pages with what keeps it from being read in the layout of the site."""
    state = get_state(app)
    base_template = state.settings.base_template
    with app.test_request_context(base_url=origin(app)):
        addresses = [url_for("cookieconsent.preferences"), url_for("cookieconsent.policy")]
    for path, part in zip(addresses, ("fcc-preferences", "fcc-policy"), strict=True):
        found = _read(app, origin(app), path)
        if isinstance(found, str):
            yield path, found
            continue
        status, document, policy = found
        if status != 200:
            yield path, f"answers {status}; let guards pass where consent.is_own_request() is true"
        elif part not in document.names:
            yield path, f"is empty; {base_template!r} needs the block `content`"
        else:
            yield from ((path, mistake) for mistake in _lacking(document, policy, asks=False))
            yield from ((path, mistake) for mistake in _without_form(document, part, state.registry.optional))
            heading = document.texts.get("h1", "")
            if heading not in document.texts.get("title", ""):
                yield path, f"has no {heading!r} in its title; {base_template!r} needs the block `title`"


def _without_form(document: _Document, part: str, optional: Any) -> Iterator[str]:
    if part == "fcc-preferences" and optional and "save" not in document.answers:
        yield "has no form that saves; wanted a button with name=choice and value=save"
