"""One of each ready-made service, with what its tests embed; every contract of the catalogue is kept by all of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_cookieconsent.catalogue import facebook, google_analytics, linkedin, x, youtube
from flask_cookieconsent.declaration import Service


@dataclass(frozen=True)
class Sample:
    """A service, and what is embedded of it: an address, a reference, "" for a widget without one, or None."""

    service: Service
    embed: str | None = None


SAMPLES = (
    Sample(google_analytics("G-ABC1234567")),
    Sample(youtube(), "https://youtu.be/aqz-KE-bpKQ"),
    Sample(facebook(), "https://www.facebook.com/facebook/posts/10153231379946729"),
    Sample(x(), "https://x.com/Interior/status/463440424141459456"),
    Sample(linkedin(), "urn:li:share:6922167380462698496"),
)
