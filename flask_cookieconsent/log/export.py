"""Write the events of the log as JSON lines or CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .events import Event, event_of
from .models import engine_of, event_model
from .spreadsheet import csv_line


def export(
    db: SQLAlchemy, form: str, *, since: datetime | None = None, until: datetime | None = None, kind: str | None = None
) -> Iterator[str]:
    """Yield the events of some days, both included, as lines of `jsonl` or `csv`, oldest first; needs an app context.

    However many there are, few are in memory at once.
    """
    if form == "csv":
        yield csv_line(Event.__dataclass_fields__)
    for event in _events(db, since, until, kind):
        values = asdict(event) | {"time": event.time.isoformat() + "Z"}
        if form == "csv":
            yield csv_line(values[name] for name in Event.__dataclass_fields__)
        else:
            yield json.dumps(values, sort_keys=True)


def _events(db: SQLAlchemy, since: datetime | None, until: datetime | None, kind: str | None) -> Iterator[Event]:
    model = event_model(db)
    table = model.__table__
    query = sa.select(table).order_by(table.c.id)
    if since is not None:
        query = query.where(table.c.time >= since)
    if until is not None:
        query = query.where(table.c.time < until + timedelta(days=1))
    if kind is not None:
        query = query.where(table.c.kind == kind)
    with engine_of(db, model).connect() as connection:
        for row in connection.execute(query.execution_options(yield_per=1_000)).mappings():
            yield event_of(row)
