"""Pages that lack the head, the banner or the link, error pages and our own pages too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from flask_cookieconsent.audit.findings import Finding, Place
from flask_cookieconsent.audit.walking.answers import Answer, Walk

from .cookies import place
from .pieces import OWN_PARTS, PARTS, Document, document_of, lacking, lacking_in_own

#: The subject of a finding that is true of every page, whose remedy is one line in the layout.
EVERY_PAGE = "every page"
_FEWEST_PAGES = 3

# What Werkzeug answers an error with where the app has no page for it.
_PLAIN_ERROR = re.compile(r"<!doctype html>\s<html lang=en>\s<title>\d{3} ", re.I)
# What has a document type, or one of these elements, is a page and no part of one.
_WHOLE = re.compile(r"<!doctype|<(?:html|head|body)\b", re.I)
_REMEDIES = {
    "head()": "{{ cookieconsent.head() }}  {# in <head> #}",
    "banner()": "{{ cookieconsent.banner() }}  {# first in <body> #}",
    "link()": "{{ cookieconsent.link() }}  {# in the footer #}",
}


def layout_findings(walk: Walk) -> Iterator[Finding]:
    """Yield the pages that lack something, each with all that it lacks, or once for all pages of the site."""
    asks = bool(walk.state.registry.optional)
    judged = [(answer, tuple(_mistakes(walk, answer, asks=asks))) for answer in walk.pages if _is_whole(answer)]
    undecided = [pair for pair in judged if pair[0].visitor.is_undecided and not _own_part(walk, pair[0])]
    for mistakes, places in _of_all(undecided).items():
        yield _finding(EVERY_PAGE, mistakes, tuple(places))
    general = {mistake for mistakes in _of_all(undecided) for mistake in mistakes}
    for answer, mistakes in judged:
        rest = tuple(mistake for mistake in mistakes if mistake not in general)
        if rest:
            yield _finding(answer.address.route, rest, (_place(answer),))


def _of_all(judged: list[tuple[Answer, tuple[str, ...]]]) -> dict[tuple[str, ...], list[Place]]:
    """Return the mistakes that every page has, with their places; nothing where pages are few."""
    if len(judged) < _FEWEST_PAGES:
        return {}
    common = tuple(each for each in judged[0][1] if all(each in mistakes for _, mistakes in judged))
    return {common: [_place(answer) for answer, _ in judged]} if common else {}


def _mistakes(walk: Walk, answer: Answer, *, asks: bool) -> Iterator[str]:
    part = _own_part(walk, answer)
    if (
        not part
        and not answer.visitor.is_undecided
        and all(PARTS[name] in answer.body for name in ("head()", "link()"))
    ):
        return  # the rest is the same for everybody, and to parse every page again takes long
    policy = next(iter(answer.all("content-security-policy")), "")
    document = _document(answer.body)
    if part:
        yield from lacking_in_own(walk.state, part, answer.status, document, policy)
    else:
        yield from lacking(document, policy, asks=asks and answer.visitor.is_undecided)


def _is_whole(answer: Answer) -> bool:
    """Tell whether an answer is a page that people read: a whole document, and no redirect, no bare message."""
    if answer.is_error_page or answer.address.endpoint == "cookieconsent":
        return bool(_WHOLE.search(answer.body)) and not _PLAIN_ERROR.match(answer.body)
    return answer.status == 200 and bool(_WHOLE.search(answer.body))


def _own_part(walk: Walk, answer: Answer) -> str:
    """Return the class by which one of our own pages is known, or an empty string."""
    if answer.address.endpoint != "cookieconsent":
        return ""
    policy, preferences = OWN_PARTS["cookieconsent.policy"], OWN_PARTS["cookieconsent.preferences"]
    return policy if answer.address.path.rstrip("/").endswith("/policy") else preferences


def _place(answer: Answer) -> Place:
    return place(answer, "")


def _finding(subject: str, mistakes: tuple[str, ...], where: tuple[Place, ...]) -> Finding:
    remedy = tuple(
        _REMEDIES[helper]
        for helper in PARTS
        if any(mistake.startswith("lacks ") and helper in mistake for mistake in mistakes)
    )
    return Finding("page-without-pieces", subject, "; ".join(mistakes), where, remedy)


@lru_cache(maxsize=2048)
def _document(html: str) -> Document:
    """Return a page as it was parsed (memoised: most visitors get the same page)."""
    return document_of(html)
