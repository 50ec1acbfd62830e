"""The addresses of an app's routes, whatever shape the app has."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from flask import Blueprint, Flask, g
from werkzeug.routing import BaseConverter

from flask_cookieconsent.audit.walking.routes import addresses, bases_of, origin, own_address, page_rules, route_at


def app_of(*rules: str, host_matching: bool = False, **config: Any) -> Flask:
    """Return an app with some rules, without the extension; the view of each has a name of its own."""
    app = Flask("routed", static_folder=None, host_matching=host_matching)
    app.config |= config
    for number, rule in enumerate(rules):
        app.add_url_rule(rule, f"view{number}", lambda **values: "")
    return app


def paths(app: Flask) -> dict[str, str]:
    return {address.route: address.path for address in addresses(app)}


class Raising(BaseConverter):
    """Converter of a site that knows its values by heart."""

    def to_url(self, value: Any) -> str:
        raise LookupError(value)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("/", "/"),
        ("/shop", "/shop"),
        ("/shop/", "/shop/"),
        ("/item/<int:id>", "/item/1"),
        ("/item/<int(min=5):id>", "/item/5"),
        ("/item/<int(max=0):id>", "/item/0"),
        ("/item/<int(fixed_digits=4):id>", "/item/0001"),
        ("/price/<float:amount>", "/price/1.0"),
        ("/sort/<any(name, age):by>", "/sort/age"),
        ("/thing/<uuid:id>", f"/thing/{UUID(int=1)}"),
        ("/<lang>/shop", "/en/shop"),
        ("/<lang_code>/item/<int:id>", "/en/item/1"),
    ],
)
def test_addresses(rule: str, path: str) -> None:
    assert paths(app_of(rule)) == {rule: path}


@pytest.mark.parametrize("rule", ["/user/<name>", "/file/<path:name>", "/user/<string(length=2):code>"])
def test_values_that_cannot_be_told(rule: str) -> None:
    """They come from links alone."""
    assert paths(app_of(rule)) == {}


def test_converter_of_the_site_that_raises() -> None:
    app = Flask("converted", static_folder=None)
    app.url_map.converters["odd"] = Raising
    app.add_url_rule("/odd/<odd:lang>", "odd", lambda lang: "")

    assert paths(app) == {}
    assert route_at(app, "https://localhost", "/odd/x") is not None


def test_what_the_app_fills_in() -> None:
    """`url_defaults`, the defaults of a rule, and a `url_value_preprocessor` that takes the language away."""
    app = app_of("/<tongue>/shop", BABEL_DEFAULT_LOCALE="de")
    app.url_defaults(lambda endpoint, values: values.setdefault("tongue", "fr"))
    app.url_value_preprocessor(lambda endpoint, values: setattr(g, "tongue", (values or {}).pop("tongue", None)))
    app.add_url_rule("/page/", "paged", str, defaults={"page": 1})
    app.add_url_rule("/page/<int:page>", "paged", str)

    assert paths(app)["/<tongue>/shop"] == "/fr/shop"
    assert paths(app)["/page/"] == "/page/"


def test_default_that_only_a_page_has() -> None:
    app = app_of("/<lang>/shop", BABEL_DEFAULT_LOCALE="de")
    app.url_defaults(lambda endpoint, values: values.setdefault("lang", g.language))

    assert paths(app) == {"/<lang>/shop": "/de/shop"}


def test_what_is_no_page() -> None:
    app = Flask("plain")
    app.add_url_rule("/posted", "posted", lambda: "", methods=["POST"])
    app.add_url_rule("/socket", "socket", lambda: "", websocket=True)
    app.add_url_rule("/built", "built", build_only=True)
    app.register_blueprint(Blueprint("blog", "blog", static_folder="files", url_prefix="/blog"))

    assert list(page_rules(app)) == []


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({}, "https://localhost"),
        ({"SERVER_NAME": "a.example:5000"}, "https://a.example:5000"),
        ({"TRUSTED_HOSTS": [".b.example"]}, "https://b.example"),
    ],
)
def test_origin(config: dict[str, Any], wanted: str) -> None:
    assert origin(app_of(**config)) == wanted


def test_several_hosts() -> None:
    app = Flask("hosted", static_folder=None, host_matching=True)
    app.add_url_rule("/", "a", lambda: "", host="a.example")
    app.add_url_rule("/b/<int:id>", "b", lambda id: "", host="b.example")
    app.add_url_rule("/c", "c", lambda who: "", host="<who>.example")

    assert {(address.base, address.path) for address in addresses(app)} == {
        ("https://a.example", "/"),
        ("https://b.example", "/b/1"),
    }
    found = route_at(app, "https://b.example", "/b/7")
    assert found is not None and found.route == "/b/<int:id>"
    assert route_at(app, "https://a.example", "/b/7") is None
    assert bases_of(app) == {"https://a.example", "https://b.example", "https://localhost"}


def test_subdomains() -> None:
    app = Flask("below", static_folder=None, subdomain_matching=True)
    app.config["SERVER_NAME"] = "shop.example"
    app.add_url_rule("/", "home", lambda: "")
    app.add_url_rule("/post", "post", lambda: "", subdomain="blog")

    assert bases_of(app) == {"https://shop.example", "https://blog.shop.example"}
    found = route_at(app, "https://blog.shop.example", "/post")
    assert found is not None and found.endpoint == "post"


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/shop/", "/shop/"),
        ("/shop", "/shop/"),
        ("/item/7?by=name", "/item/<int:id>"),
        ("/item/x", None),
        ("/nowhere", None),
        ("/posted", None),
    ],
)
def test_route_at(path: str, route: str | None) -> None:
    """A path that the app corrects by a redirect has the route to which that leads."""
    app = app_of("/shop/", "/item/<int:id>")
    app.add_url_rule("/posted", "posted", lambda: "", methods=["POST"])
    found = route_at(app, "https://localhost", path)

    assert (found and found.route) == route


@pytest.mark.parametrize(
    ("href", "wanted"),
    [
        ("b", ("https://localhost", "/a/b")),
        ("/b?c=1#d", ("https://localhost", "/b?c=1")),
        ("https://localhost/b", ("https://localhost", "/b")),
        ("//localhost/b", ("https://localhost", "/b")),
        ("https://blog.localhost/b", ("https://blog.localhost", "/b")),
        ("https://x.test/b", None),
        ("http://localhost/b", None),
        ("#top", None),
        ("mailto:a@x.test", None),
        ("javascript:void(0)", None),
        ("https://[x/", None),
        ("", None),
    ],
)
def test_own_address(href: str, wanted: tuple[str, str] | None) -> None:
    bases = {"https://localhost", "https://blog.localhost"}

    assert own_address(href, "https://localhost", "/a/", bases) == wanted


def test_rules_are_as_the_app_writes_them() -> None:
    """What is told of a route is what its owner finds in the code."""
    app = app_of("/item/<int:id>")

    assert all(re.search(r"<int:id>", address.route) for address in addresses(app))
