"""What can go wrong with a press: the status, the words for people, and JSON for code."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent.log.models import event_model
from tests.kit.pages import is_kept_private
from tests.kit.sites import JSON, STALE, bare_post, cookies_set, make_site, soup_of


def test_json_where_it_is_asked_for() -> None:
    """B9: code gets the outcome as JSON, errors too; a browser's own request gets a page."""
    visitor = make_site().visitor()

    done = visitor.choose("save", "language", headers=JSON)
    wrong = visitor.choose("dance", headers=JSON)
    browser = visitor.choose("reject", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert done.status_code == 200
    assert done.json["choices"] == {
        "cookieconsent": "essential", "app-cookies": "essential", "language": "granted", "arrival": "refused",
        "counter": "refused", "films": "refused", "posts": "refused",
    }  # fmt: skip
    assert done.json["made_on"] == "2026-11-23"
    assert (wrong.status_code, wrong.json["error"]) == (400, "not-understood")
    assert browser.status_code == 303


def test_required_service() -> None:
    """A7: a view that needs a service answers 403 with the way to its switch, or JSON, until it is allowed."""
    site = make_site()
    for name in ("films", "third_party", "nothing"):
        site.app.add_url_rule(f"/needs/{name}", name, site.consent.requires(name)(lambda: "the content"))
    site.app.config["PROPAGATE_EXCEPTIONS"] = True
    visitor = site.visitor()

    page, answer = visitor.get("/needs/films"), visitor.get("/needs/third_party", headers=JSON)

    assert (page.status_code, answer.status_code) == (403, 403)
    assert soup_of(page).select_one('a[href="/cookies/#fcc-service-films"]')
    assert soup_of(visitor.get("/needs/third_party")).select_one('a[href="/cookies/#fcc-third_party"]')
    for anchor in ("fcc-service-films", "fcc-third_party"):
        assert soup_of(visitor.get("/cookies/")).find(id=anchor)
    assert answer.json["error"] == "needed"
    with pytest.raises(LookupError, match=r"no service or category 'nothing'; this site declares .*films"):
        visitor.get("/needs/nothing")
    visitor.choose("save", "films")
    assert visitor.get("/needs/films").text == "the content"
    assert visitor.get("/needs/third_party").status_code == 403
    visitor.choose("accept")
    assert visitor.get("/needs/third_party").text == "the content"
    assert is_kept_private(visitor.get("/needs/films").headers)


INVALID: list[dict[str, Any]] = [
    {"choice": None},
    {"choice": ""},
    {"choice": "ACCEPT"},
    {"choice": ["accept", "reject"]},
    {"choice": "allow", "service": None},
    {"choice": "allow", "service": ["films", "posts"]},
    {"choice": "allow", "service": "cookieconsent"},
    {"choice": "save", "service": "nothing"},
    {"choice": "save", "category": "necessary"},
    {"choice": "save", "category": "nothing"},
    {"choice": "save", "shown": "nothing"},
    {"choice": "accept", "surface": "elsewhere"},
    {"choice": "accept", "notice": "x" * 65},
    {"choice": "accept", "locale": "x" * 41},
    {"choice": "accept", "more": "x" * 20_000},
]


def test_invalid_form_changes_nothing() -> None:
    """B9: what no form of this site sends is answered 400 in words, and nothing is recorded."""
    site = make_site()

    for fields in INVALID:
        response = site.visitor().choose(**fields)
        assert response.status_code == 400, fields
        assert "We did not understand this choice" in response.text, fields
        assert "Nothing was changed" in response.text, fields
        assert cookies_set(response) == {}, fields
        assert site.events() == [], fields


def test_invalid_form_changes_nothing_twin() -> None:
    """B9: the same without a mistake is carried out, so the check can tell."""
    site = make_site()
    assert site.visitor().choose("accept", surface="banner", category="third_party", shown="films").status_code == 303
    assert len(site.events()) == 1


def trapped(page: Any) -> list[str]:
    """Return the links of a problem's page that would open inside a frame."""
    return [str(each["href"]) for each in soup_of(page).select(".fcc-preferences a") if each.get("target") != "_top"]


def test_links_of_a_problem_leave_a_frame() -> None:
    """B9: the settings may not be framed, so in a frame a link to them would end in the browser's own error page."""
    site = make_site()
    site.app.add_url_rule("/needs", "needs", site.consent.requires("films")(lambda: "the content"))
    visitor = site.visitor()
    framed = visitor.choose("accept", headers={"Sec-Fetch-Dest": "iframe"})

    assert framed.status_code == 403
    for page in (framed, visitor.get("/needs"), visitor.choose("dance")):
        assert soup_of(page).select(".fcc-preferences a")
        assert trapped(page) == []
    assert trapped('<p class="fcc-preferences"><a href="/cookies/">Settings</a>') == ["/cookies/"]


def test_only_what_changed_nothing_says_so() -> None:
    """E2: an erasure that fails has withdrawn what was allowed, and does not say that nothing was changed."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    with site.app.app_context():
        event_model(site.db).__table__.drop(site.db.engine)

    failed, wrong = visitor.choose("erase"), visitor.choose("dance")

    assert "What you had allowed is withdrawn" in failed.text
    assert "Nothing was changed" not in failed.text
    assert "Nothing was changed" in wrong.text


def test_json_names_the_problem() -> None:
    """B9: code is told the reason, and gets no page."""
    visitor = make_site().visitor()

    lost = bare_post(visitor, JSON)
    stale = visitor.choose("accept", headers=JSON, **STALE)
    foreign = bare_post(visitor, JSON | {"Sec-Fetch-Site": "cross-site"})

    assert (lost.status_code, lost.json["error"]) == (403, "no-evidence")
    assert (stale.status_code, stale.json["error"]) == (409, "stale")
    assert (foreign.status_code, foreign.json["error"]) == (403, "other-site")
    assert all(each.json["message"] for each in (lost, stale, foreign))
