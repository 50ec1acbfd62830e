"""What is declared or stored and cannot be true: embeds and tags that no page shows, content that nobody declares."""

from __future__ import annotations

from collections.abc import Iterator

from flask_cookieconsent.audit.findings import Finding, Place
from flask_cookieconsent.audit.walking.answers import Walk

from .cookies import place
from .hosts import declared_at


def unused_findings(walk: Walk) -> Iterator[Finding]:
    """Yield the services with an embed or a tag of which those who allow them saw nothing."""
    registry = walk.state.registry
    for id in registry.optional:
        service = registry.services[id]
        pages = [each for each in walk.pages if id in (each.visitor.allowed or ()) and each.status == 200]
        # A page that caches share gets its tags from the answer to its script.
        is_shown = walk.state.shares and service.tag is not None
        if not pages or is_shown or (service.tag is None and service.parse is None):
            continue
        read = [answer.page(walk.own) for answer in pages]
        shown = {each for page in read for each in page.services}
        hosts = {contact.host for page in read for contact in page.contacts}
        if id not in shown and not any(id in declared_at(walk.state, host) for host in hosts):
            what = "a tag" if service.tag is not None else "an embed"
            says = f"is declared with {what}, and no page showed it to a visitor who allows it"
            remedy = "# Name a page that shows it, --path, or take it out: visitors are asked about it."
            where = Place("the declaration", "", pages[0].visitor.name, f'Service(id="{id}")')
            yield Finding("unused-service", id, says, (where,), (remedy,))


def content_findings(walk: Walk) -> Iterator[Finding]:
    """Yield the stored content that is not shown because nobody declares it."""
    for answer in walk.pages:
        for host, address in answer.page(walk.own).not_shown:
            subject = host or address or "content without an address"
            says = f"shows a note in the place of stored content of {subject}, because no service declares it"
            yield Finding("undeclared-content", subject, says, (place(answer, address or host),))
