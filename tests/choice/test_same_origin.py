"""Same-origin check: Fetch Metadata, Origin or Referer prove where a press comes from, or it is asked again."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from flask_cookieconsent.choice.same_origin import Evidence, evidence
from tests.kit.sites import bare_post, cookies_set, make_site, soup_of

HERE = "http://localhost"


ORIGINS = [
    ({"Sec-Fetch-Site": "same-origin"}, 303),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 303),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": HERE, "Referer": HERE + "/"}, 403),
    ({"Sec-Fetch-Site": "same-site", "Origin": "http://sister.localhost"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "same-site", "Origin": "https://trusted.example"}, 303),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://trusted.example"}, 403),
    ({"Sec-Fetch-Site": "none"}, "again"),
    ({"Sec-Fetch-Site": "none", "Origin": HERE}, "again"),
    ({"Origin": HERE}, 303),
    ({"Origin": "https://localhost"}, 303),
    ({"Origin": HERE + ":80"}, 303),
    ({"Origin": HERE + ":8080"}, 403),
    ({"Origin": "http://LOCALHOST"}, 303),
    ({"Origin": "http://localhost.evil.example"}, 403),
    ({"Origin": "http://evil.example", "Referer": HERE + "/"}, 403),
    ({"Origin": "https://trusted.example"}, 303),
    ({"Origin": "http://trusted.example"}, 403),
    ({"Origin": "null"}, "again"),
    ({"Origin": "null", "Referer": HERE + "/"}, "again"),
    ({"Origin": "http://[bad"}, 403),
    ({"Origin": "http://localhost:99999"}, 403),
    ({"Referer": HERE + "/about?x=1"}, 303),
    ({"Referer": "http://evil.example/" + HERE}, 403),
    ({"Referer": "http://localhost@evil.example/"}, 403),
    ({"Referer": "garbage"}, 403),
    ({}, "again"),
]


@pytest.mark.parametrize("config", [{}, {"WTF_CSRF_ENABLED": False}, {"WTF_CSRF_CHECK_DEFAULT": False}])
def test_only_same_origin_posts_decide(config: dict[str, bool]) -> None:
    """B9: `Sec-Fetch-Site` decides, else `Origin`, else `Referer`; no setting of Flask-WTF opens the form."""
    site = make_site(COOKIECONSENT_TRUSTED_ORIGINS=["https://trusted.example"], **config)

    for headers, answer in ORIGINS:
        count = len(site.events())
        response = bare_post(site.visitor(), headers)
        assert response.status_code == (403 if answer == "again" else answer), headers
        assert ("Please press once more" in response.text) == (answer == "again"), headers
        assert len(site.events()) == count + (answer == 303), headers
        assert ("cookieconsent" in cookies_set(response)) == (answer == 303), headers


def test_origins_cover_every_answer() -> None:
    """B9: a site that asks for no proof would answer 303 to every row of that table."""
    assert {answer for _, answer in ORIGINS} == {303, 403, "again"}


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Sec-Fetch-Site": "none"}])
@pytest.mark.parametrize("config", [{}, {"WTF_CSRF_ENABLED": False}])
def test_second_step_keeps_the_selection(headers: dict[str, str], config: dict[str, bool]) -> None:
    """B9: where nothing tells who sent a form, the page comes back as it was filled in, and one more press does it."""
    site = make_site(**config)
    visitor = site.visitor()

    again = bare_post(visitor, headers, choice="save", service="films")

    assert "Please press once more" in again.text
    assert "frame-ancestors 'none'" in again.headers["Content-Security-Policy"]
    assert {each["value"] for each in soup_of(again).select("input[name=service][checked]")} == {"films"}
    assert visitor.allowed() == set()
    blank = dict.fromkeys(("Sec-Fetch-Site", "Origin", "Sec-Fetch-Dest"), "") | {"Origin": "null"} | headers
    done = visitor.press(again, "Save", within=".fcc-switches", headers=blank)
    assert done.status_code == 303
    assert visitor.allowed() == {"films"}
    assert [each.kind for each in site.events()] == ["given"]


def test_second_step_needs_its_own_session() -> None:
    """B9: the token of one browser is nothing in another, and an invented one is nothing anywhere."""
    site = make_site()
    visitor, other = site.visitor(), site.visitor()
    token = soup_of(bare_post(visitor, {})).select_one("[name=csrf_token]")["value"]

    for sender, text in ((other, token), (visitor, token + "x"), (visitor, ""), (visitor, "x")):
        assert bare_post(sender, {}, csrf_token=text).status_code == 403
    assert site.events() == []
    assert bare_post(visitor, {}, csrf_token=token).status_code == 303


def test_second_step_without_a_key_of_the_app() -> None:
    """B9: an app that has a key for consent alone is asked again all the same, not answered 500."""
    site = make_site(SECRET_KEY=None, COOKIECONSENT_SECRET_KEY="a key for choices only")
    site.app.config["PROPAGATE_EXCEPTIONS"] = False

    assert bare_post(site.visitor(), {"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert bare_post(site.visitor(), {}).status_code == 403


def test_only_the_second_step_makes_a_session() -> None:
    """B9: no page and no ordinary choice sets a session cookie."""
    visitor = make_site().visitor()
    visitor.press(visitor.get("/"), "Accept all")
    visitor.press(visitor.get("/"), "Withdraw consent")
    assert visitor.cookie("session") is None

    bare_post(visitor, {})
    assert visitor.cookie("session") is not None


@pytest.mark.parametrize("dest", ["iframe", "frame", "embed", "object"])
def test_framed_page_grants_nothing(dest: str) -> None:
    """B9: a grant pressed inside a frame may be one that nobody saw; a refusal takes nothing from anybody."""
    site = make_site()
    visitor = site.visitor()

    for choice, services in (("accept", ()), ("save", ("films",)), ("allow", ("films",))):
        response = visitor.choose(choice, *services, headers={"Sec-Fetch-Dest": dest})
        assert response.status_code == 403
        assert cookies_set(response) == {}
    assert site.events() == []
    assert visitor.choose("reject", headers={"Sec-Fetch-Dest": dest}).status_code == 303


HOST = "shop.example.com"


OURS, SISTER, FOREIGN = f"https://{HOST}", "https://www.example.com", "https://evil.example"


SAME, OTHER, NOTHING = Evidence.SAME_SITE, Evidence.OTHER_SITE, Evidence.NONE


TABLE = [
    ({"Sec-Fetch-Site": "same-origin"}, SAME),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, SAME),
    ({"Sec-Fetch-Site": "cross-site", "Origin": OURS}, OTHER),
    ({"Sec-Fetch-Site": "same-site", "Origin": FOREIGN}, OTHER),
    ({"Sec-Fetch-Site": "same-site", "Origin": SISTER}, OTHER),
    ({"Sec-Fetch-Site": "same-site"}, OTHER),
    ({"Sec-Fetch-Site": "none"}, NOTHING),
    ({"Sec-Fetch-Site": "none", "Origin": OURS}, NOTHING),
    ({"Sec-Fetch-Site": "new-word", "Origin": OURS}, SAME),
    ({"Sec-Fetch-Site": "new-word"}, NOTHING),
    ({"Origin": OURS}, SAME),
    ({"Origin": f"http://{HOST}"}, SAME),
    ({"Origin": f"https://{HOST}:443"}, SAME),
    ({"Origin": f"https://{HOST}:8443"}, OTHER),
    ({"Origin": SISTER}, OTHER),
    ({"Origin": FOREIGN, "Referer": OURS + "/"}, OTHER),
    ({"Origin": f"{OURS}.evil.example"}, OTHER),
    ({"Origin": "null"}, NOTHING),
    ({"Origin": "null", "Referer": OURS + "/"}, NOTHING),
    ({"Origin": "https://["}, OTHER),
    ({"Referer": OURS + "/page?x=1"}, SAME),
    ({"Referer": FOREIGN + "/" + OURS}, OTHER),
    ({"Referer": f"https://{HOST}@evil.example/"}, OTHER),
    ({"Referer": ""}, NOTHING),
    ({}, NOTHING),
]


@pytest.mark.parametrize(("headers", "found"), TABLE)
def test_evidence(headers: dict[str, str], found: Evidence) -> None:
    """B9: the fetch metadata where it is sent, else the origin, else the referrer; nothing proves nothing."""
    assert evidence(Headers(headers), HOST) is found


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-site", "Origin": SISTER}, {"Origin": SISTER}])
def test_trusted_sister(headers: dict[str, str]) -> None:
    """B9: a sister that the site trusts is as good as itself, and no other."""
    assert evidence(Headers(headers), HOST, (SISTER,)) is SAME
    assert evidence(Headers(headers), HOST, ("https://other.example.com",)) is OTHER


@pytest.mark.parametrize("host", [HOST, f"{HOST}:443", f"{HOST}:80"])
def test_host_with_a_port(host: str) -> None:
    """B9: TLS may end at a proxy, so the usual ports are none."""
    assert evidence(Headers({"Origin": OURS}), host) is SAME
