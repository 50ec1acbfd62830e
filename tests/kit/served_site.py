"""A small site that other servers import: `gunicorn "tests.kit.served_site:create_app()"`."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.kit.sites import make_site


def create_app() -> Flask:
    """Return the site of the tests, behind one proxy that says how a visitor came."""
    app = make_site().app
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)  # type: ignore[method-assign]
    return app
