"""Hotjar, which records how pages are used; Contentsquare runs it."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.content import Queue, Tag
from flask_cookieconsent.declaration import Cookie, Doubt, Provider, Service

from . import purposes
from .parameters import checked


def hotjar(
    site_id: str,
    *,
    snippet_version: int = 6,
    id: str = "hotjar",
    category: str = "tracking",
    name: str = "Hotjar",
) -> Service:
    """Return Hotjar for one site, for example `hotjar("1234567")`.

    :raises ValueError: if a parameter is not what Hotjar gives out.
    """
    checked("site_id", site_id, r"[1-9][0-9]{3,9}", "1234567")
    checked("snippet_version", snippet_version, r"[0-9]{1,2}", "6")
    own, other = "https://*.hotjar.com", "https://*.contentsquare.net"
    half_an_hour = timedelta(minutes=30)
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking", "performance"),
        purpose="session_recording",
        provider=Provider(
            name="Hotjar Limited", country="MT", privacy_policy="https://www.hotjar.com/legal/policies/privacy/"
        ),
        cookies=(
            Cookie(name="_hjSessionUser_*", purpose=purposes.TELLS_APART, duration=timedelta(days=365)),
            Cookie(name="_hjSession_*", purpose=purposes.RECORDS, duration=half_an_hour),
            Cookie(name="_hjTLDTest", purpose=purposes.TESTS),
            Cookie(name="_hj*", purpose=purposes.KEEPS_VISIT, duration=timedelta(days=365)),
            Cookie(name="_cs_id", purpose=purposes.TELLS_APART, duration=timedelta(days=395)),
            Cookie(name="_cs_s", purpose=purposes.KEEPS_VISIT, duration=half_an_hour),
            Cookie(name="_cs_c", purpose=purposes.PRIVACY, duration=timedelta(days=395)),
            Cookie(name="_hj*", purpose=purposes.KEEPS_VISIT, storage="local"),
            Cookie(name="hjViewportId", purpose=purposes.KEEPS_VISIT, storage="session"),
        ),
        hosts={
            "script-src": (own, other),
            "connect-src": (own, "https://*.hotjar.io", "wss://*.hotjar.com", other),
            "img-src": (own,),
            "frame-src": (own,),
            "font-src": (own,),
            "style-src": (own,),
        },
        tag=Tag(
            src=f"https://static.hotjar.com/c/hotjar-{site_id}.js?sv={snippet_version}",
            values={"_hjSettings": {"hjid": int(site_id), "hjsv": int(snippet_version)}},
            queue=Queue(name="hj", calls="q"),
        ),
        doubts=(
            Doubt(about="_cs_*", sure="memory", settle="Record a visit with a newer account and list its cookies."),
            Doubt(
                about="Contentsquare's own tag", sure="partly", settle="Read its page on policies; it is no part yet."
            ),
            Doubt(
                about="look of surveys under a strict policy",
                sure="memory",
                settle="Show one on a page that forbids inline styles, which are never allowed here.",
            ),
        ),
    )
