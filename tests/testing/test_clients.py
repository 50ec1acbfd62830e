"""Test clients that hold a choice: the site takes them for visitors who have chosen."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_login import FlaskLoginClient, LoginManager, UserMixin, current_user
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from flask_cookieconsent import CookieConsent, SetupError
from flask_cookieconsent.testing import consenting, refusing, undecided
from tests.kit.sites import EVERYTHING, OPTIONAL, Site, make_app, make_site, services, soup_of


@pytest.fixture(scope="module")
def app() -> Flask:
    """A site with the usual settings; nothing here changes it."""
    return make_site().app


def allowed(client: Client, path: str = "/cookies/", **more: Any) -> set[str]:
    """Return the optional services that are on, as the preferences show them."""
    page = soup_of(client.get(path, **more).text)
    assert page.select("input[name=service]")
    return {str(each["value"]) for each in page.select("input[name=service][checked]")}


def is_asked(client: Client, **more: Any) -> bool:
    """Tell whether the page asks."""
    return "fcc-banner" in client.get("/", **more).text


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), EVERYTHING),
        (("all",), EVERYTHING),
        (("films",), {"films"}),
        (("films", "language"), {"films", "language"}),
        (("third_party",), OPTIONAL["third_party"]),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_consenting(app: Flask, names: tuple[str, ...], expected: set[str], scheme: str) -> None:
    """Services, categories, or everything, however the test asks for its pages."""
    client = consenting(app.test_client(), *names)

    assert allowed(client, base_url=f"{scheme}://localhost") == expected
    assert not is_asked(client, base_url=f"{scheme}://localhost")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_refusing_and_undecided(app: Flask, scheme: str) -> None:
    """The last call counts; who has not chosen is asked."""
    client, more = app.test_client(), {"base_url": f"{scheme}://localhost"}

    assert allowed(refusing(consenting(client)), **more) == set()
    assert not is_asked(client, **more)
    assert is_asked(undecided(client), **more)


def test_choices_of_a_press_are_forgotten() -> None:
    """Whatever the visitor did before; their receipt goes too."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    assert visitor.receipt

    undecided(visitor.client)

    assert visitor.cookie() is None and visitor.receipt is None


def test_nothing_is_recorded() -> None:
    """F1: a helper is no choice of a person, and gives nobody a receipt."""
    site = make_site()
    client = consenting(site.app.test_client())
    client.get("/")

    assert site.events() == []
    assert client.get_cookie("cookieconsent_receipt", path="/cookies/choice") is None


@pytest.mark.parametrize("expired", [False, True])
def test_expired_choices_are_asked_again(app: Flask, expired: bool) -> None:
    clients = [consenting(app.test_client(), expired=expired), refusing(app.test_client(), expired=expired)]

    assert [is_asked(client) for client in clients] == [expired, expired]


def test_signal_goes_along_until_another_call(app: Flask) -> None:
    """G2: with Global Privacy Control nobody is asked, and grants made under it stand."""
    client = app.test_client()

    assert not is_asked(undecided(client, gpc=True))
    assert allowed(client) == set()
    assert allowed(consenting(client, "films", gpc=True)) == {"films"}
    assert allowed(consenting(client, "films"), headers={"Sec-GPC": "1"}) == set()
    assert is_asked(undecided(client))


@pytest.mark.parametrize(
    ("config", "base_url"),
    [
        ({"SERVER_NAME": "shop.example:5000"}, None),
        ({"PREFERRED_URL_SCHEME": "https"}, None),
        ({"APPLICATION_ROOT": "/shop"}, None),
        ({"COOKIECONSENT_COOKIE_DOMAIN": "shop.example"}, None),
        ({"COOKIECONSENT_COOKIE_DOMAIN": "shop.example", "SERVER_NAME": "shop.example"}, None),
        ({"COOKIECONSENT_COOKIE_NAME": "choices"}, None),
        ({}, "https://www.shop.example"),
        ({"COOKIECONSENT_COOKIE_DOMAIN": "shop.example"}, "https://www.shop.example/"),
        ({}, "http://localhost:8000/mount/"),
    ],
)
def test_configurations(config: dict[str, str], base_url: str | None) -> None:
    """Whatever the cookie is called, wherever the site is, and in the addresses that the client asks by itself."""
    client = make_site(**config).app.test_client()
    more = {"base_url": base_url} if base_url else {}

    assert allowed(consenting(client, "films", base_url=base_url), **more) == {"films"}
    assert is_asked(undecided(client, base_url=base_url), **more)


