"""Calendly: booking pages in its iframe; no script of Calendly runs in our pages."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address
from flask_cookieconsent.core.services import Cookie, Frame, Provider, Service

_HOST = "https://calendly.com"
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SITE = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,9}}(?::[0-9]{{1,5}})?")
_PAGE = re.compile(r"(?:/[A-Za-z0-9_-]{1,100}){1,6}/?")
# Pages of Calendly's own, on which nobody can be met.
_RESERVED = frozenset(
    (
        *("about", "app", "blog", "careers", "contact", "event_types", "features", "help", "integrations", "legal"),
        *("login", "pricing", "resources", "scheduled_events", "security", "signup", "solutions", "users"),
    )
)


def calendly(site: str, *, id: str = "calendly", category: str = "third_party") -> Service:
    """Return Calendly for `embed()`: the booking page of a person, a team or a kind of meeting.

    *site* is the host of this site, which Calendly is told as the one that embeds it.

    :raises ValueError: if it is no host.
    """
    if not _SITE.fullmatch(str(site)):
        raise ValueError(f"site: found {site!r}, wanted a host such as 'www.example.com'")
    return Service(
        id=id,
        name="Calendly",
        category=category,
        categories=("third_party", "functionality", "tracking"),
        purpose="booking",
        provider=Provider(
            name="Calendly, LLC", country="US", privacy_policy="https://calendly.com/legal/privacy-notice"
        ),
        cookies=(
            Cookie(
                name="_calendly_session", purpose=purposes.SESSION, duration=timedelta(days=21), domain="calendly.com"
            ),
            Cookie(name="__cf_bm", purpose=purposes.ROBOTS, duration=timedelta(minutes=30), domain="calendly.com"),
            Cookie(
                name="OptanonConsent", purpose=purposes.PRIVACY, duration=timedelta(days=365), domain="calendly.com"
            ),
        ),
        hosts={"frame-src": (_HOST,)},
        parse=partial(_parse, str(site)),
    )


def _parse(site: str, text: str) -> Frame | None:
    url = address(text.strip(" "))
    if url is None or url.host not in ("calendly.com", "www.calendly.com"):
        return None
    if not _PAGE.fullmatch(url.path) or url.path.split("/")[1].lower() in _RESERVED:
        return None
    link = _HOST + url.path.rstrip("/")
    return Frame(
        src=f"{link}?{urlencode({'embed_domain': site, 'embed_type': 'Inline'})}",
        link=link,
        kind="calendar",
        shape="long",
    )
