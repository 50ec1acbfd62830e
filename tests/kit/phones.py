"""A program with a consent token of its own, such as a mobile app, and sites whose scopes share a choice or do not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from tests.kit.sites import Site, Visitor, make_site

#: The three surfaces of one company, as its apps are configured where they share one choice.
SURFACES = ("Website", "Platform", "App")
SHARING: dict[str, Any] = {
    "COOKIECONSENT_SCOPE": "Website",
    "COOKIECONSENT_APP_SCOPE": "App",
    "COOKIECONSENT_SHARED_SCOPES": SURFACES,
}
#: The same where each keeps its own.
APART: dict[str, Any] = {"COOKIECONSENT_SCOPE": "Website", "COOKIECONSENT_APP_SCOPE": "App"}


@dataclass
class Phone:
    """Calls the JSON interface as a native app does: it keeps its token and its receipt itself, and no cookies."""

    site: Site
    token: str | None = None
    receipt: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, path: str, body: Any = None, method: str = "POST", **headers: str) -> TestResponse:
        """Send a request of the app to an address below `/cookies/api`."""
        own = {"Authorization": f"Bearer {self.token}" if self.token else "Bearer", **self.headers}
        own |= {"Consent-Receipt": self.receipt} if self.receipt else {}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        client = self.site.app.test_client(use_cookies=False)
        return client.open(f"/cookies/api{path}", method=method, headers=own, **sent)

    def choose(self, choice: str, *services: str) -> TestResponse:
        """Make a choice, and keep what the answer says to keep."""
        body = {"choice": choice, "services": list(services), "notice": self.site.digest, "locale": "en"}
        answer = self.call("/choice", body)
        self.token = answer.json["token"]
        self.receipt = answer.json.get("receipt", self.receipt)
        return answer

    @property
    def allowed(self) -> set[str]:
        """The services that are on, the necessary ones apart."""
        answer = self.call("/choice", method="GET").json
        return {service for service, reason in answer["choices"].items() if reason == "granted"}


def website(**config: Any) -> Site:
    """Return a site that shares one choice with its app, unless *config* says otherwise."""
    return make_site(**(SHARING | config))


def with_cookie(visitor: Visitor, value: str, name: str = "cookieconsent") -> Visitor:
    """Return a visitor whose browser keeps a choices cookie with a value."""
    visitor.client.set_cookie(name, value, domain=visitor.origin.partition("://")[2])
    return visitor
