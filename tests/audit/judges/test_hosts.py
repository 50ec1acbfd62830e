"""Hosts that pages contact, judged for each visitor."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Response

from flask_cookieconsent import Service
from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.judges.hosts import is_own
from flask_cookieconsent.audit.walking.walk import Wishes, walk
from tests.kit.audited import app_with, audit_of, page_in_layout
from tests.kit.sites import COMPANY, PLAYER, make_site, services, small_app

RULES = ("undeclared-host", "contact-before-choice", "embed-past-helper", "inline-loader")


def hosts(markup: str, declared: Any = None, **config: Any) -> list[Finding]:
    """Return the findings about hosts on a page with some markup."""
    report = audit_of(app_with({"/page": page_in_layout(markup)}, **config), declared)
    return [finding for finding in report.findings if finding.rule in RULES]


def told(markup: str, declared: Any = None, **config: Any) -> list[tuple[str, str]]:
    return [(finding.rule, finding.subject) for finding in hosts(markup, declared, **config)]


BAD = {
    '<script src="https://x.test/a.js"></script>': ("undeclared-host", "x.test"),
    f'<img src="{PLAYER}/a.png">': ("contact-before-choice", "player.example.net"),
    '<iframe src="https://frames.example.net/7"></iframe>': ("embed-past-helper", "frames.example.net"),
    "<script>new Image().src = 'https://www.google-analytics.com/collect?v=1'</script>": (
        "inline-loader",
        "www.google-analytics.com",
    ),
    f"<script>fetch('{PLAYER}/a.js')</script>": ("inline-loader", "player.example.net"),
    "<script type='module'>import('https://sure.test/a')</script>": ("undeclared-host", "sure.test"),
}
SOUND = (
    "<a href='https://x.test/'>x</a>",
    '<img src="/a.png">',
    "{{ cookieconsent.embed(film, title='A film') }}",
    f'{{% if cookieconsent.allows("films") %}}<iframe src="{PLAYER}/abc"></iframe>{{% endif %}}',
    f"{{% if cookieconsent.allows('films') %}}<script>fetch('{PLAYER}/a.js')</script>{{% endif %}}",
    f"<script>if (cookieconsent.allows('films')) fetch('{PLAYER}/a.js')</script>",
    "<script>const site = {api: 'https://api.x.test/'}</script>",
    '<script type="application/ld+json">{"url": "https://player.example.net/a.js"}</script>',
)


def test_bad_twins() -> None:
    """Each is told by its rule, of the page, its view and the element."""
    pages = {f"/bad/{number}": page_in_layout(markup) for number, markup in enumerate(BAD)}
    found = [finding for finding in audit_of(app_with(pages)).findings if finding.rule in RULES]

    assert {(finding.rule, finding.subject): finding.routes for finding in found} == {
        rule: (f"/bad/{number}",) for number, rule in enumerate(BAD.values())
    }
    places = [place for each in found for place in each.places]
    assert {place.element[:1] for place in places} == {"<"}
    assert {place.endpoint for place in places} == {f"bad_{number}" for number in range(len(BAD))}


def test_sound_pages() -> None:
    """Links, files of the site, our embeds, what asks us first, and data.

    That a script names a host that nobody knows is no proof by itself, where no word that loads stands before it.
    """
    assert told("".join(SOUND)) == []


@pytest.mark.parametrize(
    ("host", "config"),
    [
        ("shop.example", {"SERVER_NAME": "shop.example"}),
        ("static.shop.example", {"SERVER_NAME": "shop.example:443"}),
        ("www.shop.example", {"COOKIECONSENT_TRUSTED_ORIGINS": ["https://www.shop.example"]}),
        ("cdn.test", {"COOKIECONSENT_CSP_SOURCES": {"img-src": ["https://cdn.test"]}}),
        ("cdn.test:8443", {"COOKIECONSENT_CSP_SOURCES": {"img-src": ["https://cdn.test:8443"]}}),
        ("a.cdn.test", {"COOKIECONSENT_CSP_SOURCES": {"img-src": ["https://*.cdn.test"]}}),
        ("a.shop.example", {"COOKIECONSENT_COOKIE_DOMAIN": "shop.example"}),
        ("a.shop.example", {"TRUSTED_HOSTS": [".shop.example"]}),
        ("bücher.test", {"COOKIECONSENT_CSP_SOURCES": {"img-src": ["https://xn--bcher-kva.test"]}}),
    ],
)
def test_own_hosts(host: str, config: dict[str, Any]) -> None:
    """With what names them they are the site's, and without it they are somebody's."""
    named, nameless = (walk(make_site(app=small_app(**each)).app, (), Wishes()) for each in (config, {}))

    assert is_own(named, host)
    assert not is_own(nameless, host)


@pytest.mark.parametrize("host", ["player.example.net", "www.googletagmanager.com"])
def test_policy_makes_no_vendor_the_sites_own(host: str) -> None:
    """A policy that lets a vendor's script pass is no consent."""
    found = told(
        f'<script src="https://{host}/a.js"></script>',
        COOKIECONSENT_CSP_SOURCES={"script-src": [f"https://{host}"]},
    )

    assert {subject for _, subject in found} == {host}


