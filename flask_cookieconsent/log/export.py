"""Export the events of the log as JSON lines or CSV, streamed from the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind

from .events import COLUMNS, first_id
from .rows import Row
from .spreadsheet import csv_line
from .tables import LogTable

Format = Literal["jsonl", "csv"]


def export_rows(
    events: LogTable, *, since: datetime | None = None, until: datetime | None = None, kind: Kind | None = None
) -> Iterator[Row]:
    """Yield the events of some days, both included, oldest first, few of them in memory; needs an app context."""
    query = sa.select(*(events.c[name] for name in COLUMNS)).order_by(events.c.id)
    # Ids begin with the minute, so that the primary key finds a time.
    if since is not None:
        query = query.where(events.c.id >= first_id(since))
    if until is not None:
        query = query.where(events.c.id < first_id(until + timedelta(days=1)))
    if kind is not None:
        query = query.where(events.c.kind == kind.value)
    with events.connect() as connection:
        yield from connection.execute(query.execution_options(yield_per=1_000)).mappings()


def as_lines(rows: Iterator[Row], form: Format) -> Iterator[str]:
    """Yield rows of events as lines of JSON, or of CSV after a line with the names of the columns."""
    if form == "csv":
        yield csv_line(COLUMNS)
    for row in rows:
        values = dict(row) | {"recorded_on": row["recorded_on"].isoformat(), "time": row["time"].isoformat() + "Z"}
        yield csv_line(values.values()) if form == "csv" else json.dumps(values, sort_keys=True)
