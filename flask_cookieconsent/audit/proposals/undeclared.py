"""Declare what nobody knows: a draft with gaps for each third party, and for each cookie of the site's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.judges.hosts import in_punycode
from flask_cookieconsent.audit.walking.walk import Walk
from flask_cookieconsent.core.csp import is_origin
from flask_cookieconsent.core.defaults import DEFAULT_IDS
from flask_cookieconsent.core.trackers import Tracker, tracker_at, tracker_named
from flask_cookieconsent.core.validation import DIRECTIVES, GAP, is_declarable_name

from .clues import NAMES, Clue, host_in
from .drafts import CookieDraft, Draft, quoted, written
from .in_templates import FRAMES
from .unknown import guessed, id_of, name_of_host, starred


@dataclass(frozen=True)
class Asked:
    """A finding that asks for a declaration, and the services of the catalogue that fit, each with how near it is."""

    finding: Finding
    clue: Clue
    offers: tuple[tuple[str, int], ...] = ()

    @property
    def subject(self) -> str:
        """The host as a policy has it, in Punycode, or the name of the cookie."""
        return self.finding.subject if self.is_cookie else in_punycode(host_in(self.finding))

    @property
    def is_cookie(self) -> bool:
        """Whether it is a cookie; else it is a host."""
        return self.finding.rule in NAMES

    @property
    def is_declarable(self) -> bool:
        """Whether a declaration can name it, if it is a host."""
        return self.is_cookie or is_origin(f"https://{self.subject}")

    @property
    def best(self) -> list[str]:
        """The ids that fit equally well, and better than all others."""
        nearest = max((near for _, near in self.offers), default=0)
        return [id for id, near in self.offers if near == nearest]


@dataclass(frozen=True)
class Proposal:
    """Lines that declare one service, what it is called in short, and how its elements are replaced."""

    service: str
    lines: tuple[str, ...]
    short: str
    tags: bool = False
    copies: bool = False
    is_own: bool = False


def draft_of(kind: str, key: str, found: Sequence[Asked], walked: Walk, taken: Collection[str]) -> Proposal:
    """Return the proposal for what the catalogue does not have."""
    if kind == "none":
        line = f"# {key} cannot be declared; wanted a host with a name, such as www.example.com"
        return Proposal("", (line,), key)
    if kind == "own":
        return Proposal("", (_sources(found, walked),), "COOKIECONSENT_CSP_SOURCES", is_own=True)
    if kind == "shared":
        line = f"# {key} serves files of everybody; a copy in static/ is no third party, and nobody has to be asked."
        return Proposal(id_of(name_of_host(key), taken), (line,), "a copy in static/", copies=True)
    if kind == "cookie":
        return _cookie(key, found, walked, taken)
    return _third_party(kind, key, found, walked, taken)


def _cookie(name: str, found: Sequence[Asked], walked: Walk, taken: Collection[str]) -> Proposal:
    if not found[0].clue.storage and not is_declarable_name(name):
        line = f"# {quoted(name)} is no name that a cookie can have; wanted letters, digits and !#$%&'+.^_`|~-"
        return Proposal("", (line,), name)
    guess = guessed(name)
    draft = Draft(
        id=id_of(name, taken),
        name=name.strip("_*.-").replace("_", " ").replace("-", " ").title() or name,
        category=_category(guess.category, walked),
        purpose=guess.purpose,
        is_necessary=guess.is_necessary,
        cookies=_cookies(found),
    )
    return Proposal(draft.id, written(draft), f"Service(id={quoted(draft.id)}, …)")


def _third_party(kind: str, key: str, found: Sequence[Asked], walked: Walk, taken: Collection[str]) -> Proposal:
    tracker = next(filter(None, (_tracker(each, found) for each in found)), None) if kind == "tracker" else None
    spots = [spot for each in found for spot in each.clue.spots if spot.url.startswith("https://")]
    spots = [spot for spot in spots if not spot.is_by_base]
    draft = Draft(
        id=id_of(key if tracker else name_of_host(key), taken),
        name=key if tracker else name_of_host(key),
        category=_category("tracking", walked),
        is_third_party=True,
        cookies=_cookies(found),
        hosts=_hosts(found),
        scripts=_unique(spot.url for spot in spots if spot.tag == "script" and spot.directive == "script-src"),
        styles=_unique(spot.url for spot in spots if spot.tag == "link" and spot.directive == "style-src"),
        frames=_unique(spot.url for spot in spots if spot.tag in FRAMES),
    )
    lines = [f"# tracks visitors: {tracker.vendor} ({tracker.source})"] if tracker else []
    lines += written(draft)
    if not tracker and draft.hosts:
        lines.append(f"# If it is a server of your own, in the place of all this: {_sources(found, walked)}")
    tags = bool(draft.scripts or draft.styles)
    return Proposal(draft.id, tuple(lines), f"Service(id={quoted(draft.id)}, …)", tags=tags)


def _tracker(each: Asked, found: Sequence[Asked]) -> Tracker | None:
    hosts = [other.subject for other in found if not other.is_cookie]
    return tracker_named(each.subject, hosts) if each.is_cookie else tracker_at(each.subject)


def _cookies(found: Sequence[Asked]) -> tuple[CookieDraft, ...]:
    """Return a cookie for each name, with the longest life that was seen; names that end in ids share a star."""
    drafts: dict[str, CookieDraft] = {}
    for each in sorted(
        (each for each in found if each.is_cookie), key=lambda each: (each.clue.lasts is None, each.subject)
    ):
        name, clue = starred(each.subject), each.clue
        there = drafts.get(name)
        if there is None or (clue.lasts and (not there.lasts or clue.lasts > there.lasts)):
            drafts[name] = CookieDraft(name, clue.was_set, clue.lasts, clue.path, clue.domain, clue.storage)
    return tuple(drafts[name] for name in sorted(drafts) if drafts[name].storage or is_declarable_name(name))


def _hosts(found: Sequence[Asked]) -> dict[str, list[str]]:
    """Return the origins by the directive under which each is contacted."""
    hosts: dict[str, list[str]] = {}
    for each in found:
        if each.is_cookie:
            continue
        usual = {"inline-loader": "script-src", "undeclared-content": "frame-src"}.get(each.finding.rule, "connect-src")
        for directive in _unique(spot.directive for spot in each.clue.spots if spot.directive in DIRECTIVES) or (
            usual,
        ):
            urls = [spot.url for spot in each.clue.spots if spot.directive == directive and spot.url]
            scheme = "wss" if urls and all(url.startswith("wss:") for url in urls) else "https"
            hosts.setdefault(directive, []).append(f"{scheme}://{each.subject}")
    return {directive: sorted(set(sources)) for directive, sources in sorted(hosts.items())}


def _sources(found: Sequence[Asked], walked: Walk) -> str:
    sources = {key: list(each) for key, each in (walked.state.settings.csp_sources or {}).items()}
    for directive, origins in _hosts(found).items():
        sources[directive] = [*dict.fromkeys([*sources.get(directive, ()), *origins])]
    told = ", ".join(f"{quoted(key)}: [{', '.join(map(quoted, each))}]" for key, each in sources.items())
    return f"COOKIECONSENT_CSP_SOURCES = {{{told}}}"


def _category(id: str, walked: Walk) -> str:
    """Return one of the default categories, or a gap where a site has its own, which mean what they say."""
    ids = [each.id for each in walked.state.registry.categories]
    return id if id in ids or DEFAULT_IDS.issuperset(ids) else GAP


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
