"""Synthetic consent events: a year of a busy site, written in bulk, always the same for the same numbers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice, digest
from flask_cookieconsent.log.events import COLUMNS, Event, EventFactory, new_id, truncated
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.rows import keep_notice
from flask_cookieconsent.log.tables import Tables
from flask_cookieconsent.state import get_state

from .sites import Site

#: What all of them answer; it is in no language, so that no page lists it.
NOTICE = Notice(digest=digest("{}"), locale="", policy_version="1", snapshot="{}", html="")

_LOCALES = ("en", "en", "nl", "fr", "de")
_METHODS = ("banner", "banner", "banner", "preferences", "embed")


def events(factory: EventFactory, services: tuple[str, ...], count: int, first: date, days: int) -> Iterator[Event]:
    """Yield events that are spread over some days, signed like real ones, always the same for the same numbers."""
    chance = random.Random(1)
    for number in range(count):
        day = datetime.combine(first, time(), UTC) + timedelta(days=number * days // count)
        kind = chance.choices((Kind.GIVEN, Kind.REFUSED, Kind.CHANGED, Kind.WITHDRAWN), (45, 45, 7, 3))[0]
        moment = truncated(day + timedelta(minutes=chance.randrange(1_440)), kind)
        likely = {Kind.GIVEN: 0.8, Kind.CHANGED: 0.5}.get(kind, 0)
        every = kind is Kind.GIVEN and chance.random() < 0.7
        answers = {id: "granted" if every or chance.random() < likely else "refused" for id in services}
        yield factory.signed(
            Event(
                id=new_id(moment),
                recorded_on=moment.date(),
                time=moment,
                kind=kind,
                method=chance.choice(_METHODS),
                choices=answers,
                gpc=chance.random() < 0.1,
                receipt=None if kind is Kind.REFUSED else f"{chance.getrandbits(256):064x}",
                previous_receipt=None,
                notice=NOTICE.digest,
                locale=chance.choice(_LOCALES),
                policy_version=factory.policy_version,
                scope=factory.scope,
            )
        )


def fill(site: Site, count: int, first: date, days: int) -> None:
    """Write synthetic events into the log of a site."""
    services = get_state(site.app).registry.optional
    table = event_model(site.db).__table__
    rows = (event.row for event in events(site.factory, services, count, first, days))
    with site.app.app_context():
        keep_notice(Tables.of(site.db).notices, NOTICE, first, site.factory.keys)
        with site.db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                _copy(connection, table, rows)
                connection.execute(sa.text(f"ANALYZE {table.name}"))
                connection.commit()
                return
            while batch := list(islice(rows, 5_000)):
                connection.execute(sa.insert(table), batch)
                connection.commit()


def _copy(connection: sa.Connection, table: sa.Table, rows: Iterator[dict[str, Any]]) -> None:
    """Write rows by `COPY`, which takes several times as many in a second as `INSERT`."""
    driver: Any = connection.connection.dbapi_connection
    names = ", ".join(COLUMNS)  # a model of the app's own may have others, in another order
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([json.dumps(value) if isinstance(value, dict) else value for value in row.values()])
    connection.commit()
