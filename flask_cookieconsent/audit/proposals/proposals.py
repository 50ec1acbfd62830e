"""Lines to paste for what a finding names: the catalogue's factory where it is known, else a declaration with gaps.

Findings of one service have one proposal: the first has its lines, the others say which it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.judges.hosts import declared_at
from flask_cookieconsent.audit.walking.domains import is_own, site_of
from flask_cookieconsent.audit.walking.routes import origin
from flask_cookieconsent.audit.walking.walk import Walk
from flask_cookieconsent.catalogue.moving.common import advice, is_shared
from flask_cookieconsent.catalogue.moving.known import UNKNOWN, by_cookie, catalogue
from flask_cookieconsent.catalogue.moving.seen import by_host, by_parts, call_on_page, has_ids
from flask_cookieconsent.core.trackers import tracker_at, tracker_named

from .clues import NAMES, Clue, Clues, host_in
from .drafts import IN_SERVICES, quoted
from .in_templates import Case
from .remedies import remedy
from .undeclared import Asked, Proposal, draft_of
from .unknown import starred

#: The rules whose remedy is a declaration.
ASKS = frozenset(
    (
        *("undeclared-host", "inline-loader", "undeclared-content", "reported-host", "csp-violation"),
        *("undeclared-cookie", "undeclared-storage", "seen-cookie"),
    )
)
#: Services of the catalogue that a proposal names.
_MOST = 3


def with_proposals(findings: Sequence[Finding], walked: Walk) -> list[Finding]:
    """Return findings with the lines that mend them."""
    clues = Clues(walked)
    seen = [(finding, clues.of(finding)) for finding in findings]
    asked = [_asked(finding, clue, _host(walked)) for finding, clue in seen if _asks(finding, walked)]
    proposals = _proposals(asked, walked)
    first: dict[int, str] = {}
    told = []
    for finding, clue in seen:
        made = proposals.get((finding.rule, finding.subject))
        case = _declared(finding, clue, walked) if made is None else _case(finding, clue, made, walked, first)
        # A host that is declared, though not for this, is told with the lines that it lacks.
        is_told = finding.rule == "undeclared-host" and finding.remedy
        told.append(finding if is_told else replace(finding, remedy=remedy(case)))
    return told


def _host(walked: Walk) -> str:
    return origin(walked.app).partition("://")[2]


def _asks(finding: Finding, walked: Walk) -> bool:
    if finding.rule in NAMES:
        # Of a name that is kept in part its judge knows whether the part says anything.
        return finding.rule in ASKS and not (finding.rule == "seen-cookie" and finding.remedy)
    return finding.rule in ASKS and "." in host_in(finding) and not declared_at(walked.state, host_in(finding))


def _case(finding: Finding, clue: Clue, made: Proposal, walked: Walk, first: dict[int, str]) -> Case:
    told = first.setdefault(id(made), finding.subject)
    lines = made.lines if told == finding.subject else (f"# {made.short}, as proposed for {told}, declares it too.",)
    return Case(
        finding=finding,
        clue=clue,
        registry=walked.state.registry,
        declaring=lines,
        service=made.service,
        tags=made.tags,
        copies=made.copies,
        is_own=made.is_own,
    )


def _declared(finding: Finding, clue: Clue, walked: Walk) -> Case:
    """Return the case of a finding whose service is declared, or which is of none."""
    registry = walked.state.registry
    ids = frozenset() if finding.rule in NAMES else declared_at(walked.state, host_in(finding))
    service = next((registry.services[id] for id in (*registry.optional, *registry.services) if id in ids), None)
    if service is None:
        return Case(finding, clue, registry)
    return Case(finding, clue, registry, service=service.id, tags=service.tag is not None)


# -- whose it is -------------------------------------------------------------------------------------------------------


def _asked(finding: Finding, clue: Clue, host: str) -> Asked:
    declared = catalogue()
    if finding.rule in NAMES:
        return Asked(finding, clue, tuple((id, 1) for id in by_cookie(finding.subject, clue.domain or host, declared)))
    subject = host_in(finding)
    found: dict[str, int] = {}
    for directive, url in dict.fromkeys((spot.directive, spot.url) for spot in clue.spots) or (("", ""),):
        for id, near in by_host(subject, url, directive, declared):
            found[id] = max(near, found.get(id, 0))
    if not found:
        found = dict.fromkeys(by_parts(subject, declared, clue.parts), 4)
    nearest = max(found.values(), default=0)
    best = [id for id, near in found.items() if near == nearest]
    if len(best) > 1:
        # Several services of one vendor share a host: that whose ids are in the page is meant.
        found |= {id: nearest + 1 for id in best if has_ids(id, declared, clue.parts)}
    return Asked(finding, clue, tuple(sorted(found.items(), key=lambda each: -each[1])))


def _proposals(asked: Sequence[Asked], walked: Walk) -> dict[tuple[str, str], Proposal]:
    """Return the proposal of each finding, by its rule and subject."""
    sure = {each.best[0] for each in asked if len(each.best) == 1 and not each.is_cookie}
    sure |= {each.best[0] for each in asked if len(each.best) == 1 and not _among(each, sure)}
    hosts = [each.subject for each in asked if not each.is_cookie]
    members: dict[tuple[str, str], list[Asked]] = {}
    for each in asked:
        members.setdefault(_key(each, sure, walked, hosts), []).append(each)
    taken = {*walked.state.registry.services, *walked.state.registry.by_category}
    proposals: dict[tuple[str, str], Proposal] = {}
    for (kind, key), found in members.items():
        made = _known(key, found) if kind == "known" else _advised(draft_of(kind, key, found, walked, taken), found)
        taken.add(made.service)
        proposals |= {(each.finding.rule, each.finding.subject): made for each in found}
    return proposals


def _among(each: Asked, sure: Collection[str]) -> list[str]:
    return [id for id, _ in each.offers if id in sure]


def _key(each: Asked, sure: Collection[str], walked: Walk, hosts: Sequence[str]) -> tuple[str, str]:
    """Return what a finding has in common with the others that its proposal mends: a kind, and a name of that kind."""
    if not each.is_declarable:
        return "none", each.subject
    # What another finding is surely of explains a host or a cookie that several services share.
    ids = each.best if len(each.best) == 1 and not each.is_cookie else [*_among(each, sure)[:1], *each.best]
    ids = [id for id in ids if id not in walked.state.registry.services]
    if ids:
        return "known", ids[0]
    if each.is_cookie:
        domain = each.clue.domain
        tracker = tracker_named(each.subject, [*hosts, domain]) or tracker_at(domain)
        if tracker:
            return "tracker", tracker.vendor
        return ("host", site_of(domain)) if domain else ("cookie", starred(each.subject))
    if is_own(each.subject, _host(walked)):
        return "own", ""
    if is_shared(each.subject):
        return "shared", each.subject
    tracker = tracker_at(each.subject)
    return ("tracker", tracker.vendor) if tracker else ("host", site_of(each.subject))


# -- what is proposed --------------------------------------------------------------------------------------------------


def _known(id: str, found: Sequence[Asked]) -> Proposal:
    """Return the line of the catalogue's service, and as comments those that fit every finding as well as it does."""
    declared = catalogue()
    parts = list(dict.fromkeys(part for each in found for part in each.clue.parts))
    cookies = [each.subject for each in found if each.is_cookie]
    hosts = [each.subject for each in found if not each.is_cookie]
    made = call_on_page(id, declared, parts, cookies=cookies, hosts=hosts)
    lines = [f"from flask_cookieconsent.catalogue import {id}", f"{made.code},  {IN_SERVICES}"]
    if made.gaps:
        lines.append(f"# instead of {quoted(UNKNOWN)}: {'; '.join(made.gaps)}")
    others = [each for each in found[0].best if all(each in one.best for one in found) and each != id]
    for other in others[: _MOST - 1]:
        lines.append(f"# or, if it is that: {call_on_page(other, declared, parts, cookies=cookies, hosts=hosts).code}")
    data = declared[id]
    tags = "tag" in data or any("tag" in each for each in data.get("variants", ()))
    return _advised(Proposal(id, tuple(lines), made.code, tags=tags), found)


def _advised(made: Proposal, found: Sequence[Asked]) -> Proposal:
    """Return a proposal with what an owner can do in the place of asking, where that is known of a host."""
    told = dict.fromkeys(f"# {advice(each.subject)}" for each in found if advice(each.subject))
    return replace(made, lines=(*made.lines, *told))
