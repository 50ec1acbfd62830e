"""Website and App keep their choices apart unless they share them, and one log tells them apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from flask_cookieconsent.core.consent import Codec, Kind
from flask_cookieconsent.log.events import EventDraft
from flask_cookieconsent.log.health import Level
from flask_cookieconsent.state import get_state
from tests.kit.phones import APART, SHARING, Phone, website, with_cookie
from tests.kit.sites import EVERYTHING, NOON, Site, Visitor, cookies_set, make_app, make_site, notice_of, soup_of

SECRET = "a key for tests only"
SENTENCE = "Your choice counts on: Website, Platform, App."


def accepting(site: Site) -> Phone:
    phone = Phone(site)
    assert phone.choose("accept").status_code == 200
    return phone


def signed_plainly(site: Site) -> Site:
    """Return the bad twin of a site: one that signs every text alike, whatever scope it is of."""
    state = get_state(site.app)
    for name in ("codec", "token_codec"):
        object.__setattr__(state, name, Codec([SECRET]))
    return site


def allowed_by_token(site: Site) -> set[str]:
    """Return what a browser allows in whose cookie somebody has put the token of an app."""
    token = accepting(site).token
    assert token is not None
    return with_cookie(site.visitor(), token, get_state(site.app).settings.choices_name).allowed()


def allowed_by_cookie(site: Site) -> set[str]:
    """Return what an app allows that was given the cookie of a browser for its token."""
    visitor = site.visitor()
    visitor.choose("accept")
    return Phone(site, token=visitor.cookie(get_state(site.app).settings.choices_name)).allowed


CONFIGS: list[dict[str, Any]] = [{}, APART, {**SHARING, "COOKIECONSENT_APP_SCOPE": "Kiosk"}]


@pytest.mark.parametrize("exchanged", [allowed_by_token, allowed_by_cookie])
@pytest.mark.parametrize("config", CONFIGS)
def test_unshared_texts_are_no_ones_elses(config: dict[str, Any], exchanged: Callable[[Site], set[str]]) -> None:
    """A token of an app that shares nothing counts nothing as a cookie, nor the cookie as a token."""
    assert exchanged(make_site(**config)) == set()


@pytest.mark.parametrize("exchanged", [allowed_by_token, allowed_by_cookie])
def test_texts_of_one_signature_would_be(exchanged: Callable[[Site], set[str]]) -> None:
    """The bad twin: with plain signing the same check finds everything allowed; so it is where both are shared."""
    assert exchanged(signed_plainly(make_site(**APART))) == EVERYTHING
    assert exchanged(website()) == EVERYTHING


def test_foreign_text_is_left_alone() -> None:
    """What another scope has signed is no error, and stays in the browser beside the visitor's own choice."""
    site = make_site()
    token = accepting(site).token or ""
    visitor = with_cookie(site.visitor(), token)

    assert visitor.get("/cookies/").status_code == 200
    visitor.choose("save", "films")
    assert visitor.cookie() == token
    assert visitor.allowed() == {"films"}


def neighbour(scope: str) -> Site:
    return make_site(COOKIECONSENT_SCOPE=scope)


def test_two_scopes_on_one_host() -> None:
    """Website and Platform below one host keep a cookie and a receipt each, and neither touches the other's."""
    site, platform = neighbour("Website"), neighbour("Platform")
    visitor = site.visitor()
    visitor.choose("accept")
    there = Visitor(platform, visitor.origin)
    there.client = _same_browser(platform.app, visitor)

    assert there.allowed() == set()
    answer = there.choose("save", "films")
    assert set(cookies_set(answer)) == {"cookieconsent-Platform", "cookieconsent-Platform_receipt"}
    back = Visitor(site, visitor.origin)
    back.client = _same_browser(site.app, there)
    assert back.allowed() == EVERYTHING


def _same_browser(app: Flask, visitor: Visitor) -> Any:
    client = app.test_client()
    client._cookies = visitor.client._cookies
    return client


def test_cookie_of_no_scope_is_as_ever() -> None:
    """Nobody is asked anew by an upgrade: without a scope, and in a shared one, text and name are as they were."""
    old = Codec([SECRET])
    for site in (make_site(), website()):
        visitor = site.visitor()
        visitor.choose("accept")
        assert old.loads(visitor.cookie() or "", today=NOON.date()).granted.keys() == EVERYTHING


def test_shared_scopes_are_named() -> None:
    """The banner, the preferences and the policy say where a choice counts, and so does the notice."""
    shared, apart = website(), make_site(**APART)
    for path in ("/", "/cookies/", "/cookies/policy"):
        assert SENTENCE in " ".join(soup_of(shared.visitor().get(path)).text.split()), path
        assert "Your choice counts on" not in apart.visitor().get(path).text, path
    with shared.app.test_request_context():
        notice = shared.app.extensions["cookieconsent.renderer"].notice("en")
    assert json.loads(notice.snapshot)["scopes"] == ["Website", "Platform", "App"]
    assert SENTENCE in notice.html
    assert notice_of(shared.visitor().get("/cookies/")) != notice_of(apart.visitor().get("/cookies/"))


