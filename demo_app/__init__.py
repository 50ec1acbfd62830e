"""The demo site: Ecom, an invented Belgian company, with its Website, its Platform, its App and its cookies.

It runs with `flask --app demo_app run`; the database and a secret key appear in the instance folder by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import arrivals, errors, headers, language, mobile, platform, samples, settings, site
from .consents import consent
from .models import db
from .sample_data import create_tables


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Make the demo; `INSTANCE_PATH` in *test_config* moves its database and its key to another folder."""
    config = test_config or {}
    app = Flask(__name__, instance_path=settings.instance_folder(config))
    settings.configure(app, config)
    language.init_app(app)
    db.init_app(app)
    consent.init_app(app)
    app.register_blueprint(site.blueprint)
    app.register_blueprint(platform.blueprint)
    for part in (arrivals, errors, headers, mobile, samples):
        part.init_app(app)
    with app.app_context():
        create_tables()
    return app
