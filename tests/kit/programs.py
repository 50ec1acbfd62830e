"""Programs that call the JSON interface: one that keeps a consent token itself, and the script of a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from flask_cookieconsent.api.routes import interface
from flask_cookieconsent.choice.codes import Codes

from .sites import SAME_ORIGIN, Site, Visitor

API = "/cookies/api"
PROBLEM = "urn:flask-cookieconsent:problem:"


@dataclass
class Program:
    """A program that keeps the token and the receipt of the latest answer, as the description says."""

    site: Site
    token: str | None = None
    receipt: str | None = None

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        """Send a request with all that the program holds, and keep what the answer gives it."""
        own = {"Authorization": f"Bearer {self.token}" if self.token else "Bearer"}
        own |= {"Consent-Receipt": self.receipt} if self.receipt else {}
        client = self.site.app.test_client(use_cookies=False)
        answer = client.open(API + path, method=method, headers=own | (headers or {}), **more)
        told = answer.json if answer.is_json and answer.data else {}
        self.token = told.get("token", self.token)
        self.receipt = told.get("receipt", self.receipt)
        return answer

    def choose(self, choice: str, *services: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Make a choice with the notice that is shown now."""
        return self.ask("POST", "/choice", json=body_of(self.site, choice, *services, **fields), headers=headers)

    def allowed(self) -> set[str]:
        """Return the optional services that are on."""
        return optional_in(self.ask("GET", "/choice"))


@dataclass
class Script:
    """The script of a page in a visitor's browser."""

    visitor: Visitor

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        """Send a request as `fetch` does from a page of the site."""
        own = SAME_ORIGIN | {"Origin": self.visitor.origin, "Sec-Fetch-Dest": "empty"}
        return self.visitor.open(API + path, method, headers=own | (headers or {}), **more)

    def choose(self, choice: str, *services: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Make a choice with the notice that is shown now."""
        body = body_of(self.visitor.site, choice, *services, **fields)
        return self.ask("POST", "/choice", json=body, headers=headers)

    def allowed(self) -> set[str]:
        """Return the optional services that are on."""
        return optional_in(self.ask("GET", "/choice"))


def program(site: Site) -> Program:
    """Return a program that was never used here."""
    return Program(site)


def script(site: Site, **more: Any) -> Script:
    """Return the script of a page, in the browser of somebody who was never here."""
    return Script(site.visitor(**more))


CALLERS = {"a program with a token": program, "a script of a page": script}


def body_of(site: Site, choice: str, *services: str, **fields: Any) -> dict[str, Any]:
    """Return the body of a choice, with the notice that is shown now."""
    named = {"services": list(services)} if services else {}
    return {"choice": choice, "notice": site.digest, "locale": "en"} | named | fields


def optional_in(answer: TestResponse) -> set[str]:
    """Return the services that somebody has granted, as an answer tells."""
    return {service for service, reason in answer.json["choices"].items() if reason == "granted"}


def problem_of(answer: TestResponse) -> str:
    """Return the name of the problem of an answer, which has to be one."""
    assert answer.content_type == "application/problem+json", answer.text
    told = answer.json
    assert told["status"] == answer.status_code and told["title"] and told["detail"]
    return str(told["type"].removeprefix(PROBLEM))


def addresses_of(site: Site) -> dict[str, set[str]]:
    """Return every address of the interface of a site with the methods that it knows, as its routes say."""
    renderer = site.app.extensions["cookieconsent.renderer"]
    with site.app.app_context():
        codes = Codes.of(site.app, renderer.state, Path("/dev/null/spool"))
    return {path: set(methods) for path, (_, methods) in interface(renderer, codes).items()}
