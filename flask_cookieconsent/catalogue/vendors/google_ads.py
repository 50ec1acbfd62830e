"""Google Ads: conversion tracking, by the Google tag (gtag.js) that Google Analytics uses too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.google import BY_ADVERTISING, config_data, types_of
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.catalogue.kit.providers import GOOGLE
from flask_cookieconsent.core.services import Cookie, Service, Tag

_NINETY_DAYS = timedelta(days=90)
# One by one, because Google Analytics declares the whole family as its leftovers, in another category.
_FIRST_PARTY = ("_gcl_au", "_gcl_aw", "_gcl_gs", "_gcl_gb", "_gcl_dc", "_gcl_ag")


def google_ads(
    conversion_id: str,
    *,
    config: Mapping[str, Any] | None = None,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_ads",
    category: str = "tracking",
    name: str = "Google Ads",
) -> Service:
    """Return Google Ads for one account, for example `google_ads("AW-123456789")`.

    Where visitors allow it, the site's own scripts report a conversion: `gtag("event", "conversion", {send_to: …})`.
    *config* holds options of Google's `config` that are the same for everybody. *consent_types* splits what is asked
    about, for example `{"ad_personalization": "audiences"}` with a service of your own for that. Hosts of single
    countries (`www.google.be`) cannot be named by a pattern; list those you need in `COOKIECONSENT_CSP_SOURCES`.

    :raises ValueError: if it is no id of an account, or an option is not the site's to set.
    """
    checked("conversion_id", conversion_id, r"AW-[0-9]{6,12}", "AW-123456789")
    adservices, doubleclick = "https://www.googleadservices.com", "https://googleads.g.doubleclick.net"
    syndication, search = "https://pagead2.googlesyndication.com", ("https://www.google.com", "https://google.com")
    manager = "https://www.googletagmanager.com"
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking",),
        purpose="advertising",
        provider=GOOGLE,
        cookies=(
            *(Cookie(name=name, purpose=purposes.CAMPAIGN, duration=_NINETY_DAYS) for name in _FIRST_PARTY),
            Cookie(name="_gcl_ls", purpose=purposes.CAMPAIGN, storage="local"),
            Cookie(name="IDE", purpose=purposes.ADVERTISES, duration=timedelta(days=395), domain="doubleclick.net"),
            Cookie(
                name="test_cookie", purpose=purposes.TESTS, duration=timedelta(minutes=15), domain="doubleclick.net"
            ),
        ),
        hosts={
            "script-src": (manager, adservices, doubleclick, syndication, "https://www.google.com"),
            "img-src": (manager, doubleclick, *search, syndication, adservices),
            "connect-src": (syndication, adservices, doubleclick, *search),
            "frame-src": ("https://td.doubleclick.net", manager),
        },
        tag=Tag(
            loader="google.js",
            data={"id": conversion_id} | config_data(config),
            lists={"dataLayer": ()},
            globals=("gtag",),
            consent_types=types_of(consent_types, dict.fromkeys(BY_ADVERTISING, id)),
        ),
    )
