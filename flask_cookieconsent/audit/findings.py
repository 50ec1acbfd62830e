"""Findings of an audit: what is wrong by one rule, where it was seen, and the lines that mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .rules import RULES, Level, Rule


@dataclass(frozen=True)
class Source:
    """A line of the owner's own source; the file is relative, with forward slashes."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, order=True)
class Place:
    """Where something was seen: a route, the path that was asked for, and the visitor who got the answer.

    `element` is the start tag, or the header without its value, as far as the site writes it. `endpoint` names the
    view, `templates` those that were rendered for the answer, the outermost last. `source` is where the owner wrote it,
    as far as that is found.
    """

    route: str
    path: str
    visitor: str
    element: str = ""
    endpoint: str = ""
    templates: tuple[str, ...] = ()
    source: Source | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Finding:
    """What is wrong by a rule with one subject: a cookie, a host, a page, a template.

    `says` is a sentence, `remedy` holds lines to paste. `places` are where it was seen, each once.
    """

    rule: str
    subject: str
    says: str
    places: tuple[Place, ...] = ()
    remedy: tuple[str, ...] = ()

    @property
    def about(self) -> Rule:
        """The rule."""
        return RULES[self.rule]

    @property
    def level(self) -> Level:
        """How bad it is."""
        return self.about.level

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes where it was seen, each once."""
        return tuple(dict.fromkeys(place.route for place in self.places))

    @property
    def visitors(self) -> tuple[str, ...]:
        """The visitors for whom it was seen, each once."""
        return tuple(dict.fromkeys(place.visitor for place in self.places))


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Merge findings of one rule and subject into one with all their places, errors first, in the order of the rules.

    The first of them has the sentence and the remedy.
    """
    found: dict[tuple[str, str], Finding] = {}
    places: dict[tuple[str, str], dict[Place, None]] = {}
    for finding in findings:
        key = (finding.rule, finding.subject)
        found.setdefault(key, finding)
        places.setdefault(key, {}).update(dict.fromkeys(finding.places))
    order = {rule: number for number, rule in enumerate(RULES)}
    whole = [replace(finding, places=tuple(places[key])) for key, finding in found.items()]
    return sorted(whole, key=lambda each: (each.level != "error", order[each.rule], each.subject))
