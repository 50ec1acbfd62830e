"""Matomo: web analytics on a server of the site's own or in its cloud, with or without cookies."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked, origin, receiver, script_address, server_address
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag

_CLOUD = Provider(
    name="InnoCraft Limited", country="NZ", privacy_policy="https://matomo.org/matomo-cloud-privacy-policy/"
)
_LONGEST = timedelta(days=400)
_MODES = ("cookies", "cookieless")


def matomo(
    url: str,
    site_id: str,
    *,
    provider: Provider | None = None,
    script_url: str = "",
    mode: str = "cookies",
    id: str = "matomo",
    category: str = "performance",
    name: str = "Matomo",
) -> Service:
    """Return Matomo for one site, for example `matomo("https://stats.example.org/", "1", provider=…)`.

    *provider* is who runs the server, the site's own company if it does; Matomo's cloud needs none. *mode* is
    `"cookies"` or `"cookieless"`; measuring is asked about either way.

    :raises ValueError: if a parameter is wrong, or nobody is named who runs the server.
    """
    base = server_address("url", url, "https://stats.example.org/").rstrip("/") + "/"
    checked("site_id", site_id, r"[1-9][0-9]{0,9}", "1")
    src = script_address("script_url", script_url, "https://cdn.matomo.cloud/x/matomo.js") if script_url else ""
    if mode not in _MODES:
        raise ValueError(f"mode: found {mode!r}, wanted one of {', '.join(_MODES)}")
    first = (("disableCookies",),) if mode == "cookieless" else (("requireCookieConsent",), ("setCookieConsentGiven",))
    src = src or base + "matomo.js"
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("performance", "tracking"),
        purpose="audience_measurement",
        provider=receiver(provider, _CLOUD, is_vendors=origin(base).endswith(".matomo.cloud")),
        cookies=_cookies() if mode == "cookies" else (),
        hosts={"script-src": (origin(src),), "connect-src": (origin(base),), "img-src": (origin(base),)},
        tag=Tag(
            src=src,
            queue="_paq",
            calls=(
                *first,
                ("setTrackerUrl", base + "matomo.php"),
                ("setSiteId", str(site_id)),
                ("trackPageView",),
                ("enableLinkTracking",),
            ),
            withdrawn=(("forgetCookieConsentGiven",), ("deleteCookies",), ("disableCookies",)),
        ),
    )


def _cookies() -> tuple[Cookie, ...]:
    half_an_hour = timedelta(minutes=30)
    return (
        Cookie(name="_pk_id.*", purpose=purposes.TELLS_APART, duration=timedelta(days=393)),
        Cookie(name="_pk_ses.*", purpose=purposes.KEEPS_VISIT, duration=half_an_hour),
        Cookie(name="_pk_ref.*", purpose=purposes.FIRST_ARRIVAL, duration=timedelta(days=183)),
        Cookie(name="_pk_cvar.*", purpose=purposes.KEEPS_VISIT, duration=half_an_hour),
        Cookie(name="_pk_hsr.*", purpose=purposes.RECORDS, duration=half_an_hour),
        Cookie(name="_pk_testcookie*", purpose=purposes.TESTS),
        Cookie(name="mtm_consent", purpose=purposes.PRIVACY, duration=_LONGEST),
        Cookie(name="mtm_consent_removed", purpose=purposes.PRIVACY, duration=_LONGEST),
        Cookie(name="mtm_cookie_consent", purpose=purposes.PRIVACY, duration=_LONGEST),
    )
