"""The addresses of an app's own routes, and the route that a path belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import AnyConverter, FloatConverter, IntegerConverter, Rule, UUIDConverter
from werkzeug.routing.exceptions import RequestRedirect, RoutingException

#: The endpoint of what is no route: the page of an error handler.
ERROR_PAGE = "error handler"
#: The endpoint of what the site's own code asks for to sign a client in.
SIGN_IN = "sign-in"

# What sites call the part of an address that names its language.
_LANGUAGES = frozenset(("lang", "language", "locale", "lang_code", "language_code", "lang_tag"))


@dataclass(frozen=True)
class Address:
    """What is asked for: an origin, a path, and the route it belongs to, by its rule and its endpoint.

    Of one that *is_guess* the variables were filled in without knowing what the site has, so it may be missing.
    """

    base: str
    path: str
    route: str
    endpoint: str = ""
    is_guess: bool = False


def origin(app: Flask, subdomain: str = "") -> str:
    """Return the address of a site by the name that its configuration gives it, over HTTPS; `localhost` by default."""
    trusted = app.config.get("TRUSTED_HOSTS") or ["localhost"]
    host = app.config["SERVER_NAME"] or trusted[0].removeprefix(".")
    return f"https://{subdomain + '.' if subdomain else ''}{host}"


def page_rules(app: Flask) -> Iterator[Rule]:
    """Yield the rules for GET, but for those of the extension itself and of static files."""
    return filter(_is_page, app.url_map.iter_rules())


def _is_page(rule: Rule) -> bool:
    is_other = rule.endpoint.startswith("cookieconsent.") or rule.endpoint.rpartition(".")[2] == "static"
    return "GET" in (rule.methods or ()) and not rule.websocket and not is_other and not rule.build_only


def base_of(app: Flask, rule: Rule) -> str:
    """Return the origin at which a rule is asked for."""
    return f"https://{rule.host}" if rule.host else origin(app, rule.subdomain or "")


def bases_of(app: Flask) -> frozenset[str]:
    """Return the origins of a site: its own, and those of rules with a host or a subdomain that is no variable."""
    found = {base_of(app, rule) for rule in page_rules(app)}
    return frozenset({origin(app), *(base.lower() for base in found if "<" not in base)})


def addresses(app: Flask) -> Iterator[Address]:
    """Yield an address for each rule that has no variables, or whose variables can be filled in."""
    for rule in page_rules(app):
        base = base_of(app, rule).lower()
        if not rule.arguments:
            yield Address(base, rule.rule, rule.rule, rule.endpoint)
        elif "<" not in base and (path := _filled(app, rule, base)):
            yield Address(base, path, rule.rule, rule.endpoint, is_guess=True)


def _filled(app: Flask, rule: Rule, base: str) -> str | None:
    """Return a path for a rule with variables, each by its default or its converter; None where one cannot be told."""
    values: dict[str, Any] = dict(rule.defaults or {})
    given = _url_defaults(app, rule, base)
    for name in rule.arguments - values.keys():
        value = given[name] if name in given else _usual(app, name, rule._converters.get(name))
        if value is None:
            return None
        values[name] = value
    try:
        built = rule.build(values)
    except Exception:  # a converter of the site's own may raise anything
        return None
    # The path alone: the host is known, and the rule is this one and no other of the endpoint.
    return built[1] if built else None


def _url_defaults(app: Flask, rule: Rule, base: str) -> dict[str, Any]:
    """Return what the app itself fills in (`Flask.url_defaults`), such as the language of the present page."""
    given: dict[str, Any] = {}
    with app.test_request_context(base_url=base):
        try:
            app.inject_url_defaults(rule.endpoint, given)
        except Exception:  # it may ask for what a page alone has
            return {}
    return {name: value for name, value in given.items() if value is not None}


def _usual(app: Flask, name: str, converter: Any) -> Any:
    match converter:
        case IntegerConverter() | FloatConverter():
            least = 1 if converter.min is None else max(1, converter.min)
            return least if converter.max is None else min(least, converter.max)
        case AnyConverter():
            return sorted(converter.items)[0]
        case UUIDConverter():
            return UUID(int=1)
        case _ if name in _LANGUAGES:
            return str(app.config.get("BABEL_DEFAULT_LOCALE") or "en")
        case _:
            return None


def route_at(app: Flask, base: str, path: str) -> Address | None:
    """Return the address of a path of this app, with its route; None where no page rule has it.

    Where the app only corrects the path, such as a slash at its end, it is the one that this leads to.
    """
    host = base.partition("://")[2]
    server_name = app.config["SERVER_NAME"] or host
    if app.url_map.host_matching:
        adapter = app.url_map.bind(host)
    else:
        adapter = app.url_map.bind(server_name, subdomain=host.removesuffix(server_name).rstrip("."))
    plain, mark, query = path.partition("?")
    for _ in range(3):
        try:
            rule, _values = adapter.match(plain, method="GET", return_rule=True)
        except RequestRedirect as redirect:
            plain = urlsplit(redirect.new_url).path
        except (RoutingException, HTTPException, ValueError):
            return None
        else:
            return Address(base, plain + mark + query, rule.rule, rule.endpoint) if _is_page(rule) else None
    return None


def own_address(href: str, base: str, path: str, bases: Collection[str]) -> tuple[str, str] | None:
    """Return the origin, and the path with its query, of a link that stays on one of some origins; else None."""
    href = href.strip()
    if not href or href.startswith(("#", "mailto:", "tel:", "javascript:", "data:")):
        return None
    try:
        parts = urlsplit(urljoin(base + path, href))
    except ValueError:
        return None
    found = f"{parts.scheme}://{parts.netloc.lower()}"
    if found not in bases or not parts.path or parts.path.startswith("//"):
        return None
    return found, parts.path + (f"?{parts.query}" if parts.query else "")
