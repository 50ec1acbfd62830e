"""What browsers told on a day of report-only, as findings: proposed like those of a walk, and nothing of anybody."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent import Cookie, CookieConsent, Service
from flask_cookieconsent.audit.accepted import acceptance
from flask_cookieconsent.audit.browser.unlogged import unlogged
from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.report import audit
from flask_cookieconsent.audit.seen import audit_seen
from flask_cookieconsent.catalogue import meta_pixel
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.log.observed import COOKIE
from flask_cookieconsent.state import get_state
from tests.kit.sites import NOON, Site, make_app, make_site, services

TODAY = NOON.date()
PLANTED = "planted7f3a"


def counting(**more: Any) -> Site:
    return make_site(**{"COOKIECONSENT_CSP": "report-only"} | more)


def put(site: Site, *rows: tuple[str, str, int], day: date = TODAY) -> None:
    """Put rows of directive, host or name, and count where the log keeps them."""
    with site.app.app_context(), site.db.engine.begin() as connection:
        keys = ("directive", "host", "count")
        values = [{"day": day} | dict(zip(keys, row, strict=True)) for row in rows]
        connection.execute(sa.insert(site.consent.models.Violation.__table__), values)


def found(site: Site) -> dict[tuple[str, str], Finding]:
    return {(each.rule, each.subject): each for each in audit_seen(site.app).findings}


def test_host_is_proposed() -> None:
    """A host of the catalogue has its line, another a draft; each directive is a place."""
    site = counting()
    put(site, ("img-src", "www.facebook.com", 3), ("script-src-elem", "connect.facebook.net", 40))
    put(site, ("img-src", "pixel.unheard.example", 1), ("script-src", "pixel.unheard.example", 2))
    put(site, ("img-src", "pixel.unheard.example", 4), day=TODAY - timedelta(days=3))
    told = found(site)

    assert "meta_pixel(" in "\n".join(told["reported-host", "connect.facebook.net"].remedy)
    unheard = told["reported-host", "pixel.unheard.example"]
    assert [place.element for place in unheard.places] == ["img-src", "script-src"]
    assert "7 reports, last on 2026-11-23" in unheard.says
    assert "https://pixel.unheard.example" in "\n".join(unheard.remedy)
    assert unheard.routes == ("browsers of visitors",)


def test_cookie_is_proposed() -> None:
    site = counting()
    put(site, (COOKIE, "_fbp", 43), (COOKIE, "mp_*_mixpanel", 12), (COOKIE, "basket_hint", 7), (COOKIE, "rare", 2))
    told = found(site)

    assert set(told) == {("seen-cookie", name) for name in ("_fbp", "mp_*", "basket_hint")}
    assert "meta_pixel(" in "\n".join(told["seen-cookie", "_fbp"].remedy)
    assert "mixpanel(" in "\n".join(told["seen-cookie", "mp_*"].remedy)
    assert "mp_*_mixpanel" in told["seen-cookie", "mp_*"].says
    assert 'Cookie(name="basket_hint"' in "".join(told["seen-cookie", "basket_hint"].remedy).replace("name = ", "name=")
    assert "about 45 requests, last on 2026-11-23" in told["seen-cookie", "_fbp"].says


@pytest.mark.parametrize("name", ["*", "_*", "a-*"])
def test_name_of_which_too_little_is_left(name: str) -> None:
    """No declaration is proposed that would cover every other cookie."""
    site = counting()
    put(site, (COOKIE, name, 20))
    (finding,) = audit_seen(site.app).findings

    assert "Cookie(" not in "".join(finding.remedy)
    assert "look at the cookies of your pages" in finding.remedy[0]


def test_what_is_declared_since_is_left_out() -> None:
    """By its host, its prefix, its folded name; and what the owner names as a source of the site."""
    cookie = Cookie(name="vote42", purpose="Remembers a vote.", duration=timedelta(days=1))
    many = Cookie(name="basket*", purpose="Remembers a basket.", duration=timedelta(days=1))
    own = Service(id="own", name="Own", category="functionality", purpose="preferences", cookies=(cookie, many))
    sources = {"img-src": ["https://img.shop.example", "https://*.cdn.example"]}
    site = counting(
        services=[*services(), own, meta_pixel("123456789012345")],
        COOKIECONSENT_CSP_SOURCES=sources,
        SERVER_NAME="shop.example",
    )
    rows = ("connect.facebook.net", "player.example.net", "img.shop.example", "a.cdn.example", "shop.example")
    put(site, *(("img-src", host, 9) for host in rows))
    put(site, *((COOKIE, name, 9) for name in ("vote*", "basket_hint", "_fbp", "session")))

    assert found(site) == {}


def test_declared_host_is_noted() -> None:
    """It may have been reported before it was declared, or be loaded before it is allowed: told, and no finding."""
    site = counting()
    put(site, ("img-src", "player.example.net", 8), ("frame-src", "player.example.net", 4))
    report = audit_seen(site.app)

    assert report.findings == ()
    assert report.notes[0].startswith(
        "player.example.net of films is declared and was reported (12 reports, last on 2026-11-23): before you"
    )


def test_words_and_extensions_are_no_hosts() -> None:
    """Words stand for what is no address; what earlier releases counted of extensions is dropped."""
    site = counting()
    words = ("self", "data", "blob", "trusted-types-policy", "chrome-extension", "aapbdbdomjkkjkaonfhkkikfgjllcleb")
    put(site, *(("script-src-elem", word, 9) for word in words))
    put(site, ("script-src-elem", "inline", 5), ("style-src-attr", "inline", 6), ("script-src", "eval", 1))
    told = found(site)

    assert set(told) == {("reported-inline", "inline"), ("reported-inline", "eval")}
    assert "11 reports" in told["reported-inline", "inline"].says
    assert "unsafe-inline" not in "".join(told["reported-inline", "inline"].remedy)


def test_styles_alone_may_be_allowed() -> None:
    site = counting()
    put(site, ("style-src-attr", "inline", 6))

    assert """{"style-src": ["'unsafe-inline'"]}""" in found(site)["reported-inline", "inline"].remedy[1]


def test_whole_way_from_a_request_to_the_command() -> None:
    """Real requests and a real report: the command names the cookie and the host, in each format, and no value."""
    site = counting()
    report = {"csp-report": {"effective-directive": "img-src", "blocked-uri": f"https://pixel.example/?{PLANTED}"}}
    for number in range(6):
        address = {"REMOTE_ADDR": f"203.0.113.{number}"}
        site.visitor().get("/about", headers={"Cookie": f"_fbp={PLANTED}; promo=1"}, environ_overrides=address)
    site.app.test_client().post("/cookies/violations", data=json.dumps(report))
    run = site.app.test_cli_runner().invoke
    table = run(args=["cookieconsent", "audit", "--seen"])
    strict = run(args=["cookieconsent", "audit", "--seen", "--strict", "--format", "json"])

    assert (table.exit_code, strict.exit_code) == (0, 1)
    assert {each["subject"] for each in json.loads(strict.stdout)["findings"]} == {"_fbp", "promo", "pixel.example"}
    assert "seen-cookie" in table.output and "browsers of visitors" in table.output
    assert PLANTED not in table.output + strict.output


@pytest.mark.parametrize("option", [["--browser"], ["--path", "/x"], ["--skip", "/x"], ["--sign-in", "a:b"]])
def test_options_of_a_walk(option: list[str]) -> None:
    """What would be left out silently is an error."""
    site = counting()
    done = site.app.test_cli_runner().invoke(args=["cookieconsent", "audit", "--seen", *option])

    assert done.exit_code == 2
    assert "wanted --seen alone" in done.output


def test_accepted_lines_of_each_audit() -> None:
    """A line about what browsers tell is none of a walk's, and the other way round, so neither says it is unused."""
    site = counting()
    put(site, (COOKIE, "promo", 20), ("img-src", "pixel.example", 2))
    lines = [acceptance(finding, TODAY) for finding in audit_seen(site.app).findings]
    lines += [acceptance(Finding("undeclared-host", "gone.example", ""), TODAY)]
    seen, walked = audit_seen(site.app, lines), audit(site.app, accepted=lines)

    assert seen.findings == () and len(seen.accepted) == 2 and seen.notes == ()
    assert [note for note in walked.notes if "accepts nothing" in note] == [
        f"accepts nothing that is there any more, take it out if --browser says so, too: {lines[2].line}"
    ]


