"""The bad twin: each line has one mistake, which mypy --strict finds."""

from __future__ import annotations

from flask import Flask

from flask_cookieconsent import Cookie, CookieConsent, Service, current_consent
from flask_cookieconsent.testing import consenting, deciding

number = Service(id="a", name=3, category="functionality", purpose="preferences")
purpose = Service(id="a", name="A", category="functionality", purpose="preference")
storage = Cookie(name="a", purpose="Keeps it.", storage="memory")
duration = Cookie(name="a", purpose="Keeps it.", duration=180)
services = CookieConsent(services=["a"])
answer: str = current_consent.allows("a")
visitor = consenting(Flask("shop").test_client(), 7)
browser = deciding(None, Flask("shop"), "films")
