"""An app as anybody would write it, for gunicorn: `tests.faults.shop:create_app()`; one page, without any database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import CookieConsent, event_failed
from flask_cookieconsent.catalogue import google_analytics, youtube

PAGE = """<!doctype html><html lang="en"><head><title>Shop</title>{{ cookieconsent.head() }}</head>
<body>{{ cookieconsent.banner() }}<h1>Shop</h1>{{ cookieconsent.embed("https://youtu.be/aqz-KE-bpKQ", title="Film") }}
<footer>{{ cookieconsent.link() }}</footer></body></html>"""

#: What its visitors are asked about.
SERVICES = ("google_analytics", "youtube")


def create_app() -> Flask:
    """Return the shop; its settings are `SHOP_…` in the environment, `SHOP_FOLDER` is where it keeps its files."""
    app = Flask("shop")
    app.config.from_prefixed_env("SHOP")
    folder = Path(app.config["FOLDER"])

    def clock() -> datetime:
        """Return what the clock of this host says: it may be wrong by the seconds in the file `clock`."""
        return datetime.now(UTC) + timedelta(seconds=float((folder / "clock").read_text()))

    def tell(sender: Any, **about: Any) -> None:
        """Write one line for each event that neither database nor disk has taken."""
        with (folder / "failed").open("a") as file:
            file.write("event_failed\n")

    db = SQLAlchemy(app)
    CookieConsent(app, db=db, services=[google_analytics("G-ABC1234567"), youtube()], clock=clock)
    event_failed.connect(tell, app, weak=False)
    app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
    return app