# -- one log -----------------------------------------------------------------------------------------------------------


def mixed(**config: Any) -> Site:
    """Return a site with a day of choices: thirty on its pages, sixty in its app."""
    site = website(**config)
    for _ in range(30):
        site.visitor().choose("accept")
    for _ in range(60):
        Phone(site).choose("reject")
    return site


def levels(site: Site) -> dict[str, Level]:
    with site.app.app_context():
        return {finding.about: finding.level for finding in site.log.health()}


def mistakes(site: Site) -> list[str]:
    with site.app.app_context():
        return list(site.log.verify(whole=True))


def test_scopes_of_events() -> None:
    """An event says on which surface it was chosen: the scope of the pages, or of the app."""
    for config, pages in (({}, "Website"), ({"COOKIECONSENT_LOG_SCOPE": "shop"}, "shop")):
        site = website(**config)
        site.visitor().choose("accept")
        accepting(site)
        assert [event.scope for event in site.events()].count(pages) == 1
        assert {event.scope for event in site.events()} == {pages, "App"}


def test_own_app_is_no_other_site() -> None:
    """Neither `verify` nor `doctor` takes the events of the site's own app for another's."""
    site = website()
    site.visitor().choose("accept")
    accepting(site)

    assert mistakes(site) == []
    assert levels(site)["scope"] is Level.OK


def test_former_name_of_the_app_is_another() -> None:
    """The bad twin: events under a name that the app has no more are named by both."""
    site = website()
    accepting(site)
    object.__setattr__(site.factory, "app_scope", "Kiosk")

    assert [each.partition(": ")[2] for each in mistakes(site)] == ["of another site, 'App', with the same key"]
    assert levels(site)["scope"] is Level.WARNING


def test_statistics_by_scope() -> None:
    """The report counts all surfaces of the site, and each by itself where it is asked for."""
    site = mixed()
    today = site.clock().date()
    with site.app.app_context():
        told = {scope: site.log.report(today, today, scope).summary.total for scope in (None, "Website", "App")}

    assert told[None]["scope"] == Counter(App=60, Website=30)
    assert told[None]["kind"] == Counter(refused=60, given=30)
    assert told["Website"]["kind"] == Counter(given=30)
    assert told["App"]["kind"] == Counter(refused=60)


def test_sealed_days_keep_their_scopes() -> None:
    """Daily counts are of one scope each, what was beyond the rate limit too; their signatures hold."""
    site = mixed(COOKIECONSENT_GRANT_RATE="100 per hour")
    today = site.clock().date()
    with site.app.app_context():
        site.log.summary(today, today)  # writes the counts that wait
        site.clock.forward(days=3)
        site.log.seal()
        summary = site.log.summary(today, today)

    assert mistakes(site) == []
    assert summary.total["scope"] == Counter(App=60, Website=30)
    assert len([event for event in site.events() if event.scope == "App"]) < 60


def test_report_page_and_command() -> None:
    """The owner's page and `stats` tell the surfaces apart, and refuse a name that is none of them."""
    site = mixed()
    site.consent.report_guard(lambda: True)
    runner = site.app.test_cli_runner()
    whole, app = (runner.invoke(args=["cookieconsent", "stats", *more]).output for more in ([], ["--scope", "App"]))
    page = site.visitor().get("/cookies/report?scope=App")

    assert "given            30" in whole
    assert "given" not in app
    assert "App              60" in app
    assert runner.invoke(args=["cookieconsent", "stats", "--scope", "Shop"]).exit_code == 2
    assert "Everything refused" in page.text
    assert "scope,App,60," in site.visitor().get("/cookies/report.csv").text
    assert "scope,Website" not in site.visitor().get("/cookies/report.csv?scope=App").text


def test_receipt_of_an_app_names_it() -> None:
    """The document that a bearer can keep says where the choice was made."""
    site = website()
    phone = accepting(site)
    with site.app.app_context():
        document = site.log.receipt_document(phone.receipt, str)
        assert site.log.verify_receipt(json.dumps(document))

    assert [event["service"] for event in document["events"]] == ["App"]


def test_spool_keeps_the_scope(tmp_path: Any) -> None:
    """An event of the app that waited on disk is in the log under its own scope."""
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"), **SHARING)
    site = make_site(app=app, uri=f"sqlite:///{tmp_path}/log.db")
    event = site.factory.event(_draft())
    site.log._spool.add(event)
    with site.app.app_context():
        assert site.log.replay() == 1

    assert [each.scope for each in site.events()] == ["App"]
    assert mistakes(site) == []


def _draft() -> EventDraft:
    return EventDraft(kind=Kind.REFUSED, method="api", choices={"films": "refused"}, scope="App")


def test_expired_token_is_undecided() -> None:
    """A token is read by the same rules as the cookie: after six months it grants nothing."""
    site = website()
    phone = accepting(site)
    site.clock.forward(days=timedelta(days=200).days)

    assert phone.allowed == set()
