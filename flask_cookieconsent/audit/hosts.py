"""What pages contact: hosts before they are allowed, hosts that nobody declares, content past our helper."""

from __future__ import annotations

from collections.abc import Iterator

from flask_cookieconsent.core.trackers import tracker_at

from .cookies import place
from .findings import Finding
from .page import Contact, in_style_sheet
from .walk import Answer, Walk


def host_findings(walk: Walk) -> Iterator[Finding]:
    """Yield what is wrong with the hosts that each page, and each style sheet of the site, contacts."""
    for answer in walk.answers:
        if answer.is_page:
            for contact in answer.page(walk.own).contacts:
                yield from judged(walk, answer, contact)
        elif answer.mimetype == "text/css":
            url = answer.address.base + answer.address.path
            for contact in in_style_sheet(answer.body, url, walk.own):
                yield from judged(walk, answer, contact)


def judged(walk: Walk, answer: Answer, contact: Contact) -> Iterator[Finding]:
    """Yield what is wrong with one contact for the visitor of an answer."""
    ids = walk.state.embeds.vendors(contact.host)
    necessary = ids - set(walk.state.registry.optional)
    where = (place(answer, contact.element),)
    if contact.is_script:
        tracker = tracker_at(contact.host)
        if ids - necessary or tracker:
            whose = ", ".join(sorted(ids)) or (tracker.vendor if tracker else "")
            says = f"has a script that names {contact.host} of {whose}, which no consent can stop"
            yield Finding("inline-loader", contact.host, says, where)
        return
    if not ids:
        says = f"contacts {contact.host}, which no service declares ({contact.directive})"
        yield Finding("undeclared-host", contact.host, says, where)
        return
    allowed = necessary | (answer.visitor.allowed or frozenset())
    is_frame = contact.directive in ("frame-src", "object-src")
    named = ", ".join(sorted(ids))
    if is_frame and not contact.ours and not necessary:
        says = f"has a frame of {contact.host} that {named} declares, and no placeholder stands before it"
        remedy = f'{{{{ cookieconsent.embed("{contact.url}", title="…") }}}}'
        yield Finding("embed-past-helper", contact.host, says, where, (remedy,))
    elif not ids & allowed:
        says = f"contacts {contact.host} of {named} before it is allowed ({contact.directive})"
        yield Finding("contact-before-choice", contact.host, says, where)
