"""Answers that depend on the visitor, and that a shared cache, or a cache inside the app, would give to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.http import parse_dict_header, parse_set_header

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.visitors import Visitor, choices_text
from flask_cookieconsent.audit.walking.answers import Answer, Walk
from flask_cookieconsent.audit.walking.routes import SIGN_IN
from flask_cookieconsent.core.decision import OptOutSignals
from flask_cookieconsent.http.cookies import is_deletion, name_of
from flask_cookieconsent.http.headers import joined
from flask_cookieconsent.http.marks import foreign, marks_in

from .cookies import place

# RFC 9110, section 15.1: statuses that a cache may keep although nothing says for how long.
_KEPT_BY_DEFAULT = frozenset((200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501))
# Statuses of who asked too often, or too early, and whom nobody would send them to later (RFC 6585, section 4).
_FOR_A_MOMENT = frozenset((408, 425, 429, 500, 502, 503, 504))
# Headers that speak to the caches of a provider alone, whatever `Cache-Control` says (RFC 9213).
_FOR_PROVIDERS = ("cdn-cache-control", "surrogate-control")
_LATER = (
    "# Put consent.init_app(app) after what sets this header, or leave `Cache-Control: private` and Vary as they are."
)
_KEY = '@cache.cached(make_cache_key=lambda *args, **kwargs: f"{request.full_path} {consent.cache_key()}")'


def sharing_findings(walk: Walk) -> Iterator[Finding]:
    """Yield the answers that differ between visitors and that a shared cache may keep, and those that one has kept."""
    decisions = {visitor: _decision(walk, visitor) for visitor in walk.visitors}
    alike: dict[tuple[str, str], list[tuple[Answer, Any]]] = {}
    for answer in walk.answers:
        if answer.method != "GET" or answer.address.endpoint == SIGN_IN:
            continue
        marks = tuple(marks_in(answer.body.encode())) if answer.is_page else ()
        is_shared = walk.state.shares and walk.state.settings.url_prefix.fixed not in answer.address.path
        decision = walk.state.nobody if is_shared else decisions[answer.visitor]
        yield from _kept(answer, foreign(marks, decision) or "")
        key = (answer.address.base, answer.address.path)
        alike.setdefault(key, []).append((answer, _seen(walk, answer, marks)))
    for key, answers in alike.items():
        lasting = {seen for answer, seen in answers if not answer.error and answer.status not in _FOR_A_MOMENT}
        differ = len(lasting) > 1 or key in walk.differing
        for answer, _ in answers:
            yield from _shared(walk, answer, differ=differ)


def shared_by(status: int, headers: Mapping[str, str]) -> str:
    """Return the header that lets a shared cache give an answer to the next visitor, or an empty string (RFC 9111).

    *headers* are by their names in lower case. Where nothing is said, a cache may keep an answer by its own judgement.
    """
    for name in _FOR_PROVIDERS:
        if name in headers and not {"private", "no-store", "no-cache"} & _directives(headers[name]).keys():
            return f"{name.title()}: {headers[name]}"
    control = _directives(headers.get("cache-control", ""))
    if not {"private", "no-store", "no-cache"}.isdisjoint(control):
        return ""
    if not {"cookie", "*"}.isdisjoint(each.lower() for each in parse_set_header(headers.get("vary", ""))):
        return ""
    if control.get("s-maxage") == "0" or (control.get("max-age") == "0" and "s-maxage" not in control):
        return ""
    if {"public", "s-maxage", "max-age"} & control.keys():
        return f"Cache-Control: {headers['cache-control']}"
    if "expires" in headers:
        return f"Expires: {headers['expires']}"
    return "no Cache-Control" if status in _KEPT_BY_DEFAULT else ""


def _shared(walk: Walk, answer: Answer, *, differ: bool) -> Iterator[Finding]:
    headers = joined(list(answer.headers))
    by = shared_by(answer.status, headers)
    if answer.error or not by:
        return
    now = walk.state.clock()
    # Without a word about caches hardly any cache keeps an answer that sets a cookie.
    lines = [] if by == "no Cache-Control" else answer.all("set-cookie")
    names = sorted({name_of(line) for line in lines if not is_deletion(line, now)})
    if differ:
        says = f"differs between visitors, and a shared cache may give one visitor's to the next ({by})"
    elif names:
        says = f"sets {', '.join(names)}, and a shared cache may give that to the next visitor ({by})"
    else:
        return
    yield Finding("shared-page", answer.address.route, says, (place(answer, by),), (_LATER,))


def _kept(answer: Answer, found: str) -> Iterator[Finding]:
    is_raised = answer.error.startswith("KeptPageError")
    found = answer.kept or found or ("a page" if is_raised else "")
    if found:
        says = f"holds {found}, made for another visitor: a cache of the site keeps it for everybody"
        yield Finding("shared-page", answer.address.route, says, (place(answer, ""),), (_KEY,))


def _seen(walk: Walk, answer: Answer, marks: tuple[tuple[str, str], ...]) -> Any:
    """Return what is read of an answer, by which two are compared: tokens and nonces differ in any case."""
    contacts = (
        frozenset((each.host, each.directive) for each in answer.page(walk.own).contacts) if answer.is_page else ()
    )
    names = frozenset(map(name_of, answer.all("set-cookie")))
    return answer.status, tuple(answer.all("location")), marks, contacts, names


def _decision(walk: Walk, visitor: Visitor) -> Any:
    state = walk.state
    text = None if visitor.allowed is None else choices_text(state, visitor.allowed)
    return state.decide(text, OptOutSignals(visitor.gpc, False), state.today)


def _directives(value: str) -> dict[str, str | None]:
    return {name.lower(): each for name, each in parse_dict_header(value).items()}
