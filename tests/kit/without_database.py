"""An app without a database in an interpreter of its own: every page, button and command, and what they import."""

from __future__ import annotations

import json
import logging
import re
import sys

from flask import Flask, render_template_string

import flask_cookieconsent
from flask_cookieconsent import Cookie, CookieConsent, Service
from flask_cookieconsent.catalogue import youtube

PAGE = "<!doctype html>{{ cookieconsent.head() }}{{ cookieconsent.banner() }}{{ cookieconsent.link() }}"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
COMMANDS = ("services", "check", "explain", "events", "seal")


def app_without_database() -> Flask:
    """Return an app with two services and no `db`."""
    app = Flask("without_database")
    app.config.update(
        SECRET_KEY="a key for tests only", COOKIECONSENT_CONTROLLER="Example NV", COOKIECONSENT_CSP="enforce"
    )
    cookie = Cookie(name="lang", purpose="Keeps the language you picked.")
    language = Service(
        id="language", name="Language", category="functionality", purpose="preferences", cookies=(cookie,)
    )
    consent = CookieConsent(app, services=[language, youtube()])
    consent.report_guard(lambda: True)
    app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
    app.add_url_rule("/language", "language", consent.requires("language")(lambda: "yours"))
    return app


def main() -> None:
    """Print what every request and command is answered, then the database modules that are imported, as JSON."""
    logging.disable(logging.CRITICAL)
    app = app_without_database()
    visitor = app.test_client()
    paths = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "language"
    ]
    for choice in ("reject", "accept", "withdraw", "erase"):
        page = visitor.get("/cookies/").text
        form = {name: re.findall(rf'name="{name}" value="(.*?)"', page)[:1] for name in ("locale", "notice")}
        form |= {"choice": [choice], "surface": ["preferences"], "next": ["/"]}
        print("POST", choice, visitor.post("/cookies/choice", data=form, headers=SAME_ORIGIN).status_code)
        for path in paths:
            print("GET", path, visitor.get(path).status_code)
    report = {"csp-report": {"effective-directive": "img-src", "blocked-uri": "https://a.example"}}
    print("POST violations", visitor.post("/cookies/violations", data=json.dumps(report)).status_code)
    for command in COMMANDS:
        result = app.test_cli_runner().invoke(args=["cookieconsent", command])
        print("flask cookieconsent", command, result.exit_code)


if __name__ == "__main__":
    main()
    for name in sys.argv[1:]:
        getattr(flask_cookieconsent, name)
    print(json.dumps(sorted({"sqlalchemy", "flask_sqlalchemy"} & sys.modules.keys())))
