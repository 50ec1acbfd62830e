"""Retention and erasure: delete the events of old days in small transactions, or one bearer's at once (F6, F7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from functools import partial
from itertools import islice

import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind

from .events import Event, EventFactory, Keys, is_id
from .insertion import insert_event
from .rows import BATCH, bearers_events, days_before, has_event, readable
from .seals import PURGE_BEGUN, PURGED, SEAL, erased_ids, is_note_genuine, locked_seal, note_erased, update_note
from .spool import Spool
from .tables import LogTable, Tables

_COLUMNS = {True: "refusals_purged", False: "others_purged"}


def purge(tables: Tables, keys: Keys, *, grants_before: date, refusals_before: date, again: bool = False) -> int:
    """Delete the events of sealed days before two days in UTC, and return how many; needs an app context.

    *grants_before* is for everything but refusals. A day whose events may go is noted on its seal before and after, so
    that `verify` misses nothing, and a purge that was killed goes on where it was. *again* looks at the days that were
    purged before, too, and for erased records: a restored backup has brought them back.
    """
    total = 0
    for refused, before in ((True, refusals_before), (False, grants_before)):
        for day in _days_to_purge(tables, _COLUMNS[refused], before, again=again):
            _note(tables, keys, day, _COLUMNS[refused], PURGE_BEGUN)
            total += _delete(tables, _ids_of(tables, day, refused=refused))
            _note(tables, keys, day, _COLUMNS[refused], PURGED)
    return total + (_delete(tables, _ids_that_were_erased(tables, keys)) if again else 0)


def _days_to_purge(tables: Tables, column: str, before: date, *, again: bool) -> list[date]:
    return days_before(tables.seals, "day", before, sa.true() if again else tables.seals.c[column] != PURGED)


def _note(tables: Tables, keys: Keys, day: date, column: str, state: str) -> None:
    def write(connection: sa.Connection) -> None:
        seal = locked_seal(connection, tables.seals, day)
        if seal is not None:
            update_note(connection, tables.seals, keys, seal, **{column: state})

    tables.seals.transact(write)


def _ids_of(tables: Tables, day: date, *, refused: bool) -> Iterator[str]:
    """Yield the ids of the refusals, or of the other events, of a day; 16 bytes of each are in memory at once."""
    events = tables.events
    is_refusal = events.c.kind == Kind.REFUSED.value
    query = sa.select(events.c.id).where(events.c.recorded_on == day, is_refusal if refused else ~is_refusal)
    ids, others = bytearray(), []
    with events.connect() as connection:
        for id in connection.execute(query.execution_options(yield_per=BATCH)).scalars():
            if is_id(id):
                ids += bytes.fromhex(id)
            else:  # none of ours
                others.append(id)
    yield from (ids[start : start + 16].hex() for start in range(0, len(ids), 16))
    yield from others


def _ids_that_were_erased(tables: Tables, keys: Keys) -> Iterator[str]:
    seals = tables.seals
    for _, seal in readable(seals, "day", SEAL, within=seals.c.erased != b""):
        if seal is not None and is_note_genuine(seal, keys):
            yield from erased_ids(seal)


def _delete(tables: Tables, ids: Iterable[str]) -> int:
    # Few enough at once that nobody who writes has to wait.
    return sum(tables.events.transact(partial(_delete_some, tables, some)) for some in _batches(ids))


def _delete_some(tables: Tables, ids: list[str], connection: sa.Connection) -> int:
    return connection.execute(sa.delete(tables.events.table).where(tables.events.c.id.in_(ids))).rowcount


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, BATCH)):
        yield some


def erase(
    tables: Tables, spool: Spool, factory: EventFactory, receipt: str, tombstone: Event, recorded_on: date
) -> int:
    """Delete every event of a receipt's bearer, insert a tombstone, and return how many there were.

    *receipt* is a digest. What waits on this disk is deleted too. The tombstone says that a record was erased on a day,
    and nothing of whose or what it was. Needs an app context.
    """
    receipts = _bearers_receipts(tables.events, spool, receipt)
    waiting = partial(spool.entries, again=True, receipts=receipts, waits=True)
    of_bearer = [event for _, event in waiting() if event.receipt in receipts]
    for event in of_bearer:
        _settle(tables, factory, event, recorded_on)
    rowless = {event.id for event in of_bearer if not has_event(tables.events, event.id)}

    def take(*, is_rowless: bool) -> None:
        for path, event in waiting():
            if event.receipt in receipts and (event.id in rowless) is is_rowless:
                spool.take(path)

    def take_out(connection: sa.Connection) -> int:
        found = bearers_events(connection, tables.events, receipts)
        for some in _batches(found):
            _delete_some(tables, some, connection)
        note_erased(connection, tables.seals, factory.keys, found.values())
        if count := len(found) + len(rowless):
            insert_event(connection, tables, factory, tombstone, day=recorded_on, notice="")
        return count

    # Whatever ends this half-way, what is left still tells whose it is, and is found by the next erasure: each file has
    # a row now, and goes before it. One that no row can hold may be all that links the rows, and goes after them.
    if of_bearer:
        take(is_rowless=False)
    count = tables.events.transact(take_out)
    if rowless:
        take(is_rowless=True)
    return count


def _settle(tables: Tables, factory: EventFactory, event: Event, recorded_on: date) -> None:
    """Write an event that waits, which is deleted next, so that the row tells whose it is once its file is gone.

    A transaction that holds its id is over then; one whose COMMIT is stuck behind a connection that stalled would end
    after the erasure otherwise.
    """

    def write(connection: sa.Connection) -> None:
        insert_event(connection, tables, factory, event, day=recorded_on, notice="")

    with suppress(sa.exc.IntegrityError, sa.exc.DataError):  # it is there, or no row can hold it
        tables.events.transact(write)


def _bearers_receipts(events: LogTable, spool: Spool, receipt: str) -> set[str]:
    """Return the digests of all receipts of a bearer: that one and those before it, in the database and on the disk."""
    receipts, before = {receipt}, set[str]()
    while receipts != before:
        before = set(receipts)
        with events.connect() as connection:
            linked = {row["previous_receipt"] for row in bearers_events(connection, events, receipts).values()}
        waiting = spool.entries(again=True, receipts=receipts, waits=True)
        linked |= {event.previous_receipt for _, event in waiting if event.receipt in receipts}
        receipts |= {each for each in linked if each}
    return receipts