def test_audits_are_no_visitors() -> None:
    """What a walk makes the site set, in process and in a browser, is not told as what browsers of visitors bring."""
    app = make_app(COOKIECONSENT_CSP="report-only")
    app.after_request(lambda response: response.set_cookie("basket_hint", "1") or response)
    site = make_site(app=app)
    assert "basket_hint" in {finding.subject for finding in audit(app).findings}
    with unlogged(get_state(app)):
        for number in range(9):
            site.visitor().get("/about", environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"})
    assert found(site) == {}
    for number in range(9):
        site.visitor().get("/about", environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"})

    assert set(found(site)) == {("seen-cookie", "basket_hint")}


@pytest.mark.parametrize(("csp", "note"), [("merge", "nothing new is counted"), ("report-only", "nothing was counted")])
def test_notes(csp: str, note: str) -> None:
    site = counting(COOKIECONSENT_CSP=csp)
    report = audit_seen(site.app)

    assert report.findings == ()
    assert note in report.notes[0]
    assert "browsers of visitors" in report.verdict


def test_what_cannot_be_read() -> None:
    """The error of an app without a database, and of one without its tables, says what to do."""
    app, site = make_app(COOKIECONSENT_CSP="report-only"), counting(tables=False)
    CookieConsent(app, services=services())
    with pytest.raises(SetupError, match="wanted CookieConsent"):
        audit_seen(app)
    with pytest.raises(SetupError, match="init-db"):
        audit_seen(site.app)
