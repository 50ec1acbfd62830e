"""Mistakes in a declaration, told together at start-up in sentences that name the remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flask_cookieconsent import Category, RegistryError, Tag
from flask_cookieconsent.core.defaults import CATEGORIES, NECESSARY_PURPOSES, PURPOSES
from flask_cookieconsent.core.registry import build
from tests.kit.declarations import CLUB, GOOD, NOTE, film
from tests.kit.sites import COMPANY, own

LATE = "https://late.example/late.js"


def tagged(**tag: Any) -> Any:
    """Return a service of a site's own with a script tag."""
    return own("late", "tracking", tag=Tag(**tag))


MISTAKES = [
    (lambda: [film(category="marketing")], "service 'films': unknown category 'marketing'; wanted one of necessary"),
    (lambda: [film(id="Films!")], "service 'Films!': an id is lower-case letters"),
    (lambda: [film(id="x" * 33)], "an id is lower-case letters"),
    (lambda: [film(), film()], "service 'films': declared twice"),
    (lambda: [film(id="tracking")], "service 'tracking': has the id of a category"),
    (lambda: [film(name="")], "service 'films': name is empty"),
    (lambda: [film(name="?")], "service 'films': name is still '?'; fill in what visitors are to read"),
    (lambda: [film(description="?")], "description is still '?'"),
    (lambda: [own("seat", "necessary", NOTE, justification="?")], "justification is still '?'"),
    (lambda: [film(provider=replace(COMPANY, name="?"))], "provider without a name"),
    (lambda: [own("notes", "functionality", replace(NOTE, purpose="?"))], "without a purpose"),
    (lambda: [own("notes", "functionality", replace(NOTE, duration="?"))], "duration '?'; wanted a timedelta"),
    (lambda: [own("notes", "functionality", replace(NOTE, duration=30))], "duration 30; wanted a timedelta"),
    (lambda: [film(purpose="fun")], "service 'films': unknown purpose 'fun'; wanted one of consent"),
    (lambda: [film(provider=None)], "service 'films': uses other hosts but names no provider"),
    (lambda: [film(provider=replace(COMPANY, name=""))], "provider without a name"),
    (lambda: [film(provider=replace(COMPANY, country="Belgium"))], "provider country 'Belgium'"),
    (lambda: [film(provider=replace(COMPANY, privacy_policy=""))], "provider without a privacy policy; found ''"),
    (lambda: [film(provider=replace(COMPANY, privacy_policy="http://a.example"))], "wanted https://"),
    (lambda: [film(hosts={"frame-ancestors": ()})], "unknown directive 'frame-ancestors'"),
    (lambda: [film(hosts={"frame-src": ("https://a.example; script-src *",)})], "wanted an origin such as"),
    (lambda: [film(hosts={"frame-src": ("*",)})], "host '*' in frame-src"),
    (lambda: [film(hosts={"frame-src": ("'unsafe-inline'",)})], "wanted an origin"),
    (lambda: [own("seat", "necessary", NOTE)], "service 'seat': strictly necessary without a justification"),
    (lambda: [own("notes", "functionality", replace(NOTE, duration=timedelta(days=401)))], "at most 400 days"),
    (lambda: [own("notes", "functionality", replace(NOTE, duration=timedelta(0)))], "wanted more than nothing"),
    (lambda: [own("notes", "functionality", replace(NOTE, purpose=""))], "without a purpose"),
    (lambda: [own("notes", "functionality", replace(NOTE, name="a b"))], "not a cookie name"),
    (lambda: [own("notes", "functionality", replace(NOTE, name="*a"))], "with * only at the end"),
    (lambda: [own("notes", "functionality", replace(NOTE, path="shop"))], "wanted one that begins with '/'"),
    (lambda: [film(hosts={"frame-src": "https://films.example"})], "wanted a list such as ['https://films.example']"),
    (lambda: [film(pictures="img.example")], "pictures found the text 'img.example'; wanted a list such as"),
    (
        lambda: [film(pictures=("https://img.example.com",))],
        "host 'https://img.example.com' in pictures; wanted a host",
    ),
    (lambda: [film(pictures=("*.example.com",))], "host '*.example.com' in pictures; wanted a host"),
    (lambda: [film(pictures=("img.example.com/a",))], "host 'img.example.com/a' in pictures; wanted a host"),
    (lambda: [own("seat", "functionality", pictures=("a.example",))], "uses other hosts but names no provider"),
    (lambda: [own("notes", "functionality", replace(NOTE, storage="disk"))], "storage 'disk'"),
    (lambda: [own("a", "functionality", NOTE), own("b", "tracking", NOTE)], "a cookie belongs to one category"),
    (lambda: [tagged()], "service 'late': a tag without src or styles loads nothing; give the address of the script"),
    (lambda: [tagged(data={"id": "7"})], "a tag without src or styles loads nothing"),
    (
        lambda: [tagged(loader="mine.js")],
        "'late': loader 'mine.js'; wanted a path of this site such as '/static/mine.js'",
    ),
    *(
        (
            lambda loader=loader: [tagged(src=LATE, loader=loader)],
            f"loader {loader!r}; wanted a path of this site such as",
        )
        for loader in (
            "",
            "Tag.js",
            "static/a.js",
            "//a.example/a.js",
            "https://a.example/a.js",
            "/a b.js",
            "/\\a.example",
            "/a.js\n",
        )
    ),
]


