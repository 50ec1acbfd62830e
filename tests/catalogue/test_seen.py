"""What was seen of a site is found in the catalogue: a host by its address, a cookie by its name, ids in the page."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent.catalogue.moving.common import SHARED, advice, is_shared
from flask_cookieconsent.catalogue.moving.known import by_cookie, catalogue
from flask_cookieconsent.catalogue.moving.seen import by_host, by_parts, call_on_page, has_ids

TOKEN = "ff0b2d9ca2c9fbe551a420ae63bb7da2"
FORM = "https://docs.google.com/forms/d/e/1FAIpQLScee6ST3o-kZDjlw1ROfUNyjuRBwGdcoewxjCULNejbP5hdzQ/viewform"
#: Two of one vendor, one with regions, one on servers of many people, and one on a server of the site's own.
DECLARED: dict[str, Any] = {
    "films": {
        "hosts": {"https://*.films.example": {"for": ["frame-src"]}},
        "pictures": ["img.films.example"],
        "cookies": [{"name": "watched", "domain": "films.example"}, {"name": ["f_{account}_x", "f_seen*", "a*"]}],
        "parameters": {"account": {"match": "[0-9]{4}", "example": "1234"}},
    },
    "film_ads": {
        "hosts": {"https://www.films.example": {"for": ["img-src"]}},
        "tag": {"src": "https://cdn.ads.example/{account}.js"},
    },
    "counts": {
        "hosts": {
            "https://{place}.counts.example": {"for": ["connect-src"]},
            "https://edge.{host}": {"for": ["img-src"]},
        },
        "parameters": {"region": {"choices": {"eu": {"place": "eu-1"}, "us": {"place": "us-1"}}}},
        "variants": [{"if": {"deep": True}, "cookies": [{"name": "deep_id"}]}],
    },
}
DECLARED["counts"]["parameters"]["deep"] = {"is": "flag", "default": False}


@pytest.mark.parametrize(
    ("host", "url", "directive", "found"),
    [
        ("play.films.example", "", "frame-src", [("films", 3)]),
        ("www.films.example", "", "img-src", [("film_ads", 3), ("films", 2)]),
        ("img.films.example", "", "img-src", [("films", 3)]),
        ("a.b.films.example", "", "img-src", [("films", 2)]),
        ("cdn.ads.example", "https://cdn.ads.example/77.js", "script-src", [("film_ads", 4)]),
        ("cdn.ads.example", "", "script-src", [("film_ads", 3)]),
        ("eu-1.counts.example", "", "connect-src", [("counts", 3)]),
        ("edge.anybody.example", "", "img-src", []),
        ("evilfilms.example", "", "frame-src", []),
        ("films.example.evil.example", "", "frame-src", []),
        ("", "", "", []),
    ],
)
def test_host_is_of_those_that_contact_it(host: str, url: str, directive: str, found: list[tuple[str, int]]) -> None:
    """One whose domain is a hole in a declaration is nobody's."""
    assert by_host(host, url, directive, DECLARED) == found


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("f_1234_x", ["films"]),
        ("f_seen_7", ["films"]),
        ("f_12_x", []),
        ("f_1234_y", []),
        ("f_other", []),
        ("abc", []),
        ("deep_id", ["counts"]),
    ],
)
def test_cookie_is_of_those_whose_pattern_it_fits_as_a_whole(name: str, ids: list[str]) -> None:
    assert by_cookie(name, "shop.example", DECLARED) == ids


def test_whole_name_comes_before_one_with_a_star() -> None:
    assert by_cookie("_gcl_au", "shop.example", catalogue()) == ["google_ads", "google_analytics"]


