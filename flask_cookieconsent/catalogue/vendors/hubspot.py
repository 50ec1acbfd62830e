"""HubSpot: marketing automation that recognises people who write to the site, and measures its campaigns."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag

_REGIONS = ("na1", "na2", "na3", "eu1", "ap1")


def hubspot(
    portal_id: str, *, region: str, id: str = "hubspot", category: str = "tracking", name: str = "HubSpot"
) -> Service:
    """Return HubSpot for one account, for example `hubspot("12345678", region="eu1")`.

    Switch HubSpot's own cookie banner off. *category* may be `"functionality"` where only its forms and its chat are
    used. Regions are `na1`, `na2`, `na3`, `eu1` and `ap1`.

    :raises ValueError: if a parameter is not what HubSpot gives out.
    """
    portal_id = checked("portal_id", portal_id, r"[0-9]{4,10}", "12345678")
    if region not in _REGIONS:
        raise ValueError(f"region: found {region!r}, wanted one of {', '.join(_REGIONS)}")
    host = "js.hs-scripts.com" if region == "na1" else f"js-{region}.hs-scripts.com"
    half_a_year = timedelta(days=180)
    scripts = ("hs-scripts.com", "hs-analytics.net", "hs-banner.com", "hscollectedforms.net", "hsadspixel.net")
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking", "functionality"),
        purpose="campaign_measurement",
        provider=Provider(
            name="HubSpot Ireland Limited", country="IE", privacy_policy="https://legal.hubspot.com/privacy-policy"
        ),
        cookies=(
            Cookie(name="__hstc", purpose=purposes.TELLS_APART, duration=half_a_year),
            Cookie(name="hubspotutk", purpose=purposes.MATCHES, duration=half_a_year),
            Cookie(name="__hssc", purpose=purposes.KEEPS_VISIT, duration=timedelta(minutes=30)),
            Cookie(name="__hssrc", purpose=purposes.KEEPS_VISIT),
            Cookie(name="messagesUtk", purpose=purposes.CONVERSATION, duration=half_a_year),
            Cookie(name="hs-messages-*", purpose=purposes.CONVERSATION, duration=timedelta(days=1)),
            Cookie(name="__hs_*", purpose=purposes.PRIVACY, duration=half_a_year),
            Cookie(name="hs-*", purpose=purposes.KEEPS_VISIT, storage="session"),
            Cookie(name="__cf_bm", purpose=purposes.ROBOTS, duration=timedelta(minutes=30), domain="hubspot.com"),
        ),
        hosts={
            "script-src": (
                *(f"https://*.{host}" for host in scripts),
                "https://*.usemessages.com",
                "https://*.hsforms.net",
                "https://*.hubspot.com",
            ),
            "connect-src": (
                "https://*.hubspot.com",
                "https://*.hubapi.com",
                "https://*.hscollectedforms.net",
                "https://*.hsforms.com",
                "https://*.hs-banner.com",
            ),
            "img-src": ("https://*.hubspot.com", "https://*.hsforms.com", "https://*.hsforms.net"),
            "frame-src": ("https://*.hubspot.com", "https://*.hsforms.com", "https://*.hsforms.net"),
            "form-action": ("https://*.hsforms.com",),
        },
        tag=Tag(
            src=f"https://{host}/{portal_id}.js",
            attributes={"id": "hs-script-loader"},
            queue="_hsp",
            # The site's own events go there.
            lists={"_hsq": ()},
            withdrawn=(("revokeCookieConsent",),),
            withdrawn_lists={"_hsq": (("doNotTrack",),)},
        ),
    )
