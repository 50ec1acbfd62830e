"""The bad twin: each line has one mistake, which mypy --strict finds."""

from __future__ import annotations

from flask_cookieconsent import Cookie, CookieConsent, Service, current_consent

number = Service(id="a", name=3, category="functionality", purpose="preferences")
purpose = Service(id="a", name="A", category="functionality", purpose="preference")
storage = Cookie(name="a", purpose="Keeps it.", storage="memory")
duration = Cookie(name="a", purpose="Keeps it.", duration=180)
services = CookieConsent(services=["a"])
answer: str = current_consent.allows("a")
