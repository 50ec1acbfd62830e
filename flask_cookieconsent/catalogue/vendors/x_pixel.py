"""X Pixel (formerly Twitter): conversion tracking of advertisements there."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.catalogue.kit.providers import X_CORP
from flask_cookieconsent.core.services import Cookie, Queue, Service, Tag


def x_pixel(pixel_id: str, *, id: str = "x_pixel", category: str = "tracking", name: str = "X Pixel") -> Service:
    """Return the pixel of X for one account, for example `x_pixel("o1abc")`.

    :raises ValueError: if it is no id of a pixel.
    """
    pixel_id = checked("pixel_id", pixel_id, r"[a-z0-9]{4,10}", "o1abc")
    long, ninety_days, analytics = timedelta(days=400), timedelta(days=90), "https://analytics.twitter.com"
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking",),
        purpose="advertising",
        provider=X_CORP,
        cookies=(
            Cookie(name="_twpid", purpose=purposes.MATCHES, duration=ninety_days),
            Cookie(name="_twclid", purpose=purposes.CAMPAIGN, duration=ninety_days),
            Cookie(name="muc_ads", purpose=purposes.ADVERTISES, duration=long, domain="t.co"),
            Cookie(name="guest_id_marketing", purpose=purposes.ADVERTISES, duration=long, domain="twitter.com"),
            Cookie(name="guest_id_ads", purpose=purposes.ADVERTISES, duration=long, domain="twitter.com"),
            Cookie(name="personalization_id", purpose=purposes.RECOGNISES, duration=long, domain="twitter.com"),
            Cookie(name="guest_id", purpose=purposes.RECOGNISES, duration=long, domain="twitter.com"),
        ),
        # The pixel has kept the hosts of its old name.
        hosts={
            "script-src": ("https://static.ads-twitter.com",),
            "connect-src": (analytics, "https://ads-api.twitter.com", "https://ads-twitter.com"),
            "img-src": (analytics, "https://t.co"),
        },
        tag=Tag(
            src="https://static.ads-twitter.com/uwt.js",
            queue=Queue(name="twq", calls="queue", forward="exe", properties={"version": "1.1"}),
            calls=(("config", pixel_id),),
        ),
    )
