"""Clues: what the answers of a walk show of one finding's subject, for whoever writes the lines that mend it.

They hold parts of pages and never leave the audit; of a cookie they have its life and its path, and not its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape

from flask_cookieconsent.audit.findings import Finding, Place
from flask_cookieconsent.audit.judges.hosts import contacts_of
from flask_cookieconsent.audit.walking.page import Contact
from flask_cookieconsent.audit.walking.walk import Answer, Walk
from flask_cookieconsent.http.cookies import OWS, lifetime, name_of

#: The rules whose subject is the name of a cookie, or of a key of a storage.
NAMES = frozenset(
    (
        *("undeclared-cookie", "cookie-before-choice", "cookie-too-long", "stale-cookie", "seen-cookie"),
        *("undeclared-storage", "storage-before-choice", "forbidden-read", "survives-withdrawal"),
    )
)

#: Pages of one finding that are looked at, and scripts of a page.
_MOST_PAGES, _MOST_SCRIPTS = 3, 60
_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script\s*>", re.I | re.S)
_SOURCE = re.compile(r"""\s(?:src|href|data|poster|srcset)\s*=\s*["']?((?:https?:)?//[^"'\s>,]+)""", re.I)
_TITLE = re.compile(r"""\stitle\s*=\s*"([^"<>{}%]{2,100})\"""", re.I)
_DIRECTIVE = re.compile(r"\b((?:script|style|img|connect|frame|object|font|media|worker)-src|form-action)\b")
_DOMAIN = re.compile(r"Set-Cookie of ([a-z0-9.-]+)", re.I)
_ENDINGS = {
    **dict.fromkeys(("woff", "woff2", "ttf", "otf", "eot"), "font-src"),
    **dict.fromkeys(("png", "gif", "jpg", "jpeg", "svg", "webp", "avif", "ico"), "img-src"),
    **dict.fromkeys(("mp4", "webm", "mp3", "ogg", "m4a", "vtt"), "media-src"),
    **dict.fromkeys(("js", "mjs"), "script-src"),
    "css": "style-src",
}


@dataclass(frozen=True)
class Spot:
    """One element that contacts a host: its start tag as the finding has it, its URL, and the template or file."""

    element: str
    url: str
    directive: str
    file: str

    @property
    def tag(self) -> str:
        """The name of the element, in lower case, or an empty text where it is none."""
        match = re.match(r"<([a-z0-9-]+)", self.element, re.I)
        return match[1].lower() if match else ""

    @property
    def is_by_base(self) -> bool:
        """Whether its own address is relative, so that a `<base>` of the page leads it to the host."""
        return bool(re.search(r"""\s(?:src|href|data|poster)=["']?(?![a-z]+:|//|["'\s>])""", self.element, re.I))

    @property
    def title(self) -> str:
        """The title that the element has, or an empty text."""
        match = _TITLE.search(self.element)
        return unescape(match[1]) if match and '"' not in unescape(match[1]) else ""


@dataclass(frozen=True)
class Clue:
    """What was seen of one subject: where it is contacted, the scripts of those pages, and how long a cookie lasts.

    `lasts` None means until the browser is closed; `was_set` tells whether the line of a cookie was seen at all.
    """

    spots: tuple[Spot, ...] = ()
    parts: tuple[str, ...] = ()
    was_set: bool = False
    lasts: timedelta | None = None
    path: str = "/"
    #: The other site that keeps a cookie, and the area of Web Storage of what is none.
    domain: str = ""
    storage: str = ""


class Clues:
    """Look-up of clues among the answers of one walk."""

    def __init__(self, walked: Walk) -> None:
        self._walk = walked
        self._by_path: dict[str, list[Answer]] = {}
        for answer in walked.answers:
            if answer.method == "GET" and not answer.error:
                self._by_path.setdefault(answer.address.path, []).append(answer)

    def of(self, finding: Finding) -> Clue:
        """Return what was seen of a finding's subject."""
        answers = list(self._answers(finding.places))
        if finding.rule in NAMES:
            return self._of_cookie(finding, answers)
        subject = host_in(finding)
        spots: dict[tuple[str, str], Spot] = {}
        parts: dict[str, None] = {}
        for place in finding.places:
            for spot in _in_place(place, finding):
                spots.setdefault((spot.element, spot.url), spot)
        for answer in answers[:_MOST_PAGES]:
            for contact in contacts_of(self._walk, answer):
                if contact.host == subject:
                    spot = _spot(answer, contact)
                    if contact.is_script and finding.rule == "undeclared-host":
                        spot = _seen(spot, subject, answer, finding)
                    spots[(spot.element, spot.url)] = spot
            parts |= dict.fromkeys(_SCRIPT.findall(answer.body)[:_MOST_SCRIPTS])
        files = _files_of(finding.places)
        known = [replace(each, file=files.get(each.element, each.file)) for each in spots.values()]
        found = [each for each in known if each.url] or known
        elements = [each.element for each in found if each.tag and not each.element.endswith("…")]
        return Clue(tuple(found), (*parts, *dict.fromkeys(elements)))

    def _answers(self, places: Iterable[Place]) -> Iterator[Answer]:
        for path, visitor in dict.fromkeys((place.path, place.visitor) for place in places):
            answers = self._by_path.get(path, [])
            yield from [each for each in answers if each.visitor.name == visitor][:1] or answers[:1]

    def _of_cookie(self, finding: Finding, answers: Iterable[Answer]) -> Clue:
        name = finding.subject
        now = self._walk.state.clock()
        parts: dict[str, None] = {}
        lives: list[timedelta | None] = []
        path = "/"
        for answer in answers:
            parts |= dict.fromkeys(_SCRIPT.findall(answer.body)[:_MOST_SCRIPTS])
            lives += [lasts for each, lasts, _ in answer.too_long if each == name]
            for line in answer.all("set-cookie"):
                if name_of(line) == name:
                    lives.append(lifetime(line, now))
                    path = _path(line)
        known = [each for each in lives if each is not None and each > timedelta()]
        domains = [match[1] for place in finding.places if (match := _DOMAIN.fullmatch(place.element))]
        storage = "session" if "sessionStorage" in finding.says else "local" if "storage" in finding.rule else ""
        lasts = max(known, default=None)
        return Clue((), tuple(parts), bool(lives), lasts, path, domain=(*domains, "")[0], storage=storage)


def _files_of(places: Iterable[Place]) -> dict[str, str]:
    """Return the file of the owner's in which each element stands, such as a layout, where it is no code in Python."""
    found = {place.element: place.source.file for place in places if place.source is not None and place.element}
    return {element: file for element, file in found.items() if not file.endswith(".py")}


def directive_of(directive: str, url: str) -> str:
    """Return the directive under which a host is declared: what a style sheet or a link fetches is known by its end."""
    if directive == "object-src":
        return "frame-src"
    ending = url.partition("?")[0].rpartition(".")[2].lower()
    return _ENDINGS.get(ending, directive) if directive in ("style-src", "", "img-src") else directive


def host_in(finding: Finding) -> str:
    """Return the host that a finding is about, in whose subject a directive may stand before it."""
    return finding.subject.rpartition(" ")[2]


def _in_place(place: Place, finding: Finding) -> Iterator[Spot]:
    """Yield what the place itself says: an element with the URL of the subject, or directives alone."""
    named = _DIRECTIVE.match(place.element)
    directives = [named[1]] if named else _DIRECTIVE.findall(f"{finding.says} {finding.subject}") or [""]
    urls = [unescape(each) for each in _SOURCE.findall(place.element)] if place.element.startswith("<") else []
    mine = [url for url in urls if url.partition("//")[2].lower().startswith(host_in(finding).lower())]
    file = place.templates[0] if place.templates else place.path
    for directive in dict.fromkeys(directives if not mine else directives[:1]):
        whole = f"https:{mine[0]}" if mine and mine[0].startswith("//") else (*mine, "")[0]
        yield Spot(place.element, whole, directive_of(directive, whole), file)


def _spot(answer: Answer, contact: Contact) -> Spot:
    is_sheet = answer.mimetype == "text/css"
    file = answer.address.path if is_sheet or not answer.templates else answer.templates[0]
    element = "" if is_sheet else contact.element
    return Spot(element, contact.url, directive_of(contact.directive, contact.url), file)


def _seen(spot: Spot, host: str, answer: Answer, finding: Finding) -> Spot:
    """Return what a browser has seen a script of the site do: it loads no script where that is for another directive.

    An address of a WebSocket keeps its scheme, which no other one of a policy allows (CSP Level 3, section 6.7.2.8).
    """
    directives = _DIRECTIVE.findall(finding.says)
    is_socket = re.search(rf"wss?:(?:\\?/){{2}}{re.escape(host)}", answer.body, re.I) is not None
    url = f"wss:{spot.url.partition(':')[2]}" if is_socket and "connect-src" in directives else spot.url
    return replace(spot, url=url, directive=(*directives, spot.directive)[0])


def _path(line: str) -> str:
    attributes: Mapping[str, str] = {
        name.strip(OWS).lower(): value.strip(OWS)
        for name, _, value in (each.partition("=") for each in line.split(";")[1:])
    }
    path = attributes.get("path", "/")
    return path if path.startswith("/") else "/"
