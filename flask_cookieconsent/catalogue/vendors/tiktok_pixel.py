"""TikTok Pixel: conversion tracking of advertisements there; it is told that it may."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.catalogue.kit.providers import TIKTOK
from flask_cookieconsent.core.services import Cookie, Queue, Service, Tag

_METHODS = (
    *("page", "track", "identify", "instances", "debug", "on", "off", "once", "ready", "alias", "group"),
    *("enableCookie", "disableCookie", "holdConsent", "revokeConsent", "grantConsent"),
)


def tiktok_pixel(
    pixel_id: str,
    *,
    region: str = "global",
    id: str = "tiktok_pixel",
    category: str = "tracking",
    name: str = "TikTok Pixel",
) -> Service:
    """Return the pixel of TikTok for one account, for example `tiktok_pixel("C4A1B2C3D4E5F6G7H8I0")`.

    *region* is `"global"`, or `"us"` for accounts of the United States.

    :raises ValueError: if a parameter is not what TikTok gives out.
    """
    pixel_id = checked("pixel_id", pixel_id, r"[A-Z0-9]{16,24}", "C4A1B2C3D4E5F6G7H8I0")
    if region not in ("global", "us"):
        raise ValueError(f"region: found {region!r}, wanted 'global' or 'us'")
    analytics = "https://analytics.tiktok.com"
    origins = (analytics, "https://analytics.us.tiktok.com") if region == "us" else (analytics,)
    year = timedelta(days=395)
    events = f"{origins[-1]}/i18n/pixel/events.js"
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking",),
        purpose="advertising",
        provider=TIKTOK,
        cookies=(
            Cookie(name="_ttp", purpose=purposes.MATCHES, duration=year),
            Cookie(name="_tt_enable_cookie", purpose=purposes.TESTS, duration=year),
            Cookie(name="ttcsid*", purpose=purposes.KEEPS_VISIT, duration=year),
            Cookie(name="ttclid", purpose=purposes.CAMPAIGN, duration=timedelta(days=30)),
            Cookie(name="tt_appInfo", purpose=purposes.KEEPS_VISIT, storage="session"),
            Cookie(name="tt_sessionId", purpose=purposes.KEEPS_VISIT, storage="session"),
            Cookie(name="tt_pixel_session_index", purpose=purposes.KEEPS_VISIT, storage="session"),
        ),
        hosts={
            "script-src": origins,
            "connect-src": (*origins, "https://mon.tiktok.com", "https://mcs.tiktok.com"),
            "img-src": origins,
        },
        tag=Tag(
            src=f"{events}?sdkid={pixel_id}&lib=ttq",
            values={"TiktokAnalyticsObject": "ttq"},
            queue=Queue(
                name="ttq",
                methods=_METHODS,
                properties={f"_i.{pixel_id}": [], f"_i.{pixel_id}._u": events, f"_o.{pixel_id}": {}},
                timed=(f"_t.{pixel_id}",),
            ),
            calls=(("grantConsent",), ("page",)),
            withdrawn=(("revokeConsent",), ("disableCookie",)),
        ),
    )
