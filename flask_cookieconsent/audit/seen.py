"""Audit of what browsers of visitors told while the policy was report-only: hosts, code in pages, and cookies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, cast

from flask import Flask

from flask_cookieconsent.core.cookie_names import folded
from flask_cookieconsent.embeds.targets import host_of_source, is_below
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.log.failures import explanation, is_of_database
from flask_cookieconsent.log.interface import LoggerLog
from flask_cookieconsent.log.statistics import BASE
from flask_cookieconsent.state import State, get_state

from .accepted import Accepted
from .findings import Finding, Place
from .report import Report, reported
from .rules import OF_VISITORS
from .visitors import Visitor
from .walking.walk import Walk, own_hosts

if TYPE_CHECKING:
    from flask_cookieconsent.log.database import DatabaseLog

#: Where it was seen: browsers tell no address, so there is no route.
BROWSERS = "browsers of visitors"

#: Code that stands in pages or is made of text, with advice.
_CODE = {
    "inline": "# Move the scripts, styles and event handlers of your pages into files of static/.",
    "eval": "# A script makes code of text (eval, new Function): take a build of its library that does not.",
}
#: Letters of a name before its star that are enough to say whose it is.
_ENOUGH = 2
_TOO_LITTLE = "# Too little of the name is kept to say whose it is: look at the cookies of your pages in a browser."

Violations = Sequence[tuple[str, str, int, date]]
Cookies = Sequence[tuple[str, int, date]]


def audit_seen(app: Flask, accepted: Sequence[Accepted] = ()) -> Report:
    """Return a report of what was counted, without what is declared by now; what is *accepted* is told apart.

    :raises SetupError: if the app has no database to read it from, or that cannot be read.
    """
    state = get_state(app)
    if isinstance(state.log, LoggerLog):
        raise SetupError(
            "nothing is counted without a database: found db=None, wanted CookieConsent(db=SQLAlchemy()); "
            "the logger flask_cookieconsent.violations has a line for each host and each cookie"
        )
    log = cast("DatabaseLog", state.log)
    with app.app_context():
        try:
            log.reach()  # a database that hangs ends a command here
            violations, cookies = log.observed.violations(), log.observed.cookies()
        except Exception as error:
            if not is_of_database(error):
                raise
            raise SetupError(f"what was counted cannot be read: {explanation(error)}") from error
    nobody = Walk(app, state, frozenset(own_hosts(app, state)), (Visitor(BROWSERS, None),), (), ())
    findings = [*_hosts(nobody, violations), *_code(violations), *_cookies(state, cookies)]
    report = reported(nobody, findings, accepted, OF_VISITORS)
    notes = (*report.notes, *_reported_all_the_same(state, violations))
    return replace(report, notes=(*notes, *_notes(state, is_empty=not violations and not cookies)))


def _hosts(nobody: Walk, violations: Violations) -> Iterator[Finding]:
    """Yield the hosts that nobody declares; a name without a dot is no site's, but that of a browser's extension."""
    found: dict[str, list[tuple[str, int, date]]] = {}
    for directive, host, count, day in violations:
        if "." in host and host not in nobody.own and not _is_declared(nobody.state, host):
            found.setdefault(host, []).append((directive, count, day))
    for host, told in found.items():
        directives = ", ".join(sorted({directive for directive, _, _ in told}))
        says = f"is loaded by pages, browsers report ({directives}; {_told(told, 'report')})"
        yield Finding("reported-host", host, says, _places(directive for directive, _, _ in told))


def _is_declared(state: State, host: str) -> bool:
    sources = (source for each in (state.settings.csp_sources or {}).values() for source in each if "*." in source)
    return bool(state.embeds.vendors(host)) or any(is_below(host, host_of_source(source)) for source in sources)


def _code(violations: Violations) -> Iterator[Finding]:
    for word, advice in _CODE.items():
        told = [(directive, count, day) for directive, host, count, day in violations if host in (word, f"wasm-{word}")]
        if not told:
            continue
        directives = sorted({directive for directive, _, _ in told})
        remedy = [advice]
        if word == "inline" and all(each.startswith("style-src") for each in directives):
            remedy.append("""# Or allow styles alone: COOKIECONSENT_CSP_SOURCES = {"style-src": ["'unsafe-inline'"]}""")
        says = f"is run by pages, browsers report ({', '.join(directives)}; {_told(told, 'report')})"
        yield Finding("reported-inline", word, says, _places(directives), tuple(remedy))


def _cookies(state: State, cookies: Cookies) -> Iterator[Finding]:
    """Yield the cookies that nobody declares by now; no number that is told is of fewer than a few requests."""
    declared = {folded(cookie.name) for _, cookie in state.registry.first_party()} | set(map(folded, _framework(state)))
    found: dict[str, list[tuple[str, int, date]]] = {}
    for name, count, day in cookies:
        rounded = BASE * round(count / BASE)
        if rounded and name not in declared and not state.cookies.is_known(name):
            start, star, _ = name.partition("*")
            found.setdefault(start + star, []).append((name, rounded, day))
    for subject, told in found.items():
        names = sorted({name for name, _, _ in told} - {subject})
        whole = f" as {', '.join(names)}" if names else ""
        says = f"comes with requests{whole}, and no service declares it (about {_told(told, 'request')})"
        start = subject.removesuffix("*").strip("_-.")
        remedy = (_TOO_LITTLE,) if subject.endswith("*") and len(start) < _ENOUGH else ()
        yield Finding("seen-cookie", subject, says, _places(("Cookie",)), remedy)


def _framework(state: State) -> Iterator[str]:
    return (cookie.name for cookie in state.framework())


def _told(told: Sequence[tuple[str, int, date]], word: str) -> str:
    count = sum(count for _, count, _ in told)
    return f"{count:,} {word}{'' if count == 1 else 's'}, last on {max(day for _, _, day in told)}"


def _places(elements: Iterator[str] | Sequence[str]) -> tuple[Place, ...]:
    return tuple(Place(BROWSERS, "", "everybody", element) for element in sorted(set(elements)))


def _reported_all_the_same(state: State, violations: Violations) -> Iterator[str]:
    """Yield a note for each declared host: reports do not say on which day it was declared, so it is no finding."""
    for host in sorted({host for _, host, _, _ in violations if state.embeds.is_asked_about(host)}):
        told = _told([(name, count, day) for _, name, count, day in violations if name == host], "report")
        ids = ", ".join(sorted(state.embeds.vendors(host)))
        yield (
            f"{host} of {ids} is declared and was reported ({told}): before you declared it, or a page loads it before "
            "it is allowed, which the audit without --seen finds"
        )


def _notes(state: State, *, is_empty: bool) -> Iterator[str]:
    if state.settings.csp != "report-only":
        wanted = 'COOKIECONSENT_CSP = "report-only"'
        yield f"nothing new is counted: found COOKIECONSENT_CSP = {state.settings.csp!r}, wanted {wanted} for a day"
    elif is_empty:
        yield "nothing was counted yet: cookies are written at most once a minute, and once five clients have them"
