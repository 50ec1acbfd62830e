"""Debug information about one request: reasons, hidden and swept cookies, and Content-Security-Policy sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.core.registry import CookieIndex

from .cookies import name_of, sweep


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What follows from one decision for one request.

    `services` holds an id, whether it is allowed, and the reason; `hidden` the cookies that the app does not see;
    `swept` those that a page expires, with the number of `Set-Cookie` lines for each; `dropped` those that the last
    answer of the same route wanted to set; `hosts` what the csp is opened for.
    """

    services: tuple[tuple[str, bool, str], ...]
    hidden: tuple[str, ...]
    swept: tuple[str, ...]
    dropped: tuple[str, ...]
    hosts: tuple[str, ...]

    @property
    def lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Every list with its title."""
        return (
            ("Hidden from the app", self.hidden),
            ("Removed with a page", self.swept),
            ("Stopped in the last answer of this route", self.dropped),
            ("Opened in the Content-Security-Policy", self.hosts),
        )


def explain(
    index: CookieIndex,
    decision: Decision,
    arrived: Iterable[str],
    *,
    host: str,
    path: str,
    secure: bool,
    dropped: tuple[str, ...] = (),
) -> Explanation:
    """Explain a decision for a request with these cookies, on this host and path; *arrived* are cookie names."""
    hidden = tuple(name for name in arrived if index.is_denied(name, decision.allowed))
    swept: dict[str, int] = {}
    for line in sweep(hidden, index, host=host, path=path, secure=secure):
        swept[name_of(line)] = swept.get(name_of(line), 0) + 1
    return Explanation(
        services=tuple((id, id in decision.allowed, reason.value) for id, reason in decision.reasons.items()),
        hidden=hidden,
        swept=tuple(f"{name} ({count} places)" for name, count in swept.items()),
        dropped=dropped,
        hosts=tuple(f"{directive} {source}" for directive, sources in decision.hosts for source in sources),
    )
