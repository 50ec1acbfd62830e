"""Test clients of Flask and Werkzeug that hold a visitor's choice, as if it had been made in the banner."""

from __future__ import annotations

from itertools import product
from typing import TypeVar

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from flask_cookieconsent.audit.held import address_of, held_cookie
from flask_cookieconsent.audit.visitors import services_named
from flask_cookieconsent.choice.response import receipt_name
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.state import State, get_state

AnyClient = TypeVar("AnyClient", bound=Client)

_GPC = "HTTP_SEC_GPC"


def consenting(
    client: AnyClient,
    *names: str,
    app: Flask | None = None,
    base_url: str | None = None,
    gpc: bool = False,
    expired: bool = False,
) -> AnyClient:
    """Let a test client be a visitor who allows services, or categories, and refuses all else; return the client.

    Without *names* it allows everything. *base_url* is that of the requests, where they have another one than the
    app's configuration gives; http and https count alike. *app* is the site, where the client calls something around
    it. With *gpc* Global Privacy Control is on, then and in each request; one that is *expired* chose so long ago that
    the site asks again. There is no receipt, and nothing is recorded.

    :raises SetupError: if the site declares nothing of such a name, or the app is not known.
    """
    state = get_state(app or _app_of(client))
    allowed = services_named(state.registry, names or ("all",))
    return _choosing(client, state, base_url, allowed, gpc=gpc, expired=expired)


def refusing(
    client: AnyClient,
    *,
    app: Flask | None = None,
    base_url: str | None = None,
    gpc: bool = False,
    expired: bool = False,
) -> AnyClient:
    """Let a test client be a visitor who refuses everything; the rest is as for `consenting`."""
    state = get_state(app or _app_of(client))
    return _choosing(client, state, base_url, frozenset(), gpc=gpc, expired=expired)


def undecided(
    client: AnyClient, *, app: Flask | None = None, base_url: str | None = None, gpc: bool = False
) -> AnyClient:
    """Let a test client be a visitor who has not chosen, whatever it held before; the rest is as for `consenting`."""
    state = get_state(app or _app_of(client))
    return _choosing(client, state, base_url, None, gpc=gpc)


def _choosing(
    client: AnyClient,
    state: State,
    base_url: str | None,
    allowed: frozenset[str] | None,
    *,
    gpc: bool,
    expired: bool = False,
) -> AnyClient:
    base = address_of(base_url or _base_of(client))
    # First, because a client that has no cookies says so.
    _forget(client, state, base.netloc, base.hostname or "", base.path.rstrip("/"))
    _send_signal(client, gpc=gpc)
    # A test client sends every cookie over http and https alike, so it gets the names that count in either.
    for scheme in ("http", "https") if allowed is not None else ():
        held_cookie(state, f"{scheme}://{base.netloc}", allowed or (), gpc=gpc, expired=expired).put_into(client)
    return client


def _forget(client: Client, state: State, netloc: str, host: str, root: str) -> None:
    """Take the choices cookie out of a client under each of its names, and the receipt of an earlier choice."""
    receipt_paths = [root + path for path in state.settings.url_prefix.receipt_paths]
    for domain in {host, state.choices_cookie.domain_at(netloc) or host}:
        for name in state.choices_cookie.all_names:
            client.delete_cookie(name, domain=domain, path="/")
        for secure, path in product((False, True), receipt_paths):
            client.delete_cookie(receipt_name(state.settings, secure=secure), domain=domain, path=path)


def _send_signal(client: Client, *, gpc: bool) -> None:
    """Let each request of a client have Global Privacy Control on, or off."""
    if isinstance(client, FlaskClient):
        client.environ_base.pop(_GPC, None)
        client.environ_base.update({_GPC: "1"} if gpc else {})
    elif gpc:
        raise SetupError(
            f"found gpc=True with {type(client).__name__}, which has no headers of its own; wanted Flask's "
            'app.test_client(), or the header with each request: client.get("/", headers={"Sec-GPC": "1"})'
        )


def _app_of(client: Client) -> Flask:
    if not isinstance(client, Client):
        raise SetupError(f"found {type(client).__name__}, wanted a test client: consenting(app.test_client(), …)")
    if isinstance(client.application, Flask):
        return client.application
    found = type(client.application).__name__
    raise SetupError(f"found a client of {found}, wanted the site itself as well: consenting(client, …, app=app)")


def _base_of(client: Client) -> str:
    """Return the address that a client asks by itself."""
    if not isinstance(client, FlaskClient):
        return "http://localhost/"
    config = client.application.config
    return f"http://{config['SERVER_NAME'] or 'localhost'}/{config['APPLICATION_ROOT'].lstrip('/')}"
