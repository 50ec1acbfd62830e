"""`flask --app demo_app seed`: consent events to look at, every one of them marked as a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import click
import sqlalchemy as sa
from flask import Flask, current_app

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.log.database import insert
from flask_cookieconsent.log.events import Event, log_key, mac_of, new_id, truncated
from flask_cookieconsent.log.models import event_model

from .consents import SERVICES
from .models import db

#: The scope of every sample, and its notice: nobody ever saw one, so nothing stands behind it.
SAMPLE = "sample"

OPTIONAL = tuple(service.id for service in SERVICES if service.category != "necessary")
FIRST_PARTY = ("language", "layout", "newsletter")

#: Hours ago, kind, method, language, what was granted.
STEPS: tuple[tuple[int, Kind, str, str, tuple[str, ...]], ...] = (
    (2, Kind.GIVEN, "banner", "nl", OPTIONAL),
    (7, Kind.REFUSED, "banner", "fr", ()),
    (26, Kind.GIVEN, "preferences", "en", FIRST_PARTY),
    (49, Kind.REFUSED, "banner", "nl", ()),
    (75, Kind.GIVEN, "embed", "de", ("youtube",)),
    (101, Kind.CHANGED, "preferences", "fr", (*FIRST_PARTY, "google_analytics")),
    (148, Kind.REFUSED, "preferences", "de", ()),
    (170, Kind.WITHDRAWN, "link", "nl", ()),
    (215, Kind.GIVEN, "banner", "en", OPTIONAL),
)


def init_app(app: Flask) -> None:
    """Give an app the command."""
    app.cli.command("seed")(seed)


def seed() -> None:
    """Put sample consent events into the log, once."""
    log = event_model(db).__table__
    with db.engine.begin() as connection:
        if connection.scalar(sa.select(sa.func.count()).select_from(log).where(log.c.scope == SAMPLE)):
            click.echo("The sample events are there already.")
            return
        key = log_key(current_app.config.get("COOKIECONSENT_SECRET_KEY") or current_app.config["SECRET_KEY"])
        for event in sample_events(datetime.now(UTC), current_app.config["COOKIECONSENT_POLICY_VERSION"]):
            insert(connection, db, replace(event, mac=mac_of(asdict(event), key)))
    click.echo(f"{len(STEPS)} sample events are in the log.")


def sample_events(now: datetime, policy_version: str) -> Iterator[Event]:
    """Make the events as if they had happened in the days before a moment."""
    for hours, kind, method, locale, granted in STEPS:
        time = truncated(now - timedelta(hours=hours), kind)
        yield Event(
            id=new_id(time),
            time=time,
            kind=kind.value,
            method=method,
            choices={each: "granted" if each in granted else "refused" for each in OPTIONAL},
            gpc=False,
            receipt=None,
            previous=None,
            notice=SAMPLE,
            locale=locale,
            policy_version=policy_version,
            scope=SAMPLE,
        )
