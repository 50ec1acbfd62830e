"""Google Analytics 4: web analytics, loaded only once it is allowed (Consent Mode v2, basic)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.google import BY_ADVERTISING, config_data, types_of
from flask_cookieconsent.catalogue.kit.parameters import checked, origin, server_address
from flask_cookieconsent.catalogue.kit.providers import GOOGLE
from flask_cookieconsent.core.services import Cookie, Service, Tag

# Google's own default is two years; browsers keep none for longer than 400 days.
_LIFE = timedelta(days=395)

_SERVER_COOKIES = (
    Cookie(name="FPID", purpose=purposes.TELLS_APART, duration=_LIFE),
    Cookie(name="FPLC", purpose=purposes.TELLS_APART, duration=timedelta(hours=20)),
)


def google_analytics(
    measurement_id: str,
    *,
    cookie_domain: str = "",
    server_container_url: str = "",
    config: Mapping[str, Any] | None = None,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_analytics",
    category: str = "performance",
    name: str = "Google Analytics",
) -> Service:
    """Return Google Analytics for one web stream, for example `google_analytics("G-ABC1234567")`.

    Give a second property another *id* and *name*. *category* is `"tracking"` where you file it there; that allows no
    advertising. Google Signals and the advertising types stay off until a visitor also allows a service whose purpose
    is advertising by Google: `google_ads(…)`, or one of your own that *consent_types* names, for example
    `{"ad_personalization": "audiences"}`; None in its place denies it for good. *config* holds options of Google's
    `config` that are the same for everybody, such as `{"send_page_view": False}`; what follows consent, and what
    belongs to one visitor, has no place there. *cookie_domain* is `"none"` or a domain, *server_container_url* a
    tagging server.

    :raises ValueError: if a parameter is not what Google gives out, or an option is not the site's to set.
    """
    checked("measurement_id", measurement_id, r"G-[A-Z0-9]{4,20}", "G-ABC1234567")
    data = {"id": measurement_id, "cookie-expires": str(int(_LIFE.total_seconds()))} | config_data(config)
    if cookie_domain:
        data["cookie-domain"] = checked(
            "cookie_domain", cookie_domain, r"none|[a-z0-9-]+(\.[a-z0-9-]+)+", "example.org"
        )
    server: tuple[str, ...] = ()
    if server_container_url:
        data["server"] = server_address("server_container_url", server_container_url, "https://sgtm.example.org")
        server = (origin(data["server"]),)
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("performance", "tracking"),
        purpose="audience_measurement",
        provider=replace(GOOGLE, opt_out="https://tools.google.com/dlpage/gaoptout"),
        cookies=(
            Cookie(name="_ga", purpose=purposes.TELLS_APART, duration=_LIFE),
            Cookie(name="_ga_*", purpose=purposes.KEEPS_VISIT, duration=_LIFE),
            *(_SERVER_COOKIES if server else ()),
            # Left behind by older versions of the tag, and erased with the others.
            Cookie(name="_gid", purpose=purposes.TELLS_APART, duration=timedelta(days=1)),
            Cookie(name="_gat*", purpose=purposes.LIMITS, duration=timedelta(minutes=1)),
            Cookie(name="_dc_gtm_*", purpose=purposes.LIMITS, duration=timedelta(minutes=1)),
            Cookie(name="_gac_*", purpose=purposes.CAMPAIGN, duration=timedelta(days=90)),
            Cookie(name="_gcl_*", purpose=purposes.CAMPAIGN, duration=timedelta(days=90)),
        ),
        hosts={
            "script-src": ("https://*.googletagmanager.com", *server),
            "img-src": ("https://*.google-analytics.com", "https://*.googletagmanager.com"),
            "connect-src": (
                "https://*.google-analytics.com",
                "https://*.analytics.google.com",
                "https://*.googletagmanager.com",
                "https://www.google.com",
                *server,
            ),
        },
        tag=Tag(
            loader="google.js",
            data=data,
            lists={"dataLayer": ()},
            globals=("gtag",),
            silenced={f"ga-disable-{measurement_id}": True},
            consent_types=types_of(consent_types, {**BY_ADVERTISING, "analytics_storage": id}),
        ),
    )
