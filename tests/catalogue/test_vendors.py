"""Facts of single vendors that a site would notice: hosts without which nothing is counted, calls, lives of cookies."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from flask_cookieconsent.catalogue import (
    crisp,
    google_ads,
    google_analytics,
    google_tag_manager,
    hubspot,
    intercom,
    matomo,
    pinterest_tag,
    recaptcha,
    tiktok_pixel,
    turnstile,
    umami,
)
from flask_cookieconsent.core.registry import CookieIndex, build
from flask_cookieconsent.core.services import Cookie, Service
from tests.catalogue.test_tags import LOADERS, STATS, run

WEBSITE = "94db1cb1-74f4-4a40-ad6c-962362670409"
PIXEL = "C4A1B2C3D4E5F6G7H8I0"


def cookie_of(service: Service, name: str) -> Cookie:
    """Return a cookie of a service by its declared name."""
    return next(each for each in service.cookies if each.name == name)


# -- hosts without which nothing arrives -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "directive", "source"),
    [
        (umami(WEBSITE), "connect-src", "https://gateway.umami.is"),
        (umami(WEBSITE, provider=STATS), "connect-src", "https://gateway.umami.is"),
        (google_analytics("G-ABC1234567"), "connect-src", "https://analytics.google.com"),
        (google_analytics("G-ABC1234567"), "connect-src", "https://stats.g.doubleclick.net"),
        (google_ads("AW-123456789"), "connect-src", "https://ad.doubleclick.net"),
        (tiktok_pixel(PIXEL), "script-src", "https://analytics-ipv6.tiktokw.us"),
        (tiktok_pixel(PIXEL), "connect-src", "https://ads.tiktok.com"),
        (intercom("abc12345", region="au"), "img-src", "https://downloads.au.intercomcdn.com"),
    ],
)
def test_hosts(service: Service, directive: str, source: str) -> None:
    assert source in service.hosts[directive]


def test_own_server_opens_no_gateway() -> None:
    """The bad twin of an open policy: who runs Umami at home opens nothing of its cloud."""
    for options in ({"script_url": "https://a.example/script.js"}, {"host_url": "https://a.example"}):
        assert umami(WEBSITE, provider=STATS, **options).hosts["connect-src"] == ("https://a.example",)


def test_one_server_in_two_roles() -> None:
    """Scripts from the server that is written to, named twice: it is opened for both."""
    service = matomo("https://a.example/m", "1", script_url="https://a.example/m/matomo.js", provider=STATS)
    hosts = umami(WEBSITE, script_url="https://a.example/s.js", host_url="https://a.example", provider=STATS).hosts

    assert service.hosts == dict.fromkeys(("script-src", "connect-src", "img-src"), ("https://a.example",))
    assert hosts == dict.fromkeys(("script-src", "connect-src"), ("https://a.example",))


# -- what vendors are told ---------------------------------------------------------------------------------------------


def told(service: Service, queue: str, **more: Any) -> list[Any]:
    """Return what the queue of a vendor holds."""
    result: list[Any] = run(service, later=queue, **more)["result"]
    return result


def test_hubspot_learns_the_real_answer() -> None:
    """G5: it may measure, and has no banner of its own; advertising is another purpose, and another yes."""
    service = hubspot("12345678", region="na1")
    assert service.provider is not None and service.tag is not None
    ads = Service(id="ads", name="A", category="tracking", purpose="advertising", provider=service.provider)
    asked = {"analytics": True, "advertisement": False, "functionality": True}

    assert service.tag.src == "https://js.hs-scripts.com/12345678.js"
    assert told(service, "_hsp") == [["setHubSpotConsent", asked]]
    assert told(service, "_hsp", beside=(ads,)) == [["setHubSpotConsent", asked | {"advertisement": True}]]
    assert told(service, "_hsp", beside=(ads,), granted=("hubspot",)) == [["setHubSpotConsent", asked]]
    assert told(service, "_hsp", withdrawn=["hubspot"])[1:] == [
        ["setHubSpotConsent", dict.fromkeys(asked, False)],
        ["revokeCookieConsent"],
    ]


@pytest.mark.parametrize("name", ["__hs_do_not_track", "__hs_opt_out", "__hs_cookie_cat_pref"])
def test_hubspot_forgets_its_opt_out(name: str) -> None:
    """E4: what HubSpot writes at a withdrawal would last for good, and mute a later yes."""
    index = CookieIndex(build([hubspot("12345678", region="eu1")]))

    assert index.is_denied(name, frozenset())
    assert not index.is_denied(name.removeprefix("__"), frozenset()), "the twin is another name"


def test_pinterest_is_told_before_it_counts() -> None:
    calls = told(pinterest_tag("2612345678901"), "pintrk.queue")

    assert [each[0] for each in calls] == ["load", "setconsent", "page"]
    assert told(pinterest_tag("2612345678901"), "pintrk.queue.at(-1)", withdrawn=["other"]) == ["page"]


# -- Google's script from a server of the site -------------------------------------------------------------------------

SERVED = [
    (google_analytics, "G-ABC1234567", "/gtag/js?id=G-ABC1234567"),
    (google_ads, "AW-123456789", "/gtag/js?id=AW-123456789"),
    (google_tag_manager, "GTM-ABC1234", "/gtm.js?id=GTM-ABC1234"),
]


@pytest.mark.parametrize(("make", "key", "path"), SERVED)
@pytest.mark.parametrize("host", ["https://sgtm.example.org", "https://www.example.org/metrics/"])
def test_script_host(make: Any, key: str, path: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script comes from there, whose origin is opened; without it, from Google."""
    service = make(key, script_host=host)

    def loaded() -> list[str]:
        return [each["src"] for each in run(service, later="0")["added"]]

    assert loaded() == [host.rstrip("/") + path]
    assert "/".join(host.split("/")[:3]) in service.hosts["script-src"]
    assert "example.org" not in str(make(key).hosts)
    monkeypatch.setitem(
        LOADERS, "google.js", LOADERS["google.js"].replace("new URL(scriptHost)", "new URL('https://x.example')")
    )
    assert loaded() != [host.rstrip("/") + path], "the twin asks somebody else"


