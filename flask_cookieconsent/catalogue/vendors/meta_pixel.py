"""Meta Pixel: conversion tracking of advertisements on Facebook and Instagram."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.catalogue.kit.providers import META
from flask_cookieconsent.core.services import Cookie, Queue, Service, Tag


def meta_pixel(
    pixel_id: str, *, id: str = "meta_pixel", category: str = "tracking", name: str = "Meta Pixel"
) -> Service:
    """Return the pixel of Meta for one dataset, for example `meta_pixel("1234567890123456")`.

    :raises ValueError: if it is no id of a pixel.
    """
    pixel_id = checked("pixel_id", pixel_id, r"[0-9]{10,20}", "1234567890123456")
    facebook, scripts = "https://www.facebook.com", "https://connect.facebook.net"
    long, ninety_days = timedelta(days=400), timedelta(days=90)
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking",),
        purpose="advertising",
        provider=META,
        cookies=(
            Cookie(name="_fbp", purpose=purposes.MATCHES, duration=ninety_days),
            Cookie(name="_fbc", purpose=purposes.CAMPAIGN, duration=ninety_days),
            Cookie(name="lastExternalReferrer", purpose=purposes.FIRST_ARRIVAL, storage="local"),
            Cookie(name="lastExternalReferrerTime", purpose=purposes.FIRST_ARRIVAL, storage="local"),
            Cookie(name="topicsLastReferenceTime", purpose=purposes.ADVERTISES, storage="local"),
            Cookie(name="fr", purpose=purposes.ADVERTISES, duration=ninety_days, domain="facebook.com"),
            Cookie(name="datr", purpose=purposes.RECOGNISES, duration=long, domain="facebook.com"),
            Cookie(name="sb", purpose=purposes.RECOGNISES, duration=long, domain="facebook.com"),
        ),
        hosts={
            "script-src": (scripts,),
            "img-src": (facebook,),
            "connect-src": (facebook, scripts),
            # What is too long for an address it sends as a form, into a frame that nobody sees.
            "frame-src": (facebook,),
            "form-action": (facebook,),
        },
        tag=Tag(
            src=f"{scripts}/en_US/fbevents.js",
            queue=Queue(
                name="fbq",
                calls="queue",
                forward="callMethod",
                properties={"loaded": True, "version": "2.0"},
                pushes=True,
                aliases=("_fbq",),
            ),
            calls=(("consent", "grant"), ("init", pixel_id), ("trackSingle", pixel_id, "PageView")),
            withdrawn=(("consent", "revoke"),),
        ),
    )