@pytest.mark.parametrize(("make", "sentence"), MISTAKES)
def test_mistakes(make: Any, sentence: str) -> None:
    """C2, C3, C5: each mistake stops the start, and says what to write instead."""
    with pytest.raises(RegistryError) as error:
        build(make())

    assert [each for each in error.value.mistakes if sentence in each]


@pytest.mark.parametrize(
    "make",
    [
        *(
            lambda: [film(pictures=["img.example.com"])],
            lambda: [own("a", "functionality", NOTE)],
            lambda: GOOD,
            lambda: [tagged(src=LATE)],
        ),
        *(
            lambda: [tagged(styles=(LATE,))],
            lambda: [tagged(loader="google.js")],
            lambda: [tagged(loader="/static/mine.js")],
        ),
    ],
)
def test_mistakes_twin(make: Any) -> None:
    """The same declarations without the mistakes are accepted, so it is the mistake that stops them."""
    assert build(make()).optional


def test_one_cookie_may_have_two_services_of_one_category() -> None:
    """Two tags of one vendor share their cookies."""
    assert build([own("a", "functionality", NOTE), own("b", "functionality", NOTE)]).optional == ("a", "b")


def test_every_mistake_at_once() -> None:
    """Nobody has to start the app once for each of their mistakes."""
    wrong = [film(category="marketing", name="", provider=None), own("seat", "necessary", replace(NOTE, purpose=""))]

    with pytest.raises(RegistryError) as error:
        build(wrong)

    assert len(error.value.mistakes) == 5
    assert all(each in str(error.value) for each in error.value.mistakes)


@pytest.mark.parametrize(
    ("categories", "sentence"),
    [
        ([CLUB], "none is necessary"),
        ([CATEGORIES[0], CLUB, CLUB], "category 'club': declared twice"),
        ([CATEGORIES[0], replace(CLUB, refusal="")], "category 'club': refusal is empty"),
        ([CATEGORIES[0], replace(CLUB, id="The club")], "category 'The club': an id is"),
    ],
)
def test_mistakes_of_categories(categories: list[Category], sentence: str) -> None:
    """C1: a category says what it is for and what refusing means, or the site does not start."""
    with pytest.raises(RegistryError, match=sentence):
        build([], categories)


def necessary(*names: str, domain: str | None = None, **more: Any) -> Any:
    """Return a service that calls cookies of these names strictly necessary."""
    cookies = [replace(NOTE, name=name, domain=domain) for name in names]
    given = {"purpose": "security", "justification": "To sit down.", "provider": COMPANY if domain else None}
    return own("seat", "necessary", *cookies, **(given | more))


def mistakes(*services: Any) -> list[str]:
    try:
        build(services)
    except RegistryError as error:
        return list(error.mistakes)
    return []


@pytest.mark.parametrize(
    "name",
    [
        *("MUID", "__utma", "_pk_id.1.1fff", "_uetsid", "_uetvid", "AMCV_1%40AdobeOrg", "_scid", "_ga", "_gcl_au"),
        *("_hjSession_7", "hubspotutk", "personalization_id", "li_sugr", "mp_1_mixpanel"),
        *("_ga_*", "_g*", "_pk_*", "A*"),
    ],
)
def test_known_tracker_is_never_necessary(name: str) -> None:
    """C5: the name of a tracking cookie, or a star that covers one, stops the start with cookie, vendor and remedy."""
    (mistake,) = mistakes(necessary(name))

    assert mistake.startswith(f"cookie {name!r} of service 'seat': ")
    assert "is never strictly necessary; move the service to another category" in mistake
    assert mistakes(own("seat", "tracking", replace(NOTE, name=name))) == [], "elsewhere it may be declared"


@pytest.mark.parametrize(
    "name",
    ["fr", "IDE", "NID", "sb", "guest_id", "_gateway", "_game", "_cart", "visitor_id", "mbox", "AMP", "seat", "seat_*"],
)
def test_own_names_that_only_look_alike_are_not_refused(name: str) -> None:
    """A name that others use too is a tracker's only where the service has to do with the vendor."""
    assert mistakes(necessary(name)) == []


@pytest.mark.parametrize(
    "service",
    [
        necessary("fr", domain="facebook.com"),
        necessary("fr", provider=replace(COMPANY, privacy_policy="https://www.facebook.com/privacy")),
        necessary("guest_id", provider=COMPANY, hosts={"script-src": ("https://platform.x.com",)}),
        necessary("anything", domain="stats.g.doubleclick.net"),
        necessary("IDE", domain=".doubleclick.net"),
        necessary("anything", domain="DoubleClick.net"),
    ],
)
def test_common_names_are_judged_by_domain(service: Any) -> None:
    """C5: `fr` of Meta is a tracker, by the cookie's domain, the service's hosts, or its provider."""
    assert [each for each in mistakes(service) if "a tracker of" in each]


