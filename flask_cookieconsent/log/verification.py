"""Verification of the log: finds rows that were edited, taken away or put in, and says how much was looked at (F4).

What it costs is bounded: days without a seal, those that are new since the last time, and older ones in their turn.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.notices import Notice, digest
from flask_cookieconsent.core.scopes import SAMPLE

from .daily_counts import VERIFIED, count_texts, hash_of_macs, is_genuine_count
from .events import COLUMNS, Keys
from .rows import Row, as_day, is_before_days, next_day, readable
from .sealed import key_of
from .seals import NOT_PURGED, PURGED, SEAL, DayHash, Multiset, erased_ids, is_note_genuine
from .spool import Spool
from .statistics import Verified
from .tables import Tables
from .verified import keep_verified, last_verified

#: Rows of events that are checked at most, unless the whole log is asked for.
MOST_ROWS = 100_000

#: Days before the last verification that are checked again: they had no seal then.
_AGAIN = 3

#: Of a day that has more rows than may be checked, one in so many is: their ids end in random hexadecimal digits.
_SAMPLES = (16, 256, 4_096, 65_536)

# The columns that are signed.
_NOTICE = (*Notice.__dataclass_fields__, "first_used", "sequence")
# What events name instead of a notice: none is known, or nobody was shown one.
_NO_NOTICE = {"", SAMPLE}
_BY_SOMEBODY = "changed, or put in by somebody without the key"


@dataclass
class Checked:
    """How much was looked at: events, of them in samples, days whose seal was compared, all seals, notices, counts."""

    events: int = 0
    sampled: int = 0
    days: int = 0
    seals: int = 0
    notices: int = 0
    counts: int = 0
    mistakes: int = 0
    oldest: date | None = None
    newest: date | None = None

    def __str__(self) -> str:
        """Say in one line what was looked at."""
        days = f"{self.days} days against their seals" + (f" ({self.oldest} to {self.newest})" if self.days else "")
        sample = f" ({self.sampled} of them in samples)" if self.sampled else ""
        rest = f"{self.seals} seals, {self.notices} notices, {self.counts} rows of counts"
        return f"Checked: {self.events} events{sample}, {days}, {rest}."


@dataclass
class Verification:
    """One verification of a log: iterate over it for a sentence about each mistake; `checked` says what was looked at.

    *scope* is the name of the site in the log, *others* those of sites that share the log with it. *heads* are MACs of
    seals that were kept elsewhere. At its end its outcome is kept in the log. Needs an app context.
    """

    tables: Tables
    keys: Keys
    spool: Spool
    scope: str
    today: date
    others: Collection[str] = ()
    heads: Collection[str] = ()
    whole: bool = False
    most_rows: int = MOST_ROWS
    last: Verified | None = None
    checked: Checked = field(default_factory=Checked)
    #: The day up to which the older days have had their turn; the next verification goes on after it.
    reached: date | None = None
    _seals: dict[date, Row] = field(default_factory=dict)
    _counts: dict[date, list[str]] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[str]:
        """Yield a sentence for everything that is not as it was written, or not there any more."""
        self.last = last_verified(self.tables, self.keys, self.scope, self.today)
        for mistake in self._mistakes():
            self.checked.mistakes += 1
            yield mistake
        reached = self.reached or (self.last.reached if self.last else None)
        outcome = Verified(
            made_on=self.today, events=self.checked.events, mistakes=self.checked.mistakes, reached=reached
        )
        keep_verified(self.tables, self.keys, self.scope, outcome)

    def _mistakes(self) -> Iterator[str]:
        kept: set[str] = set()
        yield from self._wrong_notices(kept)
        yield from self._wrong_counts()
        yield from self._wrong_seals()
        yield from self._wrong_events() if self.whole else self._wrong_days()
        for missing in sorted(self._named - kept - _NO_NOTICE):
            yield f"notice {missing}: taken away, though events name it"
        if count := self.spool.put_aside:
            yield f"spool {self.spool.folder}: {count} events put aside, which are not in the log; see its log lines"

    # -- notices, counts, seals ----------------------------------------------------------------------------------------

    def _wrong_notices(self, kept: set[str]) -> Iterator[str]:
        for key, row in readable(self.tables.notices, "digest", (*_NOTICE, "mac")):
            kept.add(key)
            self.checked.notices += 1
            if row is not None and digest(str(row["snapshot"])) != key:
                yield f"notice {key}: changed, its text is another one's"
            elif row is None or not self.keys.is_genuine(row):
                yield f"notice {key}: {_BY_SOMEBODY}"

    def _wrong_counts(self) -> Iterator[str]:
        counts = self.tables.counts
        with counts.connect() as connection:
            for row in connection.execute(count_texts(counts).order_by(counts.c.day)).mappings():
                self.checked.counts += 1
                if not is_genuine_count(row, self.keys):
                    yield f"counts of {row['day']} ({row['source']}): {_BY_SOMEBODY}"
                day = as_day(row["day"])
                if day is not None and row["source"] != VERIFIED:
                    self._counts.setdefault(day, []).append(str(row["mac"]))

    def _wrong_seals(self) -> Iterator[str]:
        previous, missing = "", set(self.heads)
        for text, seal in readable(self.tables.seals, "day", SEAL):
            day = as_day(text)
            if seal is None or day is None:
                yield f"seal of {text}: {_BY_SOMEBODY}"
                previous = ""
                continue
            self.checked.seals += 1
            if seal["previous"] != previous:
                yield f"seal of {day}: changed, or the seal before it is gone"
            previous = seal["mac"]
            missing.discard(previous)
            if key_of(seal, self.keys) is None:
                yield f"seal of {day}: {_BY_SOMEBODY}"
                continue
            if not is_note_genuine(seal, self.keys):
                yield f"seal of {day}: the note of what was taken since was changed"
                continue
            self._seals[day] = seal
            if hash_of_macs(self._counts.get(day, ())) != seal["counts_hash"]:
                yield f"counts of {day}: not those that were sealed"
        for head in sorted(missing):
            yield f"head {head}: the seal that it is of is gone, and maybe others after it"

    # -- events --------------------------------------------------------------------------------------------------------

    def _wrong_events(self) -> Iterator[str]:
        """Check every row, in the order of ids, with one hash for each day in memory."""
        days: dict[Any, DayHash] = {}
        for id, row in readable(self.tables.events, "id", COLUMNS):
            yield from self._wrong_event(id, row)
            if row is not None:
                day = row["recorded_on"]
                if day not in days:
                    days[day] = self._hash_for(day)
                days[day].add(row["kind"], row["mac"])
        for day in self._seals:
            yield from self._wrong_day(day, days.get(day, DayHash(b"")))
            self.reached = day

    def _wrong_days(self) -> Iterator[str]:
        """Check the days without a seal and those that are new since the last time, then older ones in their turn."""
        # However much is new, older days have a part of their own.
        part = self.most_rows // 4
        left = self.most_rows - part
        since = self.last.made_on if self.last else self.today
        new = [day for day in reversed(self._seals) if (since - day).days <= _AGAIN]
        for id, row in readable(
            self.tables.events, "id", COLUMNS, within=is_before_days(self.tables.events, "recorded_on")
        ):
            yield from self._wrong_event(id, row)
        for day, expected in [*self._unsealed_days(), *((day, _expected(self._seals[day])) for day in new)]:
            # No day takes the turn of all others, however busy it was.
            left -= yield from self._wrong_on(day, expected, min(left, part))
        left = max(left, 0) + part
        older = [day for day in reversed(self._seals) if (since - day).days > _AGAIN]
        # Anywhere where there is no mark: who takes it away every night shall not choose what is read.
        start = self.last.reached if self.last and self.last.reached else secrets.choice([date.max, *older])
        # Back in time: the day that has just become an old one shall not be the next one every night.
        for day in [day for day in older if day < start] + [day for day in older if day >= start]:
            expected = _expected(self._seals[day])
            if expected > left and self.reached is not None:
                return
            left -= yield from self._wrong_on(day, expected, left)
            self.reached = day

    def _wrong_on(self, day: date, expected: int, most: int) -> Generator[str, None, int]:
        """Check a day, or a sample of it where it has more rows than may be read, and return how many were read."""
        before = self.checked.events
        if expected > most:
            yield from self._wrong_in_sample(day, expected, most)
        else:
            found = self._hash_for(day)
            for id, row in readable(self.tables.events, "id", COLUMNS, within=self._recorded(day)):
                yield from self._wrong_event(id, row)
                if row is not None:
                    found.add(row["kind"], row["mac"])
            if day in self._seals:
                yield from self._wrong_day(day, found)
        return self.checked.events - before

    def _unsealed_days(self) -> Iterator[tuple[date, int]]:
        # Between days with a seal too: nothing was recorded there, unless somebody has put it in.
        events = self.tables.events
        day = next_day(events, "recorded_on", None)
        while day is not None:
            if day not in self._seals:
                with events.connect() as connection:
                    yield day, connection.scalar(sa.select(sa.func.count()).where(self._recorded(day))) or 0
            day = next_day(events, "recorded_on", day)

    def _wrong_in_sample(self, day: date, expected: int, most: int) -> Iterator[str]:
        part = next((part for part in _SAMPLES if expected // part <= most), 0)
        if not part:
            return
        digits = f"{secrets.randbelow(part):0{len(f'{part - 1:x}')}x}"
        within = sa.and_(self._recorded(day), self.tables.events.c.id.endswith(digits))
        for id, row in readable(self.tables.events, "id", COLUMNS, within=within):
            self.checked.sampled += 1
            yield from self._wrong_event(id, row)

    def _wrong_event(self, id: str, row: Row | None) -> Iterator[str]:
        self.checked.events += 1
        if row is None or not self.keys.is_genuine(row):
            yield f"event {id}: {_BY_SOMEBODY}"
            return
        self._named.add(row["notice"])
        if row["scope"] not in (self.scope, SAMPLE, *self.others):
            yield f"event {id}: of another site, {row['scope']!r}, with the same key"

    def _wrong_day(self, day: date, found: DayHash) -> Iterator[str]:
        """Compare what a day holds with its seal."""
        seal = self._seals[day]
        self.checked.days += 1
        self.checked.oldest = min(day, self.checked.oldest or day)
        self.checked.newest = max(day, self.checked.newest or day)
        refusals = Multiset.read(seal["refusals"], seal["refusals_hash"])
        yield from _difference(f"refusals of {day}", seal["refusals_purged"], refusals, found.refusals, Multiset())
        others = Multiset.read(seal["others"], seal["others_hash"])
        erased = Multiset.read(len(erased_ids(seal)), seal["erased_hash"])
        yield from _difference(f"events of {day}", seal["others_purged"], others, found.others, erased)

    def _hash_for(self, day: Any) -> DayHash:
        seal = self._seals.get(day)
        return DayHash((key_of(seal, self.keys) if seal else None) or self.keys.newest_first[0])

    def _recorded(self, day: date) -> sa.ColumnElement[bool]:
        return self.tables.events.c.recorded_on == day


def _expected(seal: Row) -> int:
    refusals = seal["refusals"] if seal["refusals_purged"] == NOT_PURGED else 0
    return int(refusals + (seal["others"] if seal["others_purged"] == NOT_PURGED else 0))


def _difference(what: str, purged: str, sealed: Multiset, found: Multiset, erased: Multiset) -> Iterator[str]:
    if purged == PURGED:
        if found.count:
            yield f"{what}: {found.count} are back that were purged; run `flask cookieconsent purge --again`"
    elif purged == NOT_PURGED and found + erased != sealed:
        more = found.count + erased.count - sealed.count
        if more > 0:
            yield f"{what}: {more} more than were sealed; put in, or back from a backup after they were erased"
        elif more < 0:
            yield f"{what}: {-more} taken away after the day was sealed"
        else:
            yield f"{what}: not those that were sealed"
