"""The log in the app's own database, with a spool on disk while that is unavailable (transactional outbox).

This module imports SQLAlchemy, so it is imported only for an app that has a `db`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.csp import Violation
from flask_cookieconsent.core.notices import KeptNotice, Notice, Version
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.settings import Settings

from .daily_counts import DailyCounts
from .events import Event, EventDraft, EventFactory, SampleEvent, event_of, receipt_digest
from .export import Format, as_lines, export_rows
from .failures import explanation, hide_row
from .limits import Limits
from .models import Tables, create_tables
from .receipts import document, is_signed, signed
from .retention import erase, purge
from .rows import (
    bearers_rows,
    has_event,
    has_notice,
    insert_event,
    keep_notice,
    kept_notice,
    kept_versions,
    newest_events,
    newest_id,
)
from .samples import add_samples
from .seals import condition, seal, verify
from .shared_connection import AfterContext
from .spool import MOST_WAITING, Spool, Waiting
from .statistics import Report, Summary, rounded, whole_weeks
from .unwritten import Unwritten
from .violations import add_violations, violation_totals

logger = logging.getLogger("flask_cookieconsent.events")
_violations = logging.getLogger("flask_cookieconsent.violations")

# Another process may have left events on the disk.
_REPLAY_EVERY = timedelta(minutes=1)

# As many as a visitor's press can take along without being slow.
_BATCH = 100

#: Events of one receipt that its bearer is shown: more than anybody chooses by hand.
LONGEST_HISTORY = 200


class DatabaseLog:
    """The consent log of one app in its own database; what an interrupted database could not take waits in the spool.

    Every event has a short transaction of its own, after the notice that it names. The app's session is never used:
    committing it would commit the app's half-done work. Every method needs an app context.
    """

    def __init__(
        self, db: SQLAlchemy, spool: Spool, settings: Settings, registry: Registry, factory: EventFactory
    ) -> None:
        self._db, self._tables = db, Tables.of(db)
        self._spool, self._settings, self._registry, self._factory = spool, settings, registry, factory
        self._counts = DailyCounts(self._tables, registry.optional_by_category, factory.keys)
        self._limits = Limits.of(settings, factory.clock)
        self._unwritten = Unwritten(factory, registry.optional_by_category, self._counts.add_unwritten)
        #: Digests of notices that are known to be in the database.
        self._known_notices: set[str] = set()
        self._replayed_at: datetime | None = None
        self._after = AfterContext()

    # -- what pages ask ------------------------------------------------------------------------------------------------

    def record(self, draft: EventDraft) -> None:
        """Insert the event of a draft, or spool it while the database does not take it; replay what waits there (F5).

        :raises SpoolFullError: if the spool is full.
        :raises OSError: if neither the database nor the disk can keep the event.
        """
        self._keep(self._factory.event(draft), receipt_digest(draft.previous_receipt), draft.shown)
        self._limits.follow(draft.previous_receipt, draft.receipt)

    def record_refusal(self, draft: EventDraft, address: str | None) -> bool:
        """Insert the event of a draft that grants nothing new, or count it beyond the rate limit of this process."""
        if self._limits.is_repeated(draft.kind, draft.previous_receipt):
            return False
        if self._limits.has_room(draft.kind, draft.previous_receipt, address):
            self.record(draft)
            return True
        self._unwritten.add(draft, has_notice=draft.shown is not None or draft.notice in self._known_notices)
        return False

    def delay(self, receipt: str | None, address: str | None) -> int:
        """Count one more grant against the rate limits of this process, and return the seconds it has to wait."""
        return self._limits.delay(receipt, address)

    def receipt(self, receipt: str) -> tuple[Event, ...]:
        """Return the events of a receipt's bearer, newest first; none for an unknown receipt."""
        with self._tables.events.connect() as connection:
            rows = bearers_rows(connection, self._tables.events, receipt_digest(receipt), LONGEST_HISTORY)
        return tuple(event_of(row) for row in rows)

    def receipt_document(self, receipt: str | None, translate: Callable[[Any], str]) -> dict[str, Any]:
        """Return the events of a receipt's bearer as a signed document in JSON types."""
        events = self.receipt(receipt) if receipt else ()
        unsigned = document(events, self._registry, self._settings, translate)
        return signed(unsigned, self._factory.keys, self._factory.scope)

    def verify_receipt(self, text: str) -> bool:
        """Tell whether a text is a document that was signed with the keys of this site."""
        return is_signed(text, self._factory.keys, self._factory.scope)

    def erase(self, receipt: str) -> int:
        """Delete the events of a receipt's bearer, those in the spool too, and leave a tombstone (F7).

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable.
        """
        try:
            self.replay(MOST_WAITING)
            return erase(self._tables, self._factory, receipt_digest(receipt))
        except sa.exc.StatementError as error:
            error.hide_parameters = True  # no log shall say whose record it was, beside a time to the second
            raise

    def notices(self, locale: str | None = None) -> list[Version]:
        """Return what a list says of every kept notice, or of those in a locale, oldest first."""
        return kept_versions(self._tables.notices, locale)

    def versions(self, locale: str) -> list[Version]:
        """Return the same for the policy in a locale; an unavailable database is logged, and never raises."""
        try:
            return self.notices(locale)
        except Exception as error:  # the policy is shown all the same
            logger.error("cookie policy shown without its earlier versions: %s", explanation(error))
            return []

    def notice(self, digest: str) -> KeptNotice | None:
        """Return a kept notice, None for an unknown digest."""
        return kept_notice(self._tables.notices, digest)

    def report(self, since: date, until: date) -> Report:
        """Return the statistics of the weeks of some days, rounded, and the condition of the log."""
        state = condition(self._tables, self._factory.keys, self._factory.clock(), self._spool)
        weeks = whole_weeks(since, until, self._factory.clock().date())
        return Report(summary=rounded(self.summary(*weeks)), condition=state)

    def count_violations(self, violations: Iterable[Violation], address: str | None) -> None:
        """Count what browsers report as blocked; an unavailable database is logged, and never raises."""
        if not self._limits.may_report(address):
            return
        try:
            add_violations(self._tables.violations, self._factory.clock().date(), violations)
        except Exception as error:  # whatever the trouble of a database is
            _violations.warning("Content-Security-Policy violations could not be counted: %s", explanation(error))

    # -- what the owner asks -------------------------------------------------------------------------------------------

    def create_tables(self) -> None:
        """Create the tables of the log where they do not exist (idempotent)."""
        create_tables(self._db)

    def newest(self, count: int) -> list[Event]:
        """Return the newest events, newest first."""
        return newest_events(self._tables.events, count)

    def replay(self, most: int = 1_000) -> int:
        """Insert spooled events, each exactly once, oldest first, and return how many.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable; what waits goes on waiting.
        """
        count = 0
        for path, waiting in islice(self._spool.entries(), most):
            try:
                self._insert(waiting.event, waiting.previous_receipt, waiting.notice)
            except (sa.exc.IntegrityError, sa.exc.DataError) as error:
                # Another process wrote it too, or one was killed before it could remove the file.
                if not has_event(self._tables.events, waiting.event.id):
                    self._spool.quarantine(path, explanation(error))
                    continue
            self._spool.take(path)
            count += 1
        return count

    def seal(self) -> list[date]:
        """Seal and count the finished days, and return those that were sealed now."""
        days = seal(self._tables, self._factory.keys, self._factory.clock())
        self._unwritten.write(now=True)
        self._counts.count_days(self._factory.clock())
        return days

    def verify(self) -> Iterator[str]:
        """Yield a sentence for every row that is not as it was written, or not there any more."""
        return verify(self._tables, self._factory.keys)

    def purge(self) -> int:
        """Delete events older than the settings keep, after counting their days, and return how many (F6)."""
        now = self._factory.clock().astimezone(UTC)
        self._counts.count_days(now)
        return purge(
            self._tables,
            self._factory.keys,
            grants_before=now - self._settings.grant_retention,
            refusals_before=now - self._settings.refusal_retention,
        )

    def export(
        self,
        form: Format,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: Kind | None = None,
    ) -> Iterator[str]:
        """Yield the events of some days, both included, as lines of JSON or CSV, oldest first (F7)."""
        return as_lines(export_rows(self._tables.events, since=since, until=until, kind=kind), form)

    def summary(self, since: date, until: date) -> Summary:
        """Return the choices of some days of this site, both included, as they are: round them before they are told."""
        self._unwritten.write(now=True)
        return self._counts.summary(self._factory.scope, since, until)

    def violations(self) -> list[tuple[str, str, int, date]]:
        """Return directive, host, count and last day of what was blocked, the most frequent first."""
        return violation_totals(self._tables.violations)

    def add_samples(self, samples: Iterable[SampleEvent]) -> int:
        """Insert invented events under the scope `"sample"`, once (idempotent), and return how many."""
        return add_samples(self._tables.events, self._factory, self._registry.optional, samples)

    # -- within --------------------------------------------------------------------------------------------------------

    def _keep(self, event: Event, previous_receipt: str | None, notice: Notice | None) -> None:
        try:
            if self._tables.events.is_busy:
                self._after.add(lambda: self._keep(event, previous_receipt, notice))
                return
            self._replay_before(previous_receipt)
            self._insert(event, previous_receipt, notice)
        except Exception as error:  # whatever the trouble of a database, or of its configuration, is
            hide_row(error)
            message = "consent event %s goes to the spool %s: %s"
            logger.error(message, event.id, self._spool.folder, explanation(error))
            try:
                self._spool.add(Waiting(event=event, previous_receipt=previous_receipt, notice=notice))
            except Exception as full:
                # No log shall print the database's error: the row may be in it.
                raise full from None
        else:
            self._unwritten.write()
            self._replay_some()

    def _insert(self, event: Event, previous_receipt: str | None, notice: Notice | None) -> None:
        if notice is not None and notice.digest not in self._known_notices:
            keep_notice(self._tables.notices, notice, self._factory.clock().date(), self._factory.keys)
            self._known_notices.add(notice.digest)
        events, named = self._tables.events, event.notice if self._is_kept(event.notice) else ""
        with events.begin() as connection:
            previous = newest_id(connection, events, previous_receipt)
            insert_event(connection, events, self._factory.signed(replace(event, previous=previous, notice=named)))

    def _is_kept(self, notice: str) -> bool:
        # Whoever sends a form writes the digest; what nobody was shown is no proof, and has no place in a row.
        if notice and notice not in self._known_notices and has_notice(self._tables.notices, notice):
            self._known_notices.add(notice)
        return notice in self._known_notices

    def _replay_before(self, previous_receipt: str | None) -> None:
        """Replay the spool where the event that the next one follows may wait there: without it, there is no link."""
        if previous_receipt is None or not len(self._spool):
            return
        with self._tables.events.connect() as connection:
            is_known = newest_id(connection, self._tables.events, previous_receipt) is not None
        if not is_known:
            self._replayed_at = None
            self._replay_some(1_000)

    def _replay_some(self, most: int = _BATCH) -> None:
        now = self._factory.clock()
        if self._replayed_at is not None and now - self._replayed_at < _REPLAY_EVERY:
            return
        self._replayed_at = now
        try:
            if len(self._spool) and self.replay(most) == most:
                self._replayed_at = None  # there is more
        except Exception as error:  # whatever it is: the event of this visitor is in the log all the same
            logger.error("events in %s not replayed: %s", self._spool.folder, explanation(error))