def test_domain_is_shared_by_its_hosts() -> None:
    """One choice for all of them, as in a browser; another host is the bad twin."""
    client = make_site(COOKIECONSENT_COOKIE_DOMAIN="shop.example").app.test_client()
    consenting(client, "films", base_url="https://www.shop.example")

    assert allowed(client, base_url="https://blog.shop.example") == {"films"}
    assert allowed(client, base_url="https://shop.test") == set()


def test_other_host_is_not_chosen_for(app: Flask) -> None:
    client = consenting(app.test_client())

    assert is_asked(client, base_url="https://shop.example")


def test_language_in_the_prefix() -> None:
    """The receipt lies at `/` where the prefix has a variable."""
    visitor = make_site(COOKIECONSENT_URL_PREFIX="/<lang>/cookies").visitor()
    consenting(visitor.client, "films")

    assert allowed(visitor.client, "/en/cookies/") == {"films"}


def wrapped(site: Site) -> Any:
    """Return a site below a prefix and behind a proxy."""
    return ProxyFix(DispatcherMiddleware(lambda environ, start: [], {"/shop": site.app}))  # type: ignore[arg-type]


def test_client_of_werkzeug() -> None:
    """It calls any WSGI app; the site is found where it is one, and else has to be named."""
    site = make_site()
    plain, mounted = Client(site.app), Client(wrapped(site))

    assert allowed(consenting(plain, "films")) == {"films"}
    assert allowed(consenting(mounted, "films", app=site.app), "/shop/cookies/") == {"films"}
    with pytest.raises(SetupError, match="a client of ProxyFix, wanted the site itself as well"):
        consenting(mounted)
    with pytest.raises(SetupError, match='headers={"Sec-GPC": "1"}'):
        undecided(plain, gpc=True)


class Person(UserMixin):
    """Somebody with an account."""

    id = "7"


def test_client_of_flask_login() -> None:
    """Who is signed in stays so, and chooses beside it."""
    app = make_app()
    LoginManager(app).user_loader(lambda id: Person())
    CookieConsent(app, services=services())
    app.add_url_rule("/me", "me", lambda: current_user.id)
    app.test_client_class = FlaskLoginClient
    client = consenting(app.test_client(user=Person()), "films")

    assert client.get("/me").text == "7"
    assert allowed(client) == {"films"}
    assert client.get("/me").text == "7"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("film", "did you mean 'films'?"),
        ("third-party", "did you mean 'third_party'?"),
        ("session", "wanted a service or a category that visitors are asked about: all, functionality"),
        ("necessary", "that visitors are asked about: all, functionality"),
    ],
)
def test_unknown_service(app: Flask, name: str, said: str) -> None:
    with pytest.raises(SetupError, match=f"found '{name}', wanted ") as caught:
        consenting(app.test_client(), name)

    assert said in str(caught.value)


def test_client_without_what_it_needs(app: Flask) -> None:
    """An app without consent, a client without cookies, and an address that is none say so."""
    with pytest.raises(SetupError, match="this app has no cookie consent"):
        consenting(Flask("bare").test_client())
    with pytest.raises(TypeError, match="Cookies are disabled"):
        consenting(app.test_client(use_cookies=False))
    with pytest.raises(SetupError, match="found 'localhost', wanted the address"):
        consenting(app.test_client(), base_url="localhost")
    with pytest.raises(SetupError, match="found Flask, wanted a test client"):
        consenting(app)  # type: ignore[type-var]
