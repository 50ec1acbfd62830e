"""Walk a site's pages in a real Chromium, and judge what scripts do there."""

from __future__ import annotations

from collections.abc import Iterator

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.judges.cookies import place
from flask_cookieconsent.audit.judges.hosts import judged
from flask_cookieconsent.audit.walking.walk import Walk, Wishes

from .chromium import PAGE_SECONDS, started
from .device import Device
from .pieces import piece_findings
from .seen import Look
from .storage import storage_findings
from .tour import look as look_at
from .tour import looks, pages, unreadable
from .unlogged import unlogged


def browse(
    walked: Walk, wishes: Wishes, *, live: bool = False, chromium: str | None = None, seconds: float = PAGE_SECONDS
) -> tuple[list[Finding], frozenset[str]]:
    """Look at one page of each route that a walk reached as each of its visitors; return findings and cookies' names.

    *live* lets the requests to other hosts through. *chromium* is the path of the program.
    One page may take so many *seconds*; then the browser is killed, and the next page is looked at with another one.

    :raises BrowserMissing: if there is no Playwright or no Chromium.
    :raises BrowserLost: if pages kept it busy for ever too often.
    """
    with started(chromium, live=live, seconds=seconds) as running, unlogged(walked.state):
        seen: list[Look] = []
        for visitor in walked.visitors:
            device = Device(running, walked, visitor, live=live)
            try:
                seen += _visit(device, wishes)
            finally:
                device.close()
        found = list(piece_findings(running, walked))
    found += [finding for each in seen for finding in _findings(walked, each)]
    names = {stored.name for each in seen for stored in each.stored if stored.kind == "cookie"}
    names |= {act.name for each in seen for act in each.acts if act.kind == "cookie"}
    return found, frozenset(names)


def _visit(device: Device, wishes: Wishes) -> Iterator[Look]:
    if wishes.sign_in is not None:
        device.sign_in(wishes.sign_in)
    mine = pages(each for each in device.walked.pages if each.visitor == device.visitor)
    yield from looks(device, mine)
    if device.visitor.allowed:
        # The page of settings is one that lets withdraw.
        for answer in sorted(mine, key=lambda each: each.address.endpoint != "cookieconsent"):
            last = look_at(device, answer, withdraws=True)
            if last.is_withdrawn:
                yield last
                return


def _findings(walked: Walk, look: Look) -> Iterator[Finding]:
    yield from storage_findings(walked, look)
    if look.is_withdrawn:
        return
    for contact in look.contacts:
        yield from judged(walked, look.answer, contact)
    for blocked in look.blocked:
        does = "would be blocked by the policy that only reports" if blocked.is_report else "is blocked"
        says = f"{blocked.name} {does} by {blocked.directive} of the Content-Security-Policy"
        subject = f"{blocked.directive} {blocked.name}"
        yield Finding("csp-violation", subject, says, (place(look.answer, blocked.by),))
    if look.broken:
        yield unreadable(look.answer, look.broken)