def test_tracking_host_is_never_necessary() -> None:
    """C5: who opens the policy for a tracker's host needs no cookie to track."""
    hosts = {"script-src": ("https://*.hotjar.com",), "connect-src": ("wss://ws.hotjar.com:443",)}
    (script, socket) = mistakes(necessary("seat", provider=COMPANY, hosts=hosts))

    assert "'https://*.hotjar.com' is a tracker of Hotjar and Contentsquare, which is never" in script
    assert "'wss://ws.hotjar.com:443' is a tracker" in socket
    assert mistakes(necessary("seat", provider=COMPANY, hosts={"script-src": ("https://nothotjar.com",)})) == []


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        (Tag(src="https://www.googletagmanager.com/gtag/js?id=G-1"), "is a tracker of Google Analytics"),
        (Tag(src="//WWW.GoogleTagManager.com./gtag/js?from=https://a.example"), "is a tracker of Google Analytics"),
        (Tag(loader="google.js", data={"id": "G-1"}), "loader 'google.js' starts a tracker of Google Analytics"),
    ],
)
def test_tracking_script_is_never_necessary(tag: Tag, sentence: str) -> None:
    """C5: a script counts by where it is loaded from, whatever the service says of hosts and cookies."""
    assert [each for each in mistakes(necessary(provider=COMPANY, tag=tag)) if sentence in each] != []
    assert mistakes(necessary(provider=COMPANY, tag=Tag(src="https://cdn.example.net/check.js"))) == []


def test_wildcard_for_a_tracker_is_never_necessary() -> None:
    """C5: a host that stands for many stands for the tracker among them too."""
    (mistake,) = mistakes(necessary("seat", provider=COMPANY, hosts={"script-src": ("https://*.facebook.net",)}))

    assert "'https://*.facebook.net' is a tracker of Meta" in mistake
    assert mistakes(necessary("seat", provider=COMPANY, hosts={"script-src": ("https://*.facebook.example",)})) == []


@pytest.mark.parametrize(
    "address",
    [
        "//connect.facebook.net/x.js",
        "HTTPS://CONNECT.FACEBOOK.NET/x.js",
        "https://Connect.facebook.net/x.js",
        r"https:\\connect.facebook.net\x.js",
        "https:connect.facebook.net/x.js",
        "https:///connect.facebook.net/x.js",
        "https://u@connect.facebook.net/x.js",
        "https://connect.facebook.net./x.js",
        "https://connect.facebook%2enet/x.js",
        "http://cdn.example.net/x.js",
        r"/\connect.facebook.net/x.js",
        "/\t/connect.facebook.net/x.js",
        "data:text/javascript,1",
        "javascript:1",
    ],
)
@pytest.mark.parametrize("part", ["src", "styles"])
def test_disguised_script(part: str, address: str) -> None:
    """C5: an address that browsers and we could read in different ways is none, in whatever category."""
    tag = Tag(src=address) if part == "src" else Tag(styles=(address,))

    assert [each for each in mistakes(necessary(provider=COMPANY, tag=tag)) if "wanted 'https://'" in each] != []


def test_disguised_script_twin() -> None:
    plain = ("https://cdn.example.net/x.js?a=https://b@c", "https://cdn.example.net:8443/x", "/static/x.js")
    assert [each for each in plain if mistakes(necessary(provider=COMPANY, tag=Tag(src=each)))] == []


@pytest.mark.parametrize("purpose", PURPOSES)
def test_necessary_is_what_can_be(purpose: str) -> None:
    """C5: measuring, advertising and content of others are never strictly necessary, whoever says so and why."""
    found = mistakes(necessary("seat", purpose=purpose))

    assert bool(found) == (purpose not in NECESSARY_PURPOSES)
    assert all(f"purpose {purpose!r} is never strictly necessary; move the service" in each for each in found)
    assert all("these purposes can be: consent, authentication, security" in each for each in found)


def test_no_purpose_of_measuring_or_advertising_can_be_necessary() -> None:
    """The list itself keeps the rule: none of these, and none that catalogues of embeds use."""
    never = {"attribution", "audience_measurement", "session_recording", "campaign_measurement", "advertising"}

    assert not NECESSARY_PURPOSES & (never | {"tag_management"})
    assert not [purpose for purpose in NECESSARY_PURPOSES if purpose.startswith("embedded_")]
    assert PURPOSES.keys() > NECESSARY_PURPOSES


def test_category_of_the_site_that_is_necessary_is_held_to_it() -> None:
    """Whatever a site calls a category that is always on, the same is refused in it."""
    groups = [*CATEGORIES[:1], replace(CLUB, necessary=True)]
    with pytest.raises(RegistryError, match="purpose 'advertising' is never strictly necessary"):
        build([own("ads", "club", purpose="advertising", justification="It pays.")], groups)
