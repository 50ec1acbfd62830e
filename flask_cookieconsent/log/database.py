"""The log in the app's own database, with a spool on disk while that is unavailable (transactional outbox).

It imports SQLAlchemy, so it is imported only for an app that has a `db`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.csp import Violation
from flask_cookieconsent.core.notices import KeptNotice, Version
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.settings import Settings
from flask_cookieconsent.signals import log_interrupted, log_resumed, tell

from .breaker import Breaker, Work
from .condition import condition
from .daily_counts import DailyCounts
from .events import Event, EventDraft, EventFactory, SampleEvent, event_of, receipt_digest
from .export import Format, as_lines, export_rows
from .failures import explanation
from .health import Finding, health, reach
from .limits import Limits
from .lock_wait import waiting_at_most
from .observed import Observed
from .receipts import document, is_signed, signed
from .recorder import REPLAY_SECONDS, Recorder
from .retention import erase, purge
from .rows import bearers_rows, kept_notice, kept_versions, newest_day, newest_events
from .samples import add_samples
from .sealed import newest_seal
from .seals import seal
from .spool import Spool
from .statistics import Report, Summary, Tally, joined, rounded, whole_weeks
from .tables import Tables, create_tables
from .unwritten import Unwritten
from .verification import Verification
from .verified import last_verified

logger = logging.getLogger("flask_cookieconsent.events")

T = TypeVar("T")

#: Events of one receipt that its bearer is shown: more than anybody chooses by hand.
LONGEST_HISTORY = 200


class DatabaseLog:
    """The consent log of one app in its own database; what an interrupted database could not take waits in the spool.

    What pages ask of the database is asked within a deadline. Every method needs an app context.
    """

    def __init__(
        self, db: SQLAlchemy, spool: Spool, settings: Settings, registry: Registry, factory: EventFactory
    ) -> None:
        self._db, self._tables = db, Tables.of(db)
        self._spool, self._settings, self._registry, self._factory = spool, settings, registry, factory
        self._counts = DailyCounts(self._tables, registry.optional_by_category, factory.keys)
        self._limits = Limits.of(settings, factory.timer)
        self._unwritten = Unwritten(factory, registry.optional_by_category, self._add_unwritten)
        self._breaker = Breaker(
            timeout=settings.database_timeout,
            pause=settings.database_pause,
            probe=self._probe,
            tell=self._tell,
            timer=factory.timer,
        )
        self._recorder = Recorder(self._tables, spool, factory, self._ask)
        #: What browsers report and bring.
        self.observed = Observed(self._tables.violations, factory, self._limits, self._ask)

    # -- what pages ask ------------------------------------------------------------------------------------------------

    def record(self, draft: EventDraft) -> None:
        """Insert the event of a draft, or spool it while the database does not take it; replay what waits there (F5).

        :raises SpoolFullError: if the spool is full.
        :raises OSError: if neither the database nor the disk can keep the event.
        """
        self._recorder.keep(self._factory.event(draft), draft.shown)
        self._unwritten.write()
        self._limits.follow(draft.previous_receipt, draft.receipt)

    def record_refusal(self, draft: EventDraft, address: str | None) -> bool:
        """Insert the event of a draft that grants nothing new, or count it beyond the rate limit of this process."""
        if self._limits.is_repeated(draft.kind, draft.previous_receipt):
            return False
        if self._limits.has_room(draft.kind, draft.previous_receipt, address):
            self.record(draft)
            return True
        self._unwritten.add(draft, has_notice=draft.shown is not None or self._recorder.is_known(draft.notice))
        return False

    def delay(self, receipt: str | None, address: str | None) -> int:
        """Count one more grant against the rate limits of this process, and return the seconds it has to wait."""
        return self._limits.delay(receipt, address)

    def receipt(self, receipt: str) -> tuple[Event, ...]:
        """Return the events of a receipt's bearer, newest first; none for an unknown receipt."""
        self._recorder.replay_some(at_once=True)  # whoever asks for it may just have chosen, in another process
        events, digest = self._tables.events, receipt_digest(receipt)

        def read(is_wanted: Callable[[], bool]) -> tuple[Event, ...]:
            with events.connect() as connection:
                return tuple(map(event_of, bearers_rows(connection, events, digest, LONGEST_HISTORY)))

        return self._ask(read, opens=False)

    def receipt_document(self, receipt: str | None, translate: Callable[[Any], str]) -> dict[str, Any]:
        """Return the events of a receipt's bearer as a signed document in JSON types."""
        events = self.receipt(receipt) if receipt else ()
        unsigned = document(events, self._registry, self._settings, translate)
        return signed(unsigned, self._factory.keys, self._factory.scope)

    def verify_receipt(self, text: str) -> bool:
        """Tell whether a text is a document that was signed with the keys of this site."""
        return is_signed(text, self._factory.keys, self._factory.scope)

    def erase(self, receipt: str, method: str = "preferences", scope: str = "") -> int:
        """Delete the events of a receipt's bearer, those in the spool too, and leave a tombstone (F7).

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable.
        :raises DatabaseUnavailableError: if it does not answer in time.
        """
        try:
            digest, day = receipt_digest(receipt), self._recorder.recording_day
            parts = (self._tables, self._spool, self._factory, digest, self._factory.tombstone(method, scope))
            return self._ask(lambda is_wanted: erase(*parts, day()), opens=False)
        except sa.exc.StatementError as error:
            error.hide_parameters = True  # no log shall say whose record it was, beside a time to the second
            raise

    def notices(self, locale: str | None = None) -> list[Version]:
        """Return what a list says of every kept notice, or of those in a locale, oldest first."""
        return self._ask(lambda is_wanted: kept_versions(self._tables.notices, locale))

    def versions(self, locale: str) -> list[Version]:
        """Return the same for the policy in a locale; an unavailable database is logged, and never raises."""
        try:
            return self.notices(locale)
        except Exception as error:  # the policy is shown all the same
            logger.error("cookie policy shown without its earlier versions: %s", explanation(error))
            return []

    def notice(self, digest: str) -> KeptNotice | None:
        """Return a kept notice, None for an unknown digest."""
        return self._ask(lambda is_wanted: kept_notice(self._tables.notices, digest))

    def report(self, since: date, until: date, scope: str | None = None) -> Report:
        """Return the statistics of the weeks of some days, rounded, and the condition of the log."""
        return self._ask(lambda is_wanted: self._report(since, until, scope), opens=False)

    def count_violations(self, violations: Iterable[Violation], address: str | None) -> None:
        """Count what browsers report as blocked."""
        self.observed.count_violations(violations, address)

    def count_cookies(self, names: Collection[str], address: str | None) -> None:
        """Count the undeclared cookies of one request by name."""
        self.observed.count_cookies(names, address)

    # -- what the owner asks -------------------------------------------------------------------------------------------

    def reach(self) -> None:
        """Ask the database for nothing, within the deadline; raises what `erase` does."""
        self._ask(lambda is_wanted: reach(self._tables.events))

    def health(self) -> Iterator[Finding]:
        """Yield a finding for each thing that can be wrong with the log; never raises."""
        return health(self._tables, self._spool, self._factory, self._ask)

    def create_tables(self) -> None:
        """Create the tables of the log where they do not exist (idempotent)."""
        create_tables(self._db)

    def newest(self, count: int) -> list[Event]:
        """Return the newest events, newest first."""
        return newest_events(self._tables.events, count)

    def replay(self, most: int | None = None) -> int:
        """Insert spooled events, at most so many, each exactly once, oldest first, and return how many.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable; what waits goes on waiting.
        """
        return self._recorder.replay(most)

    @property
    def put_aside(self) -> int:
        """The number of spooled events that the log could not take, and that somebody has to look at."""
        return self._spool.put_aside

    def seal(self) -> list[date]:
        """Seal and count the finished days, and return those that were sealed now."""
        self._unwritten.write(now=True)
        days = seal(self._tables, self._counts, self._factory.keys, self._factory.clock().date())
        self._recorder.sealed()
        return days

    @property
    def head(self) -> str:
        """The MAC of the newest seal, to keep elsewhere; empty where there is none."""
        newest = newest_seal(self._tables.seals, self._factory.keys)
        return newest["mac"] if newest else ""

    def verify(self, *, whole: bool = False, heads: Iterable[str] = (), scopes: Iterable[str] = ()) -> Verification:
        """Return a verification, to iterate over for a sentence about everything that is not as it was written.

        It reads a bounded number of rows unless it is *whole*; *heads* are MACs of seals that were kept elsewhere, and
        *scopes* are names of other sites in the same log.
        """
        return Verification(
            tables=self._tables,
            keys=self._factory.keys,
            spool=self._spool,
            scope=self._factory.scope,
            others=(*self._factory.scopes, *scopes),
            heads=tuple(heads),
            whole=whole,
            today=self._factory.clock().date(),
        )

    def purge(self, *, again: bool = False) -> int:
        """Delete events older than the settings keep, after sealing and counting their days, and return how many (F6).

        *again* looks at days that were purged before, too. What browsers reported is kept as long as refusals.
        """
        self.seal()
        today, kept = self._factory.clock().astimezone(UTC).date(), self._settings
        days = {"grants_before": today - kept.grant_retention, "refusals_before": today - kept.refusal_retention}
        self.observed.forget(days["refusals_before"])
        return purge(self._tables, self._factory.keys, **days, again=again)

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

    def summary(self, since: date, until: date, *, scope: str | None = None, is_told: bool = False) -> Summary:
        """Return the choices of some days, both included, in all scopes of this site or in one, as they are.

        What *is_told* is rounded, each scope by itself: of all together nobody learns more than of each.
        """
        self._unwritten.write(now=True)
        scopes = self._factory.scopes if scope is None else (scope,)
        found = [self._counts.summary(each, since, until) for each in scopes]
        return joined([rounded(each) for each in found] if is_told else found)

    def add_samples(self, samples: Iterable[SampleEvent]) -> int:
        """Insert invented events under the scope `"sample"`, once (idempotent), and return how many."""
        return add_samples(self._tables.events, self._factory, self._registry.optional, samples)

    # -- within --------------------------------------------------------------------------------------------------------

    def _ask(self, work: Work[T], *, opens: bool = True) -> T:
        """Do some work of a request within the deadline."""
        events = self._tables.events
        if events.is_in_memory:
            return work(lambda: True)
        with waiting_at_most(self._settings.database_timeout):
            return self._breaker.run(work, opens=opens, is_brief=events.is_file)

    def _probe(self) -> None:
        newest_day(self._tables.seals, "day")
        self._recorder.replay_within(REPLAY_SECONDS)

    def _tell(self, is_open: bool) -> None:
        if is_open:
            message = "database of the log does not answer in time (%g seconds): events wait in %s"
            logger.error(message, self._settings.database_timeout, self._spool.folder)
        else:
            logger.warning("database of the log answers again")
        with current_app.app_context():  # that of whoever asked may have ended
            tell(log_interrupted if is_open else log_resumed)

    def _report(self, since: date, until: date, scope: str | None) -> Report:
        today = self._factory.clock().date()
        verified = last_verified(self._tables, self._factory.keys, self._factory.scope, today)
        keys, is_interrupted = self._factory.keys, self._breaker.is_open
        state = condition(self._tables, self._spool, keys, today, verified, is_interrupted=is_interrupted)
        summary = self.summary(*whole_weeks(since, until, today), scope=scope, is_told=True)
        return Report(summary=summary, condition=state)

    def _add_unwritten(self, scope: str, counters: Tally) -> None:
        add = self._counts.add_unwritten
        self._ask(lambda is_wanted: add(self._recorder.recording_day(), scope, counters, is_wanted))