@pytest.mark.parametrize(
    ("host", "url", "directive", "first"),
    [
        ("www.google.com", "https://www.google.com/maps/embed?pb=!1m18!1m12", "frame-src", "google_maps"),
        ("docs.google.com", FORM, "frame-src", "google_forms"),
        ("fonts.googleapis.com", "https://fonts.googleapis.com/css2?family=Inter", "style-src", "google_fonts"),
        ("mastodon.social", "https://mastodon.social/@a/100181134752056592/embed", "frame-src", "mastodon"),
        ("analytics.us.tiktok.com", "", "connect-src", "tiktok_pixel"),
        ("i.ytimg.com", "https://i.ytimg.com/vi/x/0.jpg", "img-src", "youtube"),
    ],
)
def test_host_of_many_is_of_the_one_whose_address_it_is(host: str, url: str, directive: str, first: str) -> None:
    assert by_host(host, url, directive, catalogue())[0][0] == first


PIXEL = """<script>!function(f,b,e,v,n,t,s){n=f.fbq=function(){};if(!f._fbq)f._fbq=n;t=b.createElement(e);t.src=v}
(window,document,'script','https://connect.facebook.net/en_US/fbevents.js');fbq('init', '1234567890123456');</script>"""
OTHER = '<script src="https://static.shop.example/77777777777777.js"></script><script>var n = 6543210987654321</script>'
MATOMO = """<script>var _paq = window._paq = window._paq || []; (function() { var u="//stats.shop.example/";
_paq.push(['setTrackerUrl', u+'matomo.php']); _paq.push(['setSiteId', '7']);
var g=document.createElement('script'); g.src=u+'matomo.js'; })();</script>"""


@pytest.mark.parametrize(
    ("id", "parts", "more", "code"),
    [
        ("meta_pixel", [PIXEL], {}, 'meta_pixel("1234567890123456")'),
        ("meta_pixel", [OTHER, PIXEL], {}, 'meta_pixel("1234567890123456")'),
        ("meta_pixel", [OTHER], {}, 'meta_pixel("?")'),
        ("meta_pixel", [PIXEL, PIXEL.replace("1234567", "7654321")], {}, 'meta_pixel("?")'),
        ("matomo", [MATOMO], {}, 'matomo("https://stats.shop.example/", "7")'),
        ("mixpanel", [], {"cookies": [f"mp_{TOKEN}_mixpanel"]}, f'mixpanel("{TOKEN}", region="?")'),
        ("mixpanel", [], {"hosts": ["api-eu.mixpanel.com"]}, 'mixpanel("?", region="eu")'),
        ("mastodon", [], {"hosts": ["town.example"]}, 'mastodon("town.example")'),
        ("turnstile", [], {"cookies": ["cf_clearance"]}, 'turnstile("?", preclearance=True)'),
        ("tiktok_pixel", [], {"hosts": ["analytics.us.tiktok.com"]}, 'tiktok_pixel("?", region="us")'),
        ("google_analytics", [], {"cookies": ["FPID"]}, 'google_analytics("?", server_container_url="?")'),
        ("google_analytics", [], {"cookies": ["_ga"]}, 'google_analytics("?")'),
    ],
)
def test_line_has_what_the_page_says(id: str, parts: list[str], more: dict[str, Any], code: str) -> None:
    """Ids come from the service's own code alone, and none where two would do."""
    assert call_on_page(id, catalogue(), parts, **more).code == code


def test_service_on_a_server_of_the_site_is_known_by_its_code() -> None:
    assert by_parts("stats.shop.example", catalogue(), [OTHER, MATOMO]) == ["matomo"]
    assert by_parts("cdn.shop.example", catalogue(), [MATOMO]) == []
    assert by_parts("static.shop.example", catalogue(), [OTHER]) == []


def test_ids_tell_siblings_apart() -> None:
    assert has_ids("meta_pixel", catalogue(), [PIXEL])
    assert not has_ids("meta_pixel", catalogue(), [OTHER])
    assert not has_ids("facebook", catalogue(), [PIXEL])  # it needs none


def test_host_that_serves_everybody_is_nobodys() -> None:
    """But for a script that stands there under an address that only one vendor gives out."""
    assert {host: found for host in SHARED if (found := by_host(host, "", "script-src", catalogue()))} == {}
    assert is_shared("cdn.jsdelivr.net") and not is_shared("cdn.example.net")
    assert advice("secure.gravatar.com").startswith("Or fetch each picture once") and advice("cdn.example.net") == ""