def test_necessary_services() -> None:
    """Nobody is asked about them, so what they declare is contacted in any case, in frames too."""
    needed = Service(
        id="shield",
        name="Shield",
        category="necessary",
        purpose="bot_protection",
        provider=COMPANY,
        justification="Forms would be full of spam.",
        hosts={"script-src": ("https://s.test",), "frame-src": ("https://s.test",)},
    )
    declared = (*services(), needed)
    markup = '<script src="https://s.test/a.js"></script><iframe src="https://s.test/"></iframe>'

    assert told(markup, declared) == []
    assert len(told(markup)) == 1


def test_script_of_a_host_that_is_declared_for_frames() -> None:
    """Who was asked about a frame has not agreed to a script."""
    gated = f"{{% if cookieconsent.allows('films') %}}<script src='{PLAYER}/a.js'></script>{{% endif %}}"
    (finding,) = hosts(gated)

    assert finding.rule == "undeclared-host" and "declares for frame-src alone" in finding.says
    assert 'hosts={"script-src"' in finding.remedy[0]


def test_own_files() -> None:
    """Style sheets, those that they import, and scripts are read where a page loads them."""
    app = app_with(
        {
            "/page": page_in_layout("", '<link rel="stylesheet" href="/a.css"><script src="/a.js"></script>'),
            "/a.css": lambda: Response("@import 'b.css';", mimetype="text/css"),
            "/b.css": lambda: Response("p { background: url(https://x.test/a.png) }", mimetype="text/css"),
            "/a.js": lambda: Response(f"fetch('{PLAYER}/a')", mimetype="text/javascript"),
            "/unused.txt": lambda: Response("fetch('https://y.test')", mimetype="text/plain"),
        }
    )
    report = audit_of(app)

    found = {(finding.rule, finding.subject, finding.routes) for finding in report.errors}
    assert found == {
        ("undeclared-host", "x.test", ("/b.css",)),
        ("inline-loader", "player.example.net", ("/a.js",)),
    }


def test_headers_are_read() -> None:
    def preloads() -> Response:
        return Response("<!doctype html>", headers={"Link": "<https://x.test/a.css>; rel=preload; as=style"})

    finding = next(each for each in audit_of(app_with({"/page": preloads})).findings if each.rule in RULES)

    assert (finding.subject, finding.places[0].element) == ("x.test", "Link header")


@pytest.mark.parametrize(
    "config",
    [
        {"TRUSTED_HOSTS": ["localhost", "www.google-analytics.com"]},
        {"COOKIECONSENT_TRUSTED_ORIGINS": ["https://www.google-analytics.com"]},
        {"COOKIECONSENT_COOKIE_DOMAIN": "google-analytics.com"},
        {"COOKIECONSENT_CSP_SOURCES": {"script-src": ["https://*.google-analytics.com"]}},
        {"COOKIECONSENT_CSP_SOURCES": {"script-src": ["https://*.com"]}},
        {"COOKIECONSENT_CSP_SOURCES": {"script-src": ["https://*.co.uk"]}},
    ],
)
def test_no_setting_makes_a_tracker_the_sites_own(config: dict[str, Any]) -> None:
    """Nor does a domain below which everybody has names."""
    markup = '<script src="https://www.google-analytics.com/a.js"></script><img src="https://foreign.co.uk/a.png">'
    found = told(markup, **config)

    assert found == [("undeclared-host", "foreign.co.uk"), ("undeclared-host", "www.google-analytics.com")]


def test_statistics_on_a_host_of_the_site() -> None:
    """What visitors are asked about is no less so on a subdomain of the site; one that nobody declares is its own."""
    page = page_in_layout('<img src="https://player.example.net/a"><img src="https://static.example.net/a">')
    found = audit_of(app_with({"/page": page}, SERVER_NAME="example.net")).findings

    assert [(each.rule, each.subject) for each in found if each.rule in RULES] == [
        ("contact-before-choice", "player.example.net")
    ]
