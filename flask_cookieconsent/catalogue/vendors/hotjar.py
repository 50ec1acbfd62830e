"""Hotjar: session recordings, heat maps and surveys; Contentsquare runs it."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.core.services import Cookie, Provider, Queue, Service, Tag


def hotjar(
    site_id: str = "",
    *,
    snippet_version: int = 6,
    contentsquare_tag: str = "",
    id: str = "hotjar",
    category: str = "tracking",
    name: str = "Hotjar",
) -> Service:
    """Return Hotjar for one site, for example `hotjar("1234567")`; newer accounts have a *contentsquare_tag* instead.

    :raises ValueError: if a parameter is not what Hotjar gives out, or not one of two names the site.
    """
    if site_id and contentsquare_tag:
        raise ValueError(f"contentsquare_tag: found {contentsquare_tag!r} beside a site_id, wanted one of them")
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
            Cookie(name="_hj*", purpose=purposes.KEEPS_VISIT, storage="session"),
            Cookie(name="hjViewportId", purpose=purposes.KEEPS_VISIT, storage="session"),
        ),
        hosts={
            "script-src": (own, other, *(("https://app.contentsquare.com",) if contentsquare_tag else ())),
            "connect-src": (
                *(own, "https://*.hotjar.io", "wss://*.hotjar.com", other),
                *(("https://*.contentsquare.com",) if contentsquare_tag else ()),
            ),
            "img-src": (own, *((other,) if contentsquare_tag else ())),
            "frame-src": (own,),
            "font-src": (own,),
            "style-src": (own,),
        },
        tag=_newer_tag(contentsquare_tag) if contentsquare_tag else _tag(site_id, snippet_version),
    )


def _tag(site_id: str, snippet_version: int) -> Tag:
    checked("site_id", site_id, r"[1-9][0-9]{3,9}", "1234567")
    checked("snippet_version", snippet_version, r"[0-9]{1,2}", "6")
    return Tag(
        src=f"https://static.hotjar.com/c/hotjar-{site_id}.js?sv={snippet_version}",
        values={"_hjSettings": {"hjid": int(site_id), "hjsv": int(snippet_version)}},
        queue=Queue(name="hj", calls="q"),
    )


def _newer_tag(contentsquare_tag: str) -> Tag:
    checked("contentsquare_tag", contentsquare_tag, r"[0-9a-f]{10,16}", "0123456789abc")
    return Tag(src=f"https://t.contentsquare.net/uxa/{contentsquare_tag}.js")
