"""What the owner takes out of the log: the events themselves, line by line, and how many there are of what."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .events import Event, event_of
from .models import count_model, engine_of, event_model

#: Fewer than this are not told apart: few choices may be those of somebody.
SMALLEST_GROUP = 5

# A cell that begins with one of these is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(
    db: SQLAlchemy, form: str, *, since: datetime | None = None, until: datetime | None = None, kind: str | None = None
) -> Iterator[str]:
    """Yield the events of some days, both included, as lines of `jsonl` or `csv`, oldest first; needs an app context.

    However many there are, few are in memory at once.
    """
    if form == "csv":
        yield _csv(list(Event.__dataclass_fields__))
    for event in _events(db, since, until, kind):
        values = asdict(event) | {"time": event.time.isoformat() + "Z"}
        if form == "csv":
            yield _csv([_plain(values[name]) for name in Event.__dataclass_fields__])
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


def _plain(value: Any) -> str:
    text = json.dumps(value, sort_keys=True) if isinstance(value, dict) else "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def _csv(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """How many events some days had, by kind, method and language, and how often each service was allowed.

    `services` maps an id to the numbers of times it was granted and answered. Events that retention has taken count
    by kind, method and language still.
    """

    kinds: Counter[str]
    methods: Counter[str]
    locales: Counter[str]
    with_signal: int
    services: dict[str, tuple[int, int]]


def statistics(db: SQLAlchemy, since: date, until: date) -> Statistics:
    """Count the events of some days, both included; needs an app context."""
    model, counts = event_model(db), count_model(db)
    table, old = model.__table__, counts.__table__
    start, end = datetime.combine(since, time()), datetime.combine(until, time()) + timedelta(days=1)
    within = sa.and_(table.c.time >= start, table.c.time < end)
    by: dict[str, Counter[str]] = {name: Counter() for name in ("kind", "method", "locale")}
    services: dict[str, tuple[int, int]] = {}
    with engine_of(db, model).connect() as connection:
        for name, counter in by.items():
            column = table.c[name]
            for value, count in connection.execute(sa.select(column, sa.func.count()).where(within).group_by(column)):
                counter[value] += count
        signal = connection.scalar(sa.select(sa.func.count()).where(within, table.c.gpc.is_(True))) or 0
        answers = sa.select(table.c.choices).where(within).execution_options(yield_per=1_000)
        for choices in connection.scalars(answers):
            for id, answer in choices.items():
                granted, answered = services.get(id, (0, 0))
                services[id] = (granted + (answer == "granted"), answered + (answer != "undecided"))
    with engine_of(db, counts).connect() as connection:
        days = sa.and_(old.c.day >= since, old.c.day <= until)
        for row in connection.execute(sa.select(old).where(days)).mappings():
            for name, counter in by.items():
                counter[row[name]] += row["count"]
    return Statistics(
        kinds=by["kind"], methods=by["method"], locales=by["locale"], with_signal=signal, services=services
    )


def told(count: int) -> str:
    """Write a count, a small one only as small."""
    return str(count) if count == 0 or count >= SMALLEST_GROUP else f"fewer than {SMALLEST_GROUP}"
