"""What the owner accepts for a time: one line of TOML for one finding, with a day on which it runs out and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .findings import Finding, Place

#: How far ahead a line may reach, and how far one that the audit proposes does.
LONGEST = timedelta(days=366)
PROPOSED = timedelta(days=90)

# What TOML cannot hold in any form: half of a character of UTF-16 (TOML 1.0, "String").
_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A finding that the owner accepts up to and including a day; at one route alone, or wherever it is seen."""

    rule: str
    subject: str
    until: date
    reason: str
    route: str = ""

    @property
    def line(self) -> str:
        """The line of the options file, as an inline table of TOML with a comma behind it."""
        route = f", route = {_quoted(self.route)}" if self.route else ""
        names = f"rule = {_quoted(self.rule)}, subject = {_quoted(self.subject)}{route}"
        return f"{{ {names}, until = {self.until}, reason = {_quoted(self.reason)} }},"

    def covers(self, finding: Finding) -> bool:
        """Tell whether it is about a finding, at whichever place."""
        return (self.rule, whole(self.subject)) == (finding.rule, whole(finding.subject))

    def has(self, place: Place) -> bool:
        """Tell whether it is about a place of such a finding."""
        return self.route in ("", whole(place.route))


@dataclass(frozen=True)
class Sorted:
    """Findings by what the owner says of them: those that count, those accepted, those whose line has run out.

    What has run out counts, too. `unused` are the lines that are about no finding.
    """

    counting: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, Accepted], ...]
    expired: tuple[tuple[Finding, Accepted], ...]
    unused: tuple[Accepted, ...]


def sort_out(findings: Iterable[Finding], lines: Sequence[Accepted], today: date) -> Sorted:
    """Sort findings by the accepted *lines*; of those about the same place the one that reaches furthest decides."""
    counting: list[Finding] = []
    accepted: list[tuple[Finding, Accepted]] = []
    expired: list[tuple[Finding, Accepted]] = []
    used: set[Accepted] = set()
    furthest = sorted(lines, key=lambda line: line.until, reverse=True)
    for finding in findings:
        rest: Finding | None = finding
        for line in (each for each in furthest if each.covers(finding)):
            taken, rest = _split(rest, line) if rest is not None else (None, None)
            if taken is None:
                continue
            used.add(line)
            if line.until < today:
                counting.append(taken)
                expired.append((taken, line))
            else:
                accepted.append((taken, line))
        if rest is not None:
            counting.append(rest)
    unused = tuple(line for line in lines if line not in used)
    return Sorted(tuple(counting), tuple(accepted), tuple(expired), unused)


def _split(finding: Finding, line: Accepted) -> tuple[Finding | None, Finding | None]:
    """Return the part of a finding that a line is about, and the rest of it."""
    if not line.route:
        return finding, None
    inside = tuple(place for place in finding.places if line.has(place))
    outside = tuple(place for place in finding.places if not line.has(place))
    return (
        replace(finding, places=inside) if inside else None,
        replace(finding, places=outside) if outside or not inside else None,
    )


def acceptance(finding: Finding, today: date) -> Accepted:
    """Return what accepts a finding for a quarter of a year, for its owner to paste and to give a better reason."""
    subject, reason = whole(finding.subject), f"known since {today}"
    return Accepted(rule=finding.rule, subject=subject, until=today + PROPOSED, reason=reason)


def whole(text: str) -> str:
    """Return text in which a half of a character is the replacement character: what TOML, JSON and XML can hold."""
    return _HALVES.sub("\ufffd", text)


def _quoted(text: str) -> str:
    """Return a basic string of TOML, which stands in one line whatever is in it."""
    return '"' + "".join(_escaped(character) for character in whole(text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