@pytest.mark.parametrize(
    "bad", ["http://a.example", "a.example", "https://a", "https://a.example;", "javascript:x", None]
)
@pytest.mark.parametrize(("make", "key", "_"), SERVED)
def test_script_host_that_is_none(make: Any, key: str, _: str, bad: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(f"script_host: found {bad!r}, wanted one such as")):
        make(key, script_host=bad)


def test_preview_of_a_container() -> None:
    """Style sheets and fonts are opened on a site that only its makers see, and on no other."""
    live, preview = (google_tag_manager("GTM-ABC1234", preview=each).hosts for each in (False, True))

    assert "https://www.googletagmanager.com" in preview["style-src"]
    assert "https://fonts.gstatic.com" in preview["font-src"]
    assert not {"style-src", "font-src"} & set(live)
    assert "unsafe" not in str(preview)


# -- cookies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["_ttp", "_tt_enable_cookie", "ttcsid*"])
def test_life_of_tiktoks_cookies(name: str) -> None:
    assert cookie_of(tiktok_pixel(PIXEL), name).duration == timedelta(days=90)


@pytest.mark.parametrize("name", ["FPAU", "FPGSID", "FPGCLAW", "FPGCLGB", "FPGCLDC"])
def test_cookies_of_a_tagging_server_are_erased(name: str) -> None:
    """E4: a server of the site sets them in its name; without one nobody does."""
    with_server = google_analytics("G-ABC1234567", server_container_url="https://sgtm.example.org")

    assert CookieIndex(build([with_server])).declared(name)
    assert not CookieIndex(build([google_analytics("G-ABC1234567")])).declared(name)


def test_cookies_of_crisp_are_known_encoded() -> None:
    index = CookieIndex(build([crisp("7598bf86-9ebb-46bc-8c61-be8929bbf93d")]))

    assert index.declared("crisp-client%2Fsession%2F7598bf86") and index.declared("crisp-client%2Fsocket%2F7598bf86")
    assert not index.declared("crisp%2Fclient")


def test_clearance_lasts_as_long_as_the_zone_says() -> None:
    key = "1x00000000000000000000AA"

    assert cookie_of(turnstile(key, preclearance=True), "cf_clearance").duration == timedelta(minutes=30)
    assert cookie_of(turnstile(key, preclearance=True, passage="7 days"), "cf_clearance").duration == timedelta(days=7)
    assert turnstile(key, passage="7 days").cookies == ()
    for bad in ("", "30", "0 days", "7 weeks", "500 days", "7 days\n", 7, None):
        with pytest.raises(ValueError, match="^passage: found .*, wanted one such as '30 minutes'"):
            turnstile(key, passage=bad)


def test_score_of_recaptcha_is_no_box() -> None:
    """Keys look alike, so that nothing but words can tell."""
    assert "version 3" in str(recaptcha.__doc__)
