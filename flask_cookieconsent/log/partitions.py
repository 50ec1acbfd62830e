"""Monthly partitions of the table of events on PostgreSQL (declarative partitioning by range), as SQL to be run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

#: The column that says which month an event belongs to. PostgreSQL wants it in the primary key, so it has to stay: an
#: event that is written a second time, on whichever day, has the same `time` and is refused. It would have another
#: `recorded_on`, and be there twice.
COLUMN = "time"

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def statements(events: sa.Table, today: date, months: int, *, existing: bool) -> Iterator[str]:
    """Yield the statements that make so many partitions, from the month after *today* on, and one for all the rest.

    With *existing* they first turn the table that is there into a partitioned one, without copying a row: it becomes
    the partition of all that was before. Partitions that are there stay, so the statements can be run every month.
    """
    yield "BEGIN;"
    if existing:
        yield from _converted(events, _month(today, 1))
    for number in range(1, months + 1):
        first = _month(today, number)
        name, bounds = _name(events, f"{first:%Y_%m}"), f"FROM ('{first}') TO ('{_month(first, 1)}')"
        yield f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {_name(events)}\n    FOR VALUES {bounds};"
    yield f"CREATE TABLE IF NOT EXISTS {_name(events, 'rest')} PARTITION OF {_name(events)} DEFAULT;"
    yield "COMMIT;"


def _converted(events: sa.Table, until: date) -> Iterator[str]:
    table, before, key = _name(events), _name(events, "before"), ", ".join(events.primary_key.columns.keys())
    yield f"ALTER TABLE {table} RENAME TO {_quoted(f'{events.name}_before')};"
    yield f"ALTER TABLE {before} DROP CONSTRAINT {_quoted(str(events.primary_key.name or f'{events.name}_pkey'))};"
    for index in _indexes(events):
        schema = f"{_quoted(events.schema)}." if events.schema else ""
        yield f"ALTER INDEX {schema}{_quoted(str(index.name))} RENAME TO {_quoted(f'{index.name}_before')};"
    yield (
        f"CREATE TABLE {table} (LIKE {before} INCLUDING DEFAULTS, PRIMARY KEY ({key}, {COLUMN}))\n"
        f"    PARTITION BY RANGE ({COLUMN});"
    )
    for index in _indexes(events):
        yield _sql(sa.schema.CreateIndex(index))
    yield f"ALTER TABLE {table} ATTACH PARTITION {before}\n    FOR VALUES FROM (MINVALUE) TO ('{until}');"


def _indexes(table: sa.Table) -> list[sa.Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _sql(statement: sa.schema.ExecutableDDLElement) -> str:
    lines = str(statement.compile(dialect=_DIALECT)).strip().replace("\t", "    ").splitlines()
    return "\n".join(line.rstrip() for line in lines) + ";"


def _quoted(name: str) -> str:
    return str(_DIALECT.identifier_preparer.quote(name))


def _name(events: sa.Table, part: str = "") -> str:
    name = _quoted(f"{events.name}_{part}" if part else events.name)
    return f"{_quoted(events.schema)}.{name}" if events.schema else name


def _month(day: date, later: int) -> date:
    """Return the first day of the month of a day, or of a later one."""
    years, month = divmod(day.month - 1 + later, 12)
    return date(day.year + years, month + 1, 1)
