"""The choices cookie as a browser holds it after a choice, in the forms that tools take; nothing is recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from flask_cookieconsent.choice.response import attributes
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.state import State

from .visitors import choice_of, choices_cookie

if TYPE_CHECKING:  # the command `cookie` needs no client
    from werkzeug.test import Client


@dataclass(frozen=True)
class HeldCookie:
    """A choices cookie that a browser has taken from one origin.

    `domain` is that of the settings where it covers the host, None where the host alone gets the cookie; `expires` is
    in UTC. The value says which services are allowed, and is the same for all who chose the same on that day.
    """

    name: str
    value: str
    host: str
    domain: str | None
    is_secure: bool
    expires: datetime
    #: How long a browser keeps it from now on.
    lasts: timedelta
    #: Whether scripts may read it, as where caches share the pages of the site.
    is_readable: bool = False

    @property
    def pair(self) -> str:
        """Name and value, as a `Cookie` header has them, and `curl --cookie` takes them."""
        return f"{self.name}={self.value}"

    @property
    def header(self) -> str:
        """The `Set-Cookie` header by which the site itself would set it."""
        kept = attributes(self.lasts, "/", self.domain, self.is_secure, is_readable=self.is_readable)
        return f"Set-Cookie: {self.pair}{kept}"

    @property
    def for_drivers(self) -> dict[str, Any]:
        """What WebDriver (W3C, section 14) and `cy.setCookie` of Cypress take; `hostOnly` is for Cypress alone."""
        scope = {"hostOnly": True} if self.domain is None else {"domain": self.domain}
        common = {"path": "/", "secure": self.is_secure, "httpOnly": not self.is_readable, "sameSite": "Lax"}
        return {"name": self.name, "value": self.value, "expiry": int(self.expires.timestamp()), **common, **scope}

    @property
    def for_playwright(self) -> dict[str, Any]:
        """What `add_cookies` of Playwright takes; it lasts as long as the browser's context."""
        scheme, host = "https" if self.is_secure else "http", f"[{self.host}]" if ":" in self.host else self.host
        own = {"url": f"{scheme}://{host}/"}
        scope = own if self.domain is None else {"domain": f".{self.domain}", "path": "/"}
        return {
            "name": self.name,
            "value": self.value,
            "secure": self.is_secure,
            "httpOnly": not self.is_readable,
            "sameSite": "Lax",
            **scope,
        }

    def put_into(self, client: Client) -> None:
        """Let a test client hold it."""
        client.set_cookie(
            self.name,
            self.value,
            domain=self.domain or self.host,
            origin_only=self.domain is None,
            path="/",
            secure=self.is_secure,
            httponly=not self.is_readable,
            samesite="Lax",
        )

    @property
    def netscape(self) -> str:
        """A cookie file as `curl` reads it, and whoever reads Netscape's format."""
        host = self.host if self.domain is None else f".{self.domain}"
        fields = (
            host if self.is_readable else f"#HttpOnly_{host}",
            _boolean(self.domain is not None),
            "/",
            _boolean(self.is_secure),
            int(self.expires.timestamp()),
            self.name,
            self.value,
        )
        return "# Netscape HTTP Cookie File\n" + "\t".join(map(str, fields))

    @property
    def json(self) -> str:
        """`for_drivers` as JSON."""
        return json.dumps(self.for_drivers, indent=2)


def held_cookie(
    state: State, origin: str, allowed: Iterable[str], *, gpc: bool = False, expired: bool = False
) -> HeldCookie:
    """Return what a browser holds that has allowed these services at an origin today, and refused all else.

    With *gpc* Global Privacy Control was on at that time, so that the grants stand against it. One that is *expired*
    was chosen too long ago; it is kept as long as any other, although a browser would have dropped it.

    :raises SetupError: if the origin is no address of a site.
    """
    parts = address_of(origin)
    is_secure = parts.scheme == "https"
    consent = choice_of(state, allowed, gpc=gpc, expired=expired)
    lasts = consent.left(state.registry.validity, consent.made_on or state.today)
    return HeldCookie(
        choices_cookie(state, parts.netloc, secure=is_secure),
        state.codec.dumps(consent),
        parts.hostname or "",
        state.choices_cookie.domain_at(parts.netloc),
        is_secure,
        state.clock() + lasts,
        lasts,
        state.shares,
    )


def address_of(origin: str) -> SplitResult:
    """Return the parts of the address of a site.

    :raises SetupError: if it is none.
    """
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError(f"found {origin!r}, wanted the address of the site, such as 'https://localhost:5000'")
    return parts


def _boolean(value: bool) -> str:
    return str(value).upper()
