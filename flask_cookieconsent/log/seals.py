"""Seals of finished days: an HMAC hash chain over counts and multiset hashes, with notes of what was taken (F4)."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.errors import SetupError

from .daily_counts import UNWRITTEN, DailyCounts, counts_hash
from .events import COLUMNS, Keys, is_id
from .rows import BATCH, Row, days_before, newest_day, next_day, readable
from .sealed import SEALED, key_of, newest_seal, sealed_until
from .statistics import MOST_DAYS, Tally
from .tables import LogTable, Tables

_ID_BYTES = 16
_NOTED = ("day", "refusals_purged", "others_purged", "erased", "erased_hash")
#: The columns of a seal.
SEAL = (*SEALED, "mac", *_NOTED[1:], "note_mac")

#: How far `purge` has come with the refusals, or the others, of a day.
NOT_PURGED, PURGE_BEGUN, PURGED = "no", "begun", "done"

_MODULUS = 1 << 256


@dataclass(frozen=True)
class Multiset:
    """The number of some events, and a hash of their MACs that does not depend on their order.

    Each MAC is hashed under a key, and the hashes are added modulo 2^256 (MSet-Add-Hash in Clarke, Devadas, van Dijk,
    Gassend and Suh, "Incremental Multiset Hash Functions", ASIACRYPT 2003): so rows are read one at a time, and what is
    taken from a day can be taken from its hash, though nobody remembers what else was in it.
    """

    count: int = 0
    hash: int = 0

    @classmethod
    def of(cls, macs: Iterable[str], key: bytes) -> Multiset:
        """Return the multiset of some MACs under the key of their seal."""
        count = total = 0
        for mac in macs:
            count += 1
            total += _term(mac, key)
        return cls(count, total % _MODULUS)

    @classmethod
    def read(cls, count: int, text: str) -> Multiset:
        """Return the multiset that a seal or its note holds; the text is hexadecimal.

        :raises ValueError: if it is not.
        """
        return cls(count, int(text, 16))

    @property
    def text(self) -> str:
        """The hash as 64 hexadecimal digits."""
        return f"{self.hash:064x}"

    def __add__(self, other: Multiset) -> Multiset:
        """Return the multiset of the events of both."""
        return Multiset(self.count + other.count, (self.hash + other.hash) % _MODULUS)


def _term(mac: str, key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(mac.encode("utf-8", "surrogatepass"), key=key[:64], digest_size=32).digest())


class DayHash:
    """The multisets of the refusals and of the other events of one day, for rows that come one at a time."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._counts, self._hashes = [0, 0], [0, 0]

    @classmethod
    def of(cls, rows: Iterable[tuple[object, object]], key: bytes) -> DayHash:
        """Return the multisets of some kinds and MACs."""
        found = cls(key)
        for kind, mac in rows:
            found.add(kind, mac)
        return found

    def add(self, kind: object, mac: object) -> None:
        """Add a row, whatever somebody has written into it."""
        part = kind == Kind.REFUSED.value
        self._counts[part] += 1
        self._hashes[part] += _term(str(mac), self._key)

    @property
    def refusals(self) -> Multiset:
        """The refusals so far."""
        return Multiset(self._counts[True], self._hashes[True] % _MODULUS)

    @property
    def others(self) -> Multiset:
        """All other events so far."""
        return Multiset(self._counts[False], self._hashes[False] % _MODULUS)


def seal(tables: Tables, counts: DailyCounts, keys: Keys, today: date) -> list[date]:
    """Seal and count every finished day that has no seal yet, and return those days, oldest first.

    A day is finished when the next one is over too, so that servers need not agree about the moment in which it ends.
    A day on which nothing was recorded gets no seal. Rows that go before they are sealed are not missed by `verify`.
    Needs an app context.

    :raises SetupError: if there are seals, and none of the newest is ours.
    """
    sealed: list[date] = []
    # Asked first: another server may make the first seal of all between the two.
    has_seals = newest_day(tables.seals, "day") is not None
    before = newest_seal(tables.seals, keys)
    if before is None and has_seals:
        raise SetupError(
            "no key of this site has signed the newest seals, and a second chain would hide what became of the first; "
            "wanted the old key in SECRET_KEY_FALLBACKS, or the seals that `flask cookieconsent verify` names taken out"
        )
    for day in days_to_seal(tables, keys, today):
        found = _hash_of_day(tables.events, day, keys.newest_first[0])
        tallies = list(counts.tallies(day, day))
        write = partial(_insert_seal, tables, counts, keys, found, tallies, before, day)
        try:
            before = tables.seals.transact(write)
        except sa.exc.IntegrityError:
            if day not in days_before(tables.seals, "day", day + timedelta(days=1), tables.seals.c.day == day):
                raise
            break  # another server seals the same days
        sealed.append(day)
    return sealed


def _insert_seal(
    tables: Tables,
    counts: DailyCounts,
    keys: Keys,
    found: DayHash,
    tallies: Iterable[tuple[date, str, Tally]],
    before: Row | None,
    day: date,
    connection: sa.Connection,
) -> Row:
    counts.keep(connection, day, tallies)
    values = _signed(day, found, counts_hash(connection, tables.counts, day), before, keys)
    connection.execute(sa.insert(tables.seals.table), values)
    return values


