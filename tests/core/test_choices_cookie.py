"""The choices cookie's names and domain: shared by apps that share a key, and never another app's."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse

from flask_cookieconsent.core.choices_cookie import ChoicesCookie
from tests.kit.sites import JSON, SAME_ORIGIN, Site, cookies_set, make_site, soup_of


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        *[(host, True) for host in ("shop.com", "www.shop.com", "A.WWW.SHOP.COM", "www.shop.com:8443")],
        *[(host, False) for host in ("shop.co.uk", "myshop.com", "127.0.0.1", "127.0.0.1:5000", "localhost", "[::1]")],
        *[(host, False) for host in ("com", "", "shop.com.evil.example", "shop.com@evil.example")],
    ],
)
def test_domain_at_a_host(host: str, covered: bool) -> None:
    """D1: a domain counts where it covers the host, as browsers see it (RFC 6265, section 5.1.3)."""
    cookie = ChoicesCookie.of("consent", "shop.com", ["a key"])

    assert cookie.domain_at(host) == ("shop.com" if covered else None)
    assert cookie.usual_name(host, secure=True) == ("consent" if covered else "__Host-consent")
    assert cookie.usual_name(host, secure=False) == "consent"


def test_names_in_their_order() -> None:
    """D1: over HTTPS a name that a sibling host can plant is read only where the site shares its cookie."""
    alone = ChoicesCookie("consent", None, ("new", "old"))
    shared = ChoicesCookie("consent", "shop.com", ("new",))

    assert list(alone.names("shop.com", secure=True)) == [
        *("__Host-consent", "__Host-consent-new", "__Host-consent-old"),
    ]
    assert list(alone.names("shop.com", secure=False)) == ["consent", "consent-new", "consent-old"]
    assert list(shared.names("www.shop.com", secure=True)) == [
        *("consent", "consent-new", "__Host-consent", "__Host-consent-new"),
    ]
    assert set(alone.names("shop.com", secure=True)) | set(alone.names("shop.com", secure=False)) == set(
        alone.all_names
    )


def test_names_of_its_own_follow_the_key() -> None:
    """Apps that share a key share the cookie, and no other does; a key that was rotated is still found."""
    one, same, rotated, other = (ChoicesCookie.of("consent", None, keys) for keys in (["a"], [b"a"], ["b", "a"], ["c"]))

    assert one.marks == same.marks
    assert one.marks[0] == rotated.marks[1] != rotated.marks[0]
    assert other.marks != one.marks


def two_sites(**second: Any) -> tuple[Client, Site, Site]:
    """Return a browser, and two apps with keys of their own on one host, the second below `/b`."""
    first, other = make_site(), make_site(SECRET_KEY="the key of another app", **second)
    nothing = Flask("nothing")
    mounted = DispatcherMiddleware(nothing.wsgi_app, {"/a": first.app.wsgi_app, "/b": other.app.wsgi_app})
    return Client(mounted), first, other


def press(browser: Client, mount: str, site: Site, choice: str) -> TestResponse:
    data = {"choice": choice, "notice": site.digest, "locale": "en"}
    answer = browser.post(f"{mount}/cookies/choice", data=data, headers={**SAME_ORIGIN, **JSON})
    assert answer.status_code == 200, answer.text
    return answer


def asks(browser: Client, mount: str) -> bool:
    return bool(soup_of(browser.get(f"{mount}/")).select_one(".fcc-banner"))


def test_two_apps_on_one_host() -> None:
    """B10: each app's choice stays as it is, whichever is answered first and however often."""
    browser, first, other = two_sites()

    press(browser, "/a", first, "reject")
    press(browser, "/b", other, "accept")
    press(browser, "/a", first, "accept")
    press(browser, "/b", other, "withdraw")

    assert not asks(browser, "/a") and not asks(browser, "/b")
    assert browser.get("/a/cookies/state").json["choices"]["films"] == "granted"
    assert browser.get("/b/cookies/state").json["choices"]["films"] == "refused"


@pytest.mark.parametrize("choice", ["reject", "withdraw"])
def test_cookie_of_another_app_beside_ours_stops_no_refusal(choice: str) -> None:
    """B9, D1: where both came under one name, ours has to give way to the refusal, or it would go on counting."""
    visitor, another = make_site().visitor(), make_site(SECRET_KEY="another app's").visitor()
    for each in (visitor, another):
        each.choose("accept")
    # As a sibling host may plant it for the folders of some pages and of the choice alone.
    planted = f"cookieconsent={another.cookie()}; "

    answer = visitor.choose(choice, headers={"Cookie": planted + f"cookieconsent={visitor.cookie()}"})

    kept = {name: each["value"] for name, each in cookies_set(answer).items() if each["value"]}
    assert list(kept) == ["cookieconsent"]
    text = "; ".join(f"{name}={value}" for name, value in kept.items())
    assert visitor.allowed(headers={"Cookie": planted + text}) == visitor.allowed(headers={"Cookie": text}) == set()


