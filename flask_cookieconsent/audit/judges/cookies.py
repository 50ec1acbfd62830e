"""What an app sets in cookies: undeclared ones, those before a choice, those that last longer, and those never set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta

from flask_cookieconsent.audit.findings import Finding, Place
from flask_cookieconsent.audit.walking.walk import Answer, Walk
from flask_cookieconsent.http.cookies import beyond, is_deletion, lifetime, name_of, told_name

# How a script of the site sets a cookie.
_IN_SCRIPT = re.compile(r"document\s*\.\s*cookie|cookieStore\s*\.|Cookies\s*\.\s*set")


def cookie_findings(walk: Walk) -> Iterator[Finding]:
    """Yield what is wrong with the cookies of each answer, and the declared cookies that no answer has set."""
    seen: set[str] = set()
    for answer in walk.answers:
        for line in answer.all("set-cookie"):
            seen.add(name_of(line))
            if line not in answer.written:
                yield from _of_line(walk, answer, line)
        for name in set(answer.undeclared) - _forgotten(walk, answer):
            yield undeclared(name, place(answer, f"Set-Cookie: {name}"))
        for name, lasts, longest in answer.too_long:
            seen.add(name)
            yield too_long(name, lasts, longest, place(answer, f"Set-Cookie: {name}"))
    yield from _stale(walk, seen)


def _forgotten(walk: Walk, answer: Answer) -> set[str]:
    """Return the names of the cookies that an answer only expires, such as those that the site had before."""
    now = walk.state.clock()
    lines = answer.all("set-cookie")
    return {told_name(line) for line in lines if is_deletion(line, now)} - {
        told_name(line) for line in lines if not is_deletion(line, now)
    }


def place(answer: Answer, element: str) -> Place:
    """Return where something in an answer is; *element* holds no value of a cookie."""
    address = answer.address
    return Place(address.route, address.path, answer.visitor.name, element, address.endpoint, answer.templates)


def undeclared(name: str, where: Place) -> Finding:
    """Return the finding of a cookie that no service declares."""
    says = f"sets the cookie {name!r}, which no service declares"
    return Finding("undeclared-cookie", name, says, (where,))


def _of_line(walk: Walk, answer: Answer, line: str) -> Iterator[Finding]:
    """Yield what is wrong with a `Set-Cookie` line that reaches the browser, also past our middleware."""
    index, now, name = walk.state.cookies, walk.state.clock(), name_of(line)
    if is_deletion(line, now):
        return
    where = place(answer, f"Set-Cookie: {told_name(line)}")
    if not index.is_known(name):
        yield undeclared(told_name(line), where)
        return
    allowed = answer.visitor.allowed or frozenset()
    if index.is_optional(name) and index.is_denied(name, allowed):
        ids = ", ".join(service for service, _ in index.declared(name))
        says = f"sets the cookie {name!r} of {ids} before it is allowed, past the middleware of this extension"
        remedy = "# Let consent.init_app(app) come after what wraps app.wsgi_app, so that it sees every answer."
        yield Finding("cookie-before-choice", name, says, (where,), (remedy,))
    if found := beyond(lifetime(line, now), (cookie.duration for _, cookie in index.declared(name))):
        yield too_long(name, *found, where)


def too_long(name: str, lasts: timedelta, longest: timedelta | None, where: Place) -> Finding:
    told = "until the browser is closed" if longest is None else f"for {_days(longest)}"
    says = f"sets the cookie {name!r} for {_days(lasts)}, and visitors are told that it lasts {told}"
    remedy = f'Cookie(name="{name}", …, duration=timedelta(days={lasts.total_seconds() / 86_400:g}))'
    return Finding("cookie-too-long", name, says, (where,), (remedy,))


def _days(span: timedelta) -> str:
    return f"{span.total_seconds() / 86_400:g} days"


def was_seen(declared: str, names: Iterable[str]) -> bool:
    """Tell whether one of the names is that of a declaration, which may end in a star."""
    beginning, star, _ = declared.partition("*")
    return any(name.startswith(beginning) if star else name == declared for name in names)


def _stale(walk: Walk, seen: set[str]) -> Iterator[Finding]:
    """Yield the cookies of the site's own services that no answer has set, nor any script of the site names.

    What vendors set by their scripts is seen in a browser alone, and what a form sets, nowhere: no form is ever sent.
    """
    if not any(answer.is_page for answer in walk.answers):
        return
    scripts = [
        answer.body for answer in walk.answers if answer.body and (answer.is_page or "script" in answer.mimetype)
    ]
    for service, cookie in walk.state.registry.first_party():
        is_ours = service.id == "cookieconsent" or cookie.name in walk.state.cookies.framework
        if is_ours or service.provider is not None or service.tag is not None or cookie.storage != "cookie":
            continue
        beginning = cookie.name.partition("*")[0]
        if not was_seen(cookie.name, seen) and not any(_names(script, beginning) for script in scripts):
            says = f"is declared by {service.id}, and no page or file that was asked for (GET, no form sent) has set it"
            where = Place("the declaration", "", "everybody", f'Cookie(name="{cookie.name}")')
            remedy = "# Take it out of the service, or name the path that sets it, --path; accept it if a form sets it."
            yield Finding("stale-cookie", cookie.name, says, (where,), (remedy,))


def _names(text: str, name: str) -> bool:
    """Tell whether a script, in a page or a file, sets a cookie of a name: both are among its words."""
    return bool(name) and name in text and "cookie" in text and bool(_IN_SCRIPT.search(text))