def _signed(day: date, found: DayHash, counts_hash: str, before: Row | None, keys: Keys) -> dict[str, Any]:
    seal = {
        "day": day,
        "refusals": found.refusals.count,
        "refusals_hash": found.refusals.text,
        "others": found.others.count,
        "others_hash": found.others.text,
        "counts_hash": counts_hash,
        "previous": str(before["mac"]) if before else "",
    }
    note = {"refusals_purged": NOT_PURGED, "others_purged": NOT_PURGED, "erased": b"", "erased_hash": Multiset().text}
    return seal | {"mac": keys.mac(seal)} | noted({"day": day} | note, keys)


def _hash_of_day(events: LogTable, day: date, key: bytes) -> DayHash:
    try:
        return DayHash.of(_kinds_and_macs(events, day), key)
    except Exception:  # whatever the driver makes of what somebody has written; a database that is away raises again
        rows = readable(events, "id", COLUMNS, within=events.c.recorded_on == day)
        return DayHash.of(((row["kind"], row["mac"]) for _, row in rows if row is not None), key)


def _kinds_and_macs(events: LogTable, day: date) -> Iterator[tuple[Any, Any]]:
    # As text: SQLite keeps whatever somebody has written, and no such row shall stop the seals of the others.
    columns = (sa.cast(events.c[name], sa.Text) for name in ("kind", "mac"))
    query = sa.select(*columns).where(events.c.recorded_on == day)
    with events.connect() as connection:
        for row in connection.execute(query.execution_options(yield_per=BATCH)):
            yield row[0], row[1]


def days_to_seal(tables: Tables, keys: Keys, today: date) -> Iterator[date]:
    """Yield the finished days on which something was recorded, and without a seal, oldest first; needs an app context.

    A day on which somebody else has put a seal in is passed over: `verify` names it.
    """
    last, after = today - timedelta(days=2), sealed_until(tables.seals, keys)
    taken = set(days_before(tables.seals, "day", last + timedelta(days=1), _after(tables.seals.c.day, after)))
    counted = tables.counts
    unwritten = sa.and_(counted.c.source == UNWRITTEN, _after(counted.c.day, after))
    days = heapq.merge(
        _recorded_days(tables.events, after, last), days_before(counted, "day", last + timedelta(days=1), unwritten)
    )
    yield from (day for day, _ in groupby(days) if day not in taken)


def count_days_to_seal(tables: Tables, keys: Keys, today: date) -> int:
    """Return how many finished days have no seal, `MOST_DAYS` for so many and more; needs an app context."""
    return sum(1 for _ in islice(days_to_seal(tables, keys, today), MOST_DAYS))


def _after(column: sa.ColumnElement[Any], day: date | None) -> sa.ColumnElement[bool]:
    return sa.true() if day is None else column > day


def _recorded_days(events: LogTable, after: date | None, last: date) -> Iterator[date]:
    day = next_day(events, "recorded_on", after)
    while day is not None and day <= last:
        yield day
        day = next_day(events, "recorded_on", day)


def is_note_genuine(seal: Row, keys: Keys) -> bool:
    """Tell whether the note of what was taken from a day is as it was written; never raises."""
    return isinstance(seal["erased"], bytes) and keys.is_genuine(_signable(seal) | {"mac": seal["note_mac"]})


def noted(note: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    """Return the values of a note with the HMAC over them."""
    return {**note, "note_mac": keys.mac(_signable(note))}


def _signable(note: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: note[name].hex() if isinstance(note[name], bytes) else note[name] for name in _NOTED}


def erased_ids(seal: Row) -> list[str]:
    """Return the ids of the events of a day that their bearers have erased."""
    ids = bytes(seal["erased"])
    return [ids[start : start + _ID_BYTES].hex() for start in range(0, len(ids), _ID_BYTES)]


def locked_seal(connection: sa.Connection, seals: LogTable, day: date) -> Row | None:
    """Return the seal of a day, None for none that can be read; nobody else changes it before the transaction ends."""
    # SQLite has let nobody else write since the caller wrote; servers lock here.
    query = sa.select(*(seals.c[name] for name in SEAL)).where(seals.c.day == day).with_for_update()
    try:
        return connection.execute(query).mappings().first()
    except (TypeError, ValueError):  # whatever somebody has written there, which `verify` names
        return None


def note_erased(connection: sa.Connection, seals: LogTable, keys: Keys, rows: Iterable[Row]) -> None:
    """Write on the seals of their days that these events are being deleted on the same connection."""
    days: dict[date, list[Row]] = {}
    for row in rows:
        if row["recorded_on"] is not None and is_id(row["id"]):  # else somebody else has put it in
            days.setdefault(row["recorded_on"], []).append(row)
    # In the order of days, so that no two who erase wait for each other.
    for day in sorted(days):
        seal = locked_seal(connection, seals, day)
        key = None if seal is None else key_of(seal, keys)
        # `verify` names a seal that is not ours, and a note that is not.
        if seal is None or key is None or not is_note_genuine(seal, keys):
            continue
        erased = erased_ids(seal)
        total = Multiset.read(len(erased), seal["erased_hash"]) + Multiset.of((row["mac"] for row in days[day]), key)
        ids = bytes(seal["erased"]) + b"".join(bytes.fromhex(row["id"]) for row in days[day])
        update_note(connection, seals, keys, seal, erased=ids, erased_hash=total.text)


def update_note(connection: sa.Connection, seals: LogTable, keys: Keys, seal: Row, **values: Any) -> None:
    """Change values of the note of a seal, and sign it; a note that is not genuine stays so."""
    note = {name: seal[name] for name in _NOTED} | values
    if is_note_genuine(seal, keys):
        connection.execute(sa.update(seals.table).where(seals.c.day == seal["day"]).values(**noted(note, keys)))
