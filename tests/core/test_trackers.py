"""The list of known trackers names its sources, says each thing once, and takes no ordinary name for a tracker's."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from importlib.resources import files
from typing import Any

import pytest

from flask_cookieconsent import Cookie, Service
from flask_cookieconsent.core.trackers import Tracker, known_trackers, tracker_at
from tests.kit.accused import accusations
from tests.kit.facts import DATA

TRACKERS = known_trackers()


def test_each_vendor_has_a_source() -> None:
    """C5: nobody is called a tracker without a document that says so."""
    assert [
        tracker.vendor for tracker in TRACKERS if not tracker.source or not (tracker.names or tracker.domains)
    ] == []
    assert [tracker.vendor for tracker in TRACKERS if tracker.common and not (tracker.sites or tracker.domains)] == []


def unknown_sources(trackers: Iterable[Tracker]) -> list[str]:
    """Return what sources call a file of the catalogue, and is none."""
    named = [each for tracker in trackers for each in re.findall(r"the catalogue, (.*)", tracker.source)]
    return [id for each in named for id in each.split(", ") if id not in DATA]


def test_sources_in_the_catalogue_are_there() -> None:
    assert unknown_sources(TRACKERS) == []


def test_source_that_is_no_file_is_seen() -> None:
    """The bad twin: one of two services has gone."""
    assert unknown_sources([Tracker(vendor="x", source="x, “Cookies”; the catalogue, brevo, gone")]) == ["gone"]


def lines_of(text: str) -> list[dict[str, Any]]:
    """Return the trackers that the lines of a file say, one each between its brackets."""
    _, *lines, _ = text.splitlines()
    return [json.loads(line.removesuffix(",")) for line in lines]


def ill_formed(trackers: list[dict[str, Any]]) -> list[str]:
    """Return the vendors with a part that is none of a tracker, that is out of order, or that is no list of words."""
    order = [field.name for field in fields(Tracker)]
    wanted = {part: str if part in ("vendor", "source") else list for part in order}
    return [
        each["vendor"]
        for each in trackers
        if list(each) != [part for part in order if part in each]
        or any(type(said) is not wanted[part] for part, said in each.items())
    ]


def test_one_line_is_one_tracker() -> None:
    """Whoever adds one adds one line, where the alphabet says."""
    data = lines_of((files("flask_cookieconsent.core") / "trackers.json").read_text("utf-8"))
    vendors = [each["vendor"] for each in data]

    assert len(data) == len(TRACKERS)
    assert vendors == sorted(vendors, key=str.casefold)
    assert ill_formed(data) == []


@pytest.mark.parametrize("part", ['"names": "_a"', '"name": ["_a"]', '"domains": ["a.example"], "names": ["_a"]'])
def test_ill_formed_line_is_seen(part: str) -> None:
    """The bad twins: a text for a list, whose letters would be names; an unknown part; the wrong order."""
    assert ill_formed(lines_of('[\n {"vendor": "x", "source": "y", ' + part + "},\n]")) == ["x"]


def test_nothing_is_said_twice() -> None:
    for part in ("names", "domains", "common", "vendor"):
        said = Counter(
            each for tracker in TRACKERS for each in ([tracker.vendor] if part == "vendor" else getattr(tracker, part))
        )
        assert [each for each, count in said.items() if count > 1] == [], part


def test_domains_are_domains() -> None:
    domains = [each for tracker in TRACKERS for each in tracker.domains + tracker.sites]

    assert [each for each in domains if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", each)] == []


def test_names_are_no_ordinary_words() -> None:
    """What counts everywhere cannot be taken for a name of the site's own: it is long enough, or begins with _."""
    names = [each for tracker in TRACKERS for each in tracker.names]

    assert [each for each in names if len(each.rstrip("*")) < 4 and not each.startswith("_")] == []


#: What frameworks, servers and sites call cookies of their own.
ORDINARY = (
    *("session", "session_id", "sessionid", "sid", "PHPSESSID", "JSESSIONID", "ASP.NET_SessionId", "connect.sid"),
    *(
        "laravel_session",
        "_rails_session",
        "__Host-session",
        "__Secure-id",
        "remember_token",
        "remember_me",
        "tf_validity",
    ),
    *(
        "csrf",
        "csrftoken",
        "csrf_token",
        "_csrf",
        "_csrf_token",
        "XSRF-TOKEN",
        "csrf_access_token",
        "csrf_refresh_token",
    ),
    *(
        "access_token_cookie",
        "refresh_token_cookie",
        "fs_refresh",
        "fs_cc",
        "_flashes",
        "messages",
        "_user_id",
        "user_id",
    ),
    *("uid", "uuid", "visitor", "visitor_id", "device_id", "contact_id", "id", "token", "auth", "login", "jwt", "hash"),
    *(
        "lang",
        "language",
        "locale",
        "theme",
        "dark",
        "tz",
        "timezone",
        "cart",
        "cart_id",
        "basket",
        "checkout",
        "wishlist",
    ),
    *(
        "wordpress_logged_in_1",
        "wp-settings-1",
        "wp_lang",
        "woocommerce_cart_hash",
        "SESS1a2b",
        "fe_typo_user",
        "sails.sid",
    ),
    *(
        "AWSALB",
        "AWSALBCORS",
        "ARRAffinity",
        "SERVERID",
        "ROUTEID",
        "INGRESSCOOKIE",
        "__cf_bm",
        "cf_clearance",
        "_cfuvid",
    ),
    *(
        "cookieconsent",
        "cookie_consent",
        "__Host-cookieconsent",
        "CookieConsent",
        "OptanonConsent",
        "consent",
        "notice",
    ),
    *(
        "prism",
        "prism_theme",
        "tidio",
        "intercom",
        "crisp",
        "chat",
        "state",
        "ssupp",
        "brevo",
        "mf",
        "ms",
        "ab",
        "abtest",
    ),
)


def own_service(name: str) -> Service:
    """Return a service of the site itself with one cookie."""
    cookie = Cookie(name=name, purpose="x")
    return Service(id="own", name="Own", category="necessary", purpose="security", cookies=(cookie,))


@pytest.mark.parametrize("name", [*ORDINARY, "session*", "csrf*", "user_*", "cart_*", "remember_*", "wp-*", "theme*"])
def test_ordinary_names_are_no_trackers(name: str) -> None:
    """What a site needs is not refused for its name, not even with a star."""
    assert accusations(own_service(name)) == []


@pytest.mark.parametrize("name", ["_ga", "twk_uuid_1", "prism_652622855", "prism_*", "ABTasty", "ssupp.*"])
def test_names_of_trackers_are(name: str) -> None:
    """The bad twins, next to them."""
    assert accusations(own_service(name)) != []


@pytest.mark.parametrize(
    ("host", "vendor"),
    [
        *(("plausible.io", "Plausible"), ("eu.i.posthog.com", "PostHog"), (".Hotjar.com.", "Hotjar and Contentsquare")),
        *(("notplausible.io", ""), ("io", ""), ("", ""), ("posthog.com", ""), ("plausible.io.example", "")),
    ],
)
def test_hosts_are_judged_by_their_domains(host: str, vendor: str) -> None:
    """A host is a tracker's where it is one of its domains, or below one, however it is written."""
    found = tracker_at(host)

    assert (found.vendor if found else "") == vendor