def test_cookies_of_other_apps_hide_no_choice() -> None:
    """B10: however many lie in the folders of a page, the visitor's own counts, which comes last."""
    visitor, another = make_site().visitor(), make_site(SECRET_KEY="another app's").visitor()
    for each in (visitor, another):
        each.choose("accept")
    header = f"cookieconsent={another.cookie()}; " * 12 + f"cookieconsent={visitor.cookie()}"

    assert visitor.allowed(headers={"Cookie": header}) == visitor.allowed() != set()


def test_two_apps_on_one_host_with_a_name_each() -> None:
    """B10: a name of the settings keeps apps apart, and the policy shows it."""
    browser, first, other = two_sites(COOKIECONSENT_COOKIE_NAME="shop-consent")

    press(browser, "/a", first, "reject")
    answer = press(browser, "/b", other, "accept")

    assert set(cookies_set(answer)) == {"shop-consent", "shop-consent_receipt"}
    assert "shop-consent_receipt" in browser.get("/b/cookies/policy").text
    assert not asks(browser, "/a") and not asks(browser, "/b")


def test_name_of_its_own_is_in_the_policy() -> None:
    """D5: where another app has the usual name, the name that ours goes by is listed."""
    browser, first, other = two_sites()
    press(browser, "/a", first, "reject")
    before = browser.get("/b/cookies/policy").text
    press(browser, "/b", other, "reject")

    assert "cookieconsent-*" not in before
    assert "cookieconsent-*" in browser.get("/b/cookies/policy").text
    assert "cookieconsent-*" not in make_site().visitor().get("/cookies/policy").text


@pytest.mark.parametrize("choice", ["accept", "reject"])
def test_domain_that_does_not_cover_the_host(choice: str, caplog: pytest.LogCaptureFixture) -> None:
    """B10: browsers refuse such a cookie, so the choice is kept for the host alone, and the owner is told once."""
    host = f"{choice}.shop.co.uk"
    site = make_site(COOKIECONSENT_COOKIE_DOMAIN="shop.com")
    visitor = site.visitor(https=True, host=host)

    answer = visitor.choose(choice)
    visitor.choose("reject")

    assert "domain" not in cookies_set(answer)["__Host-cookieconsent"]
    assert not soup_of(visitor.get("/")).select_one(".fcc-banner")
    told = [record.message for record in caplog.records if "COOKIECONSENT_COOKIE_DOMAIN" in record.message]
    assert len(told) == 1 and "'shop.com'" in told[0] and host in told[0]


@pytest.mark.parametrize("https", [True, False])
def test_domain_that_is_added_later_asks_nobody_again(https: bool) -> None:
    """B10: what was chosen before is read, and moves to the domain with the next choice."""
    before = make_site().visitor(https=https, host="www.shop.com")
    before.choose("reject")
    name = "__Host-cookieconsent" if https else "cookieconsent"
    after = make_site(COOKIECONSENT_COOKIE_DOMAIN="shop.com").visitor(https=https, host="www.shop.com")
    old = {"Cookie": f"{name}={before.cookie(name)}"}

    assert not soup_of(after.get("/", headers=old)).select_one(".fcc-banner")
    lines = after.choose("accept", headers=old).headers.getlist("Set-Cookie")
    assert any(line.startswith("cookieconsent=1.") and "Domain=shop.com" in line for line in lines)
    assert any(line.startswith(f"{name}=;") and "Domain" not in line for line in lines)


def test_staging_host_below_the_domain_of_the_site() -> None:
    """B10: the site's cookie reaches a staging host with another key, and neither undoes the other."""
    live = make_site(COOKIECONSENT_COOKIE_DOMAIN="shop.com").visitor(host="www.shop.com")
    live.choose("accept")
    theirs = f"cookieconsent={live.client.get_cookie('cookieconsent', domain='shop.com').value}"
    staging = make_site(SECRET_KEY="the key of the staging host").visitor(host="staging.shop.com")

    answer = staging.choose("reject", headers={"Cookie": theirs})

    (name,) = cookies_set(answer)
    own = f"{name}={cookies_set(answer)[name]['value']}"
    assert name.startswith("cookieconsent-")
    for header in (f"{theirs}; {own}", f"{own}; {theirs}"):
        assert not soup_of(staging.get("/", headers={"Cookie": header})).select_one(".fcc-banner")
