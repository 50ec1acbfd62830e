"""What scripts store and read, compared with the declaration, and what survives a withdrawal of consent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.judges.cookies import place, too_long, undeclared, was_seen
from flask_cookieconsent.audit.walking.routes import bases_of
from flask_cookieconsent.audit.walking.walk import Walk
from flask_cookieconsent.core.services import Cookie
from flask_cookieconsent.http.cookies import beyond

from .answers import host_of
from .seen import KINDS, Act, Kind, Look, Stored


def storage_findings(walked: Walk, look: Look) -> Iterator[Finding]:
    """Yield what is wrong with what the scripts of a page do on the device, and with what it keeps after them."""
    if look.is_withdrawn:
        for stored in look.stored:
            yield from _surviving(walked, look, stored)
        return
    done = [act for act in look.acts if act.lasts is None or act.lasts > 0]
    for act in done:
        yield from _read(walked, look, act) if act.does == "read" else _written(walked, look, act)
    told = {(act.kind, act.name) for act in done if act.does == "write"}
    for stored in look.stored:
        if stored.kind == "cookie" and not _is_of_the_site(walked, stored.domain):
            yield from _foreign(walked, look, stored)
        elif (stored.kind, stored.name) not in told:
            yield from _written(walked, look, Act(stored.kind, "write", stored.name, stored.by or "a script"))


def declared(walked: Walk, kind: Kind, name: str) -> list[tuple[str, Cookie]]:
    """Return the declarations that a name matches: service and cookie.

    What has no area of its own in a declaration, such as a database, is declared as a key of `localStorage`.
    """
    if kind == "cookie":
        return walked.state.cookies.declared(name)
    area = "session" if kind == "session" else "local"
    return [
        (service.id, cookie)
        for service in walked.state.registry.services.values()
        for cookie in service.cookies
        if cookie.storage == area and was_seen(cookie.name, (name,))
    ]


def _is_denied(walked: Walk, look: Look, found: list[tuple[str, Cookie]]) -> bool:
    """Tell whether all services that declare something wait for a choice, and the visitor has allowed none of them."""
    allowed = look.answer.visitor.allowed or frozenset()
    return bool(found) and all(id in walked.state.registry.optional and id not in allowed for id, _ in found)


def _written(walked: Walk, look: Look, act: Act) -> Iterator[Finding]:
    where = (place(look.answer, act.by),)
    found = declared(walked, act.kind, act.name)
    if not found:
        if act.kind != "cookie":
            says = f"stores the {KINDS[act.kind]} {act.name!r}, which no service declares"
            area = "session" if act.kind == "session" else "local"
            remedy = f'Cookie(name="{act.name}", purpose="…", storage="{area}")'
            yield Finding("undeclared-storage", act.name, says, where, (remedy,))
        elif not walked.state.cookies.is_known(act.name):
            yield undeclared(act.name, where[0])
        return
    if _is_denied(walked, look, found):
        rule = "cookie-before-choice" if act.kind == "cookie" else "storage-before-choice"
        says = f"stores the {KINDS[act.kind]} {act.name!r} of {_ids(found)} by script before it is allowed"
        yield Finding(rule, act.name, says, where, (f'if (cookieconsent.allows("{found[0][0]}")) …',))
    lasts = None if act.lasts is None else timedelta(seconds=round(act.lasts))
    if act.kind == "cookie" and (longer := beyond(lasts, (each.duration for _, each in found))):
        yield too_long(act.name, *longer, where[0])


def _read(walked: Walk, look: Look, act: Act) -> Iterator[Finding]:
    found = declared(walked, act.kind, act.name)
    if _is_denied(walked, look, found):
        says = f"reads the {KINDS[act.kind]} {act.name!r} of {_ids(found)} before it is allowed"
        yield Finding("forbidden-read", act.name, says, (place(look.answer, act.by),))


def _surviving(walked: Walk, look: Look, stored: Stored) -> Iterator[Finding]:
    """Yield what is still there after everything was withdrawn."""
    found = declared(walked, stored.kind, stored.name)
    if not found or any(id not in walked.state.registry.optional for id, _ in found):
        return
    if stored.kind == "cookie":
        if walked.state.cookies.is_spared(stored.name) or not _is_of_the_site(walked, stored.domain):
            return
        at = f" of {stored.domain}{stored.path}"
    else:
        at = ""
    says = f"keeps the {KINDS[stored.kind]} {stored.name!r}{at} of {_ids(found)} after consent was withdrawn"
    yield Finding("survives-withdrawal", stored.name, says, (place(look.answer, stored.by or "a script"),))


def _foreign(walked: Walk, look: Look, stored: Stored) -> Iterator[Finding]:
    """Yield a cookie that another host keeps under its own name, and nobody declares."""
    domain = stored.domain.removeprefix(".")
    known = (
        cookie.domain and (domain == cookie.domain or domain.endswith(f".{cookie.domain}"))
        for service in walked.state.registry.services.values()
        for cookie in service.cookies
        if was_seen(cookie.name, (stored.name,))
    )
    if not any(known):
        says = f"lets {domain} set the cookie {stored.name!r}, which no service declares for it"
        yield Finding("undeclared-cookie", stored.name, says, (place(look.answer, f"Set-Cookie of {domain}"),))


def _is_of_the_site(walked: Walk, domain: str) -> bool:
    name = domain.removeprefix(".")
    hosts = (host_of(base) for base in bases_of(walked.app))
    return any(host == name or host.endswith(f".{name}") for host in hosts)


def _ids(found: list[tuple[str, Cookie]]) -> str:
    return ", ".join(dict.fromkeys(id for id, _ in found))
