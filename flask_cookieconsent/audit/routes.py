"""The addresses of an app's own routes, and the route that a path belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import AnyConverter, BuildError, FloatConverter, IntegerConverter, Rule
from werkzeug.routing.exceptions import RoutingException


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
    for rule in app.url_map.iter_rules():
        is_other = rule.endpoint.startswith("cookieconsent.") or rule.endpoint.rpartition(".")[2] == "static"
        if "GET" in (rule.methods or ()) and not rule.websocket and not is_other:
            yield rule


def base_of(app: Flask, rule: Rule) -> str:
    """Return the origin at which a rule is asked for."""
    return f"https://{rule.host}" if rule.host else origin(app, rule.subdomain or "")


def addresses(app: Flask) -> Iterator[Address]:
    """Yield an address for each rule that has no variables, or whose variables can be filled in."""
    for rule in page_rules(app):
        if not rule.arguments - set(rule.defaults or ()) and not rule.arguments:
            yield Address(base_of(app, rule), rule.rule, rule.rule, rule.endpoint)
        elif path := _filled(app, rule):
            yield Address(base_of(app, rule), path, rule.rule, rule.endpoint, is_guess=True)


def _filled(app: Flask, rule: Rule) -> str | None:
    """Return a path for a rule with variables, each by its default or its converter; None where one cannot be told."""
    values: dict[str, Any] = dict(rule.defaults or {})
    for name in rule.arguments - values.keys():
        converter = rule._converters.get(name)
        if isinstance(converter, IntegerConverter | FloatConverter):
            values[name] = max(1, converter.min or 1)
        elif isinstance(converter, AnyConverter):
            values[name] = sorted(converter.items)[0]
        else:
            return None
    host = rule.host or "localhost"
    try:
        # A part of the prefix that the app itself fills in, such as a language, has no value here.
        return app.url_map.bind(host, subdomain=rule.subdomain or "").build(rule.endpoint, values)
    except (BuildError, HTTPException, ValueError):
        return None


def route_at(app: Flask, base: str, path: str) -> Address | None:
    """Return the address of a path of this app, with its route; None where no page rule has it."""
    host = base.partition("://")[2]
    server_name = app.config["SERVER_NAME"] or host
    subdomain = host.removesuffix(server_name).rstrip(".") if app.url_map.host_matching is False else ""
    adapter = app.url_map.bind(host if app.url_map.host_matching else server_name, subdomain=subdomain)
    try:
        rule, _ = adapter.match(path.partition("?")[0], method="GET", return_rule=True)
    except (RoutingException, HTTPException):
        return None
    if rule not in list(page_rules(app)):
        return None
    return Address(base, path, rule.rule, rule.endpoint)
