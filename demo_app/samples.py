"""`flask --app demo_app seed`: consent events to look at, every one of them marked as a sample."""

from __future__ import annotations

from datetime import timedelta

import click
from flask import Flask

from flask_cookieconsent import SampleEvent

from .consents import SERVICES, consent

OPTIONAL = tuple(service.id for service in SERVICES if service.category != "necessary")
FIRST_PARTY = ("language", "layout", "newsletter")


def _sample(hours: int, kind: str, method: str, locale: str, *granted: str) -> SampleEvent:
    return SampleEvent(age=timedelta(hours=hours), kind=kind, method=method, locale=locale, granted=granted)


SAMPLES = (
    _sample(2, "given", "banner", "nl", *OPTIONAL),
    _sample(7, "refused", "banner", "fr"),
    _sample(26, "given", "preferences", "en", *FIRST_PARTY),
    _sample(49, "refused", "banner", "nl"),
    _sample(75, "given", "embed", "de", "youtube"),
    _sample(101, "changed", "preferences", "fr", *FIRST_PARTY, "google_analytics"),
    _sample(148, "refused", "preferences", "de"),
    _sample(170, "withdrawn", "link", "nl"),
    _sample(215, "given", "banner", "en", *OPTIONAL),
)


def init_app(app: Flask) -> None:
    """Give an app the command."""
    app.cli.command("seed")(seed)


def seed() -> None:
    """Put sample consent events into the log, once."""
    count = consent.add_samples(SAMPLES)
    click.echo(f"{count} sample events are in the log." if count else "The sample events are there already.")
