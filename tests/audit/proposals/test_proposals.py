"""What is proposed for a finding: the service that it is of, in lines that can be pasted and that mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from flask import Flask, Response, make_response, render_template

from flask_cookieconsent import RegistryError, Service
from flask_cookieconsent.audit.findings import Finding, Place, merged
from flask_cookieconsent.audit.judges.cookies import cookie_findings
from flask_cookieconsent.audit.judges.hosts import host_findings
from flask_cookieconsent.audit.proposals.proposals import ASKS, with_proposals
from flask_cookieconsent.audit.report import audit
from flask_cookieconsent.audit.visitors import visitors_of
from flask_cookieconsent.audit.walking.walk import Walk, Wishes, walk
from flask_cookieconsent.catalogue.moving.known import catalogue
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.trackers import known_trackers
from flask_cookieconsent.state import get_state
from tests.kit.pasting import SNIPPETS, cookies_of, filled_in, mended, named_in, pasted, planted, python
from tests.kit.samples import SAMPLES, Sample
from tests.kit.sites import Site, make_site, small_app

#: Those of which another one is as good a guess: they share the host, and the page has no id of either.
SHARING = {"matomo_tag_manager": "matomo"}


def page_of(sample: Sample) -> Any:
    """Return a view of a page that has a service without asking."""

    def view() -> Response:
        response = make_response(f"<!doctype html><html><body>{planted(sample)}</body></html>")
        for name in cookies_of(sample):
            response.headers.add("Set-Cookie", f"{name}=1; Max-Age=86400; Path=/")
        return response

    return view


def walked(site: Site) -> Walk:
    """Return the walk of somebody who has chosen nothing."""
    return walk(site.app, visitors_of(get_state(site.app).registry)[:1], Wishes())


@pytest.fixture(scope="module")
def everything() -> Mapping[str, list[Finding]]:
    """Return what is found on a page for each service of the catalogue, by its id, with what is proposed."""
    app = small_app()
    for sample in SAMPLES:
        app.add_url_rule(f"/{sample.service.id}", sample.service.id, page_of(sample))
    seen = walked(make_site(app=app, services=()))
    found = [each for judge in (host_findings, cookie_findings) for each in judge(seen) if each.rule in ASKS]
    by_id: dict[str, list[Finding]] = {sample.service.id: [] for sample in SAMPLES}
    for finding in found:
        by_id.get(finding.places[0].route[1:], []).append(finding)
    return {id: with_proposals(merged(each), seen) for id, each in by_id.items()}


def wrong(id: str, findings: Iterable[Finding]) -> list[str]:
    """Return the subjects whose proposal does not begin with a service, nor with one that shares its host."""
    return [each.subject for each in findings if named_in(each.remedy)[:1] not in ([id], [SHARING.get(id)])]


def test_each_service_is_proposed_by_its_host_and_its_cookies(everything: Mapping[str, list[Finding]]) -> None:
    found = [finding for each in everything.values() for finding in each]

    assert {id: wrong(id, each) for id, each in everything.items() if wrong(id, each)} == {}
    assert len(found) > 350
    assert wrong("youtube", found) != []  # the bad twin: another vendor is seen


def test_siblings_are_named_together(everything: Mapping[str, list[Finding]]) -> None:
    (finding,) = everything["matomo_tag_manager"]

    assert named_in(finding.remedy) == ["matomo", "matomo_tag_manager"]
    assert any(line.startswith("# or, if it is that: matomo_tag_manager(") for line in finding.remedy)


def test_proposals_are_python_and_cover_what_was_found(everything: Mapping[str, list[Finding]]) -> None:
    """Pasted together and filled in they declare every host and every cookie; before that they declare nothing."""
    findings = [finding for each in everything.values() for finding in each]
    services: dict[str, Service] = {}
    for finding in findings:
        made, settings = pasted(filled_in(python(finding.remedy)))
        services |= {each.id: each for each in made}
        assert settings == {}
    state = get_state(make_site(app=small_app(), services=services.values()).app)
    cookies = {each.subject for each in findings if each.rule == "undeclared-cookie"}
    hosts = {each.subject for each in findings} - cookies

    assert [name for name in cookies if not state.cookies.is_known(name)] == []
    # Of content that is embedded the placeholder takes the place, wherever its frame is.
    uncovered = {host for host in hosts if not state.embeds.vendors(host)}
    assert uncovered <= {"mastodon.social", "framatube.org"}


@pytest.mark.parametrize(
    ("id", "line"),
    [
        ("google_analytics", 'google_analytics("G-ABC123"),  # in services=[…]'),
        ("google_ads", 'google_ads("AW-123456789"),  # in services=[…]'),
        ("google_tag_manager", 'google_tag_manager("GTM-ABC123"),  # in services=[…]'),
        ("mastodon", 'mastodon("mastodon.social"),  # in services=[…]'),
        ("youtube", "youtube(),  # in services=[…]"),
    ],
)
def test_id_of_the_page_is_in_the_line(everything: Mapping[str, list[Finding]], id: str, line: str) -> None:
    assert everything[id][0].remedy[:2] == (f"from flask_cookieconsent.catalogue import {id}", line)


def test_name_of_a_cookie_has_the_id() -> None:
    token = "ff0b2d9ca2c9fbe551a420ae63bb7da2"
    (finding,) = proposed({"bad.html": "<p>"}, cookies=[f"mp_{token}_mixpanel=1"])

    assert finding.remedy[1] == f'mixpanel("{token}", region="?"),  # in services=[…]'
    assert finding.remedy[2] == '# instead of "?": region: one of eu, us'


def bad_site(templates: Mapping[str, str], *, cookies: Iterable[str] = (), **more: Any) -> Flask:
    """Return an app with a page of a template, which sets cookies."""
    app = small_app(templates, **more)

    def view() -> Response:
        response = make_response(render_template("bad.html"))
        for line in cookies:
            response.headers.add("Set-Cookie", line)
        return response

    app.view_functions["home"] = view
    return app


def proposed(templates: Mapping[str, str], **more: Any) -> list[Finding]:
    """Return what is found on a page of a site that declares nothing, with what is proposed."""
    seen = walked(make_site(app=bad_site(templates, **more), services=()))
    found = [each for judge in (host_findings, cookie_findings) for each in judge(seen)]
    return with_proposals(merged(found), seen)


def test_findings_of_one_service_have_one_proposal() -> None:
    cookies = ["_ga=GA1.1.1", "_gid=1", "_ga_ABC123=1"]
    findings = proposed(
        {"bad.html": SNIPPETS["google_analytics"] + '<img src="https://www.google-analytics.com/c">'}, cookies=cookies
    )

    lines = [line for finding in findings for line in finding.remedy if line.startswith("google_analytics(")]
    assert lines == ['google_analytics("G-ABC123"),  # in services=[…]']
    assert sum("as proposed for" in line for finding in findings for line in finding.remedy) == 4


def test_cookie_that_services_share_is_of_the_one_that_the_page_has() -> None:
    with_script = proposed({"bad.html": SNIPPETS["google_analytics"]}, cookies=["_gcl_au=1"])
    alone = proposed({"bad.html": "<p>"}, cookies=["_gcl_au=1"])

    assert named_in(with_script[-1].remedy) == ["google_analytics"]
    assert named_in(alone[0].remedy) == ["google_ads", "google_analytics"]


def test_tracker_without_a_factory_is_named() -> None:
    (finding,) = proposed({"bad.html": '<script src="https://s.adroll.com/j/roundtrip.js"></script>'})

    assert finding.remedy[0].startswith("# tracks visitors: AdRoll (")
    assert named_in(finding.remedy) == []
    assert '    name="AdRoll",' in finding.remedy


def test_no_tracker_is_taken_for_another_vendor() -> None:
    """A domain that tracks is proposed as a service whose own declaration, or whose tracker, has that domain."""
    domains = [(each, domain) for each in known_trackers() for domain in each.domains]
    where = Place("/", "/", "undecided")
    findings = [
        Finding("undeclared-host", domain, f"contacts {domain} (script-src)", (where,)) for _, domain in domains
    ]
    seen = walked(make_site(app=bad_site({"bad.html": "<p>"}), services=()))
    told = [with_proposals([finding], seen)[0].remedy for finding in findings]

    strangers = [
        (tracker.vendor, domain, named_in(lines))
        for (tracker, domain), lines in zip(domains, told, strict=True)
        if any(domain.split(".")[-2] not in str(catalogue()[id]) for id in named_in(lines))
    ]
    assert strangers == []
    assert all(named_in(lines) or lines[0].startswith("# tracks visitors: ") for lines in told)


GAPS = ("provider without a name", "provider country '?'", "provider without a privacy policy", "unknown purpose '?'")


def test_gaps_that_nobody_fills_are_errors_at_start_up() -> None:
    page = (
        '<script src="https://cdn.widgets.example.net/w.js"></script><img src="https://px.widgets.example.net/1.gif">'
    )
    findings = proposed({"bad.html": page}, cookies=["seat_no=1; Max-Age=3600"])
    codes = [python(each.remedy) for each in findings]
    told = [refused(code) for code in codes]

    assert all(gap in told[0] for gap in GAPS)
    assert "declares it too" in codes[1]
    assert "unknown purpose '?'" in told[2] and "without a purpose" in told[2]
    assert 'Cookie(name="seat_no", purpose="?", duration=timedelta(hours=1)),' in codes[2]


def refused(code: str) -> str:
    """Return what a site says at start-up that pastes lines as they are."""
    services, _ = pasted(code)
    if not services:
        return ""
    with pytest.raises(RegistryError) as error:
        build(services)
    return str(error.value)


BAD = (
    "<!doctype html><html><head>{{ cookieconsent.head() }}"
    + SNIPPETS["google_analytics"].replace("<script>", '<script id="ga">')
    + '<link rel="stylesheet" href="https://cdn.jsdelivr.net/npm/bootstrap@5/dist/css/bootstrap.min.css">'
    '<script src="https://cdn.widgets.example.net/w.js" defer></script></head><body>{{ cookieconsent.banner() }}'
    '<iframe src="https://www.youtube.com/embed/aqz-KE-bpKQ" title="A film"></iframe>'
    '<iframe src="https://maps.town.example.net/of?x=1&amp;y=2" title="A map"></iframe>'
    '<img src="https://www.gravatar.com/avatar/0?s=64" alt>'
    '<img src="https://assets.shop.example.org/logo.png" alt>'
    "{{ cookieconsent.link() }}</body></html>"
)
COOKIES = ["_ga=1; Max-Age=864000", "_ga_ABC123=1", "cart=1; Max-Age=3600", "visit_8f3a9c2b=1; Path=/a", "kept=1"]


def test_what_is_proposed_mends_what_was_found() -> None:
    """Round trip: paste every line, fill the gaps in, audit again, and nothing of it is left."""
    config = {"SERVER_NAME": "www.shop.example.org"}
    report = audit(make_site(app=bad_site({"bad.html": BAD}, cookies=COOKIES, **config), services=()).app)
    asked = [each for each in report.findings if each.rule in ASKS]
    services, settings = pasted(filled_in(python(line for each in asked for line in each.remedy)))
    template = mended(BAD, [each.remedy for each in asked]).replace('<script id="ga">', "<script type=text/plain>")
    app = bad_site({"bad.html": template}, cookies=COOKIES, **config, **settings)
    again = audit(make_site(app=app, services=services).app)

    assert len(asked) == 12
    assert settings == {"COOKIECONSENT_CSP_SOURCES": {"img-src": ["https://assets.shop.example.org"]}}
    assert [(each.rule, each.subject) for each in again.findings] == []
    assert "<iframe" not in template and 'title="A map"' in template


def test_settings_that_are_there_are_kept() -> None:
    there = {"font-src": ["https://fonts.shop.example.org"]}
    page = '<img src="https://assets.shop.example.org/logo.png" alt>'
    more = {"SERVER_NAME": "www.shop.example.org", "COOKIECONSENT_CSP_SOURCES": there}
    (finding,) = proposed({"bad.html": page}, **more)

    assert pasted(python(finding.remedy))[1] == {
        "COOKIECONSENT_CSP_SOURCES": there | {"img-src": ["https://assets.shop.example.org"]}
    }


def test_host_that_cannot_be_declared_takes_no_other_with_it() -> None:
    """Each of its neighbours keeps its proposal; one with letters of a language is declared as DNS has it."""
    picture = '<img src="https://{}/a.gif" alt>'
    hosts = ("img.player-of.example", "bad_name.player-of.example", "bücher.player-of.example")
    findings = proposed({"bad.html": "".join(map(picture.format, hosts))})
    told = {each.subject: "\n".join(each.remedy) for each in findings if each.rule == "undeclared-host"}

    assert "cannot be declared" in told["bad_name.player-of.example"]
    assert "nobody can allow" in told["bad_name.player-of.example"]
    assert 'id="player_of"' in "".join(told.values())
    assert "https://xn--bcher-kva.player-of.example" in "".join(told.values())
    assert 'allows("")' not in "".join(told.values())


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ('new WebSocket("wss://push.wire.example/app")', '"connect-src": ["wss://push.wire.example"],'),
        ('fetch("https://push.wire.example/app")', '"connect-src": ["https://push.wire.example"],'),
    ],
)
def test_what_a_script_was_seen_to_call_is_no_script(code: str, line: str) -> None:
    """A browser says under which directive; a tag would load what is none, and block what the page does."""
    seen = walked(make_site(app=bad_site({"bad.html": f"<script>{code}</script>"}), services=()))
    says = "contacts push.wire.example, which no service declares (connect-src)"
    places = (Place("/", "/", "undecided", "/:2", "home", ("bad.html",)),)
    (finding,) = with_proposals([Finding("undeclared-host", "push.wire.example", says, places)], seen)

    assert line in "\n".join(finding.remedy)
    assert "Tag(" not in "".join(finding.remedy) and "head() loads" not in "".join(finding.remedy)
