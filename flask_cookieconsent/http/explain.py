"""Debug information: what a request may do and why, and at start-up what is worth a second look."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import timedelta

from flask_cookieconsent.core.choices_cookie import ChoicesCookie
from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.core.registry import CookieIndex, Registry
from flask_cookieconsent.settings import PREFIX, Settings

from .cookies import name_of, sweep

logger = logging.getLogger("flask_cookieconsent")


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What follows from one decision for one request.

    `services` holds an id, whether it is allowed, and the reason; `hidden` the cookies that the app does not see;
    `swept` those that a page expires, with the number of `Set-Cookie` lines for each; `dropped` those that the last
    answer of the same route wanted to set; `hosts` what the csp is opened for; `consent_types` what each tag passes on
    to its vendor, and whose answer that is.
    """

    services: tuple[tuple[str, bool, str], ...]
    hidden: tuple[str, ...]
    swept: tuple[str, ...]
    dropped: tuple[str, ...]
    hosts: tuple[str, ...]
    consent_types: tuple[str, ...]

    @property
    def lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Every list with its title."""
        return (
            ("Hidden from the app", self.hidden),
            ("Removed with a page", self.swept),
            ("Stopped in the last answer of this route", self.dropped),
            ("Opened in the Content-Security-Policy", self.hosts),
            ("Consent types of tags", self.consent_types),
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
        consent_types=tuple(_consent_types(decision)),
    )


def _consent_types(decision: Decision) -> Iterator[str]:
    for service, consent_types in decision.registry.consent_types.items():
        never = decision.registry.ungrantable(service)
        for name, ids in consent_types.items():
            state = "granted" if decision.allows_all(ids) else "denied"
            followed = "nothing here can grant it" if name in never else f"follows {' and '.join(ids)}"
            yield f"{service} {name} {state} ({followed})"


def tell_ungrantable(registry: Registry) -> None:
    """Log the consent types that no answer of a visitor can ever grant; a warning where a container waits for them."""
    for service in registry.services.values():
        if names := registry.ungrantable(service.id):
            logger.log(
                logging.WARNING if service.purpose == "tag_management" else logging.INFO,
                "service %r: nothing that this site declares can grant %s, so that stays denied; declare the service "
                "that asks for it (with tag=None where a container loads it), name one in consent_types, or put None "
                "there",
                service.id,
                ", ".join(names),
            )


def tell_domain(cookie: ChoicesCookie, server_name: str | None) -> None:
    """Log that browsers will refuse the cookie domain, where the app's configuration says what its host is."""
    if server_name and cookie.domain is not None and cookie.domain_at(server_name) is None:
        logger.warning(
            "COOKIECONSENT_COOKIE_DOMAIN: found %r, which does not cover SERVER_NAME %r; wanted a domain that "
            "does. Choices are kept for that host alone",
            cookie.domain,
            server_name,
        )


def tell_long_retention(settings: Settings) -> None:
    """Log a warning for each retention, in days, that is longer than its default.

    Nothing is kept longer than it is needed (GDPR article 5(1)(e)): the proof of a grant for the six months it holds
    and the five years in which most claims end, a refusal, which nobody has to prove, for 13 months.
    """
    for setting in fields(Settings):
        value, usual = getattr(settings, setting.name), setting.default
        if isinstance(usual, timedelta) and setting.name.endswith("_retention") and value > usual:
            logger.warning(
                "%s%s: found %d days, wanted at most %d, the longest that is usual; keep more only where a law or a "
                "pending claim asks for it, and write down which",
                PREFIX,
                setting.name.upper(),
                value.days,
                usual.days,
            )
