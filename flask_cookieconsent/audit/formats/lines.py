"""Lines about a finding, for the table and for JUnit: where it was seen and by whom, safe for terminals and XML."""

from __future__ import annotations

from dataclasses import dataclass

from flask_cookieconsent.audit.findings import Finding

#: Places that are told of one finding.
_MOST = 5


@dataclass(frozen=True)
class Sighting:
    """The route, the source as far as it is known, the element, and the visitors who saw a finding there."""

    at: str
    element: str
    visitors: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.at} ({', '.join(self.visitors)})"


def sightings(finding: Finding) -> tuple[list[Sighting], int]:
    """Return where a finding was seen, a few of the places at most, and how many more there are."""
    visitors: dict[tuple[str, str], dict[str, None]] = {}
    for place in finding.places:
        route = place.route if place.path in ("", place.route) else f"{place.route} as {place.path}"
        at = f"{route}, {place.source}" if place.source else route
        visitors.setdefault((at, place.element), {})[place.visitor] = None
    seen = [Sighting(at, element, tuple(seen_by)) for (at, element), seen_by in visitors.items()]
    return seen[:_MOST], max(len(seen) - _MOST, 0)


def printable(text: str) -> str:
    """Return text in which nothing moves a cursor, turns colours on, begins a new line, or is no character of XML."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)
