"""The interface of the log that pages talk to, and the log of an app without a database: JSON lines in `logging`."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Protocol

from flask.logging import default_handler, has_level_handler

from flask_cookieconsent.core.csp import Violation
from flask_cookieconsent.core.notices import KeptNotice, Version
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.settings import Settings

from .events import Event, EventDraft, EventFactory
from .limits import Limits
from .receipts import document, is_signed, signed
from .seen import SeenCookies
from .statistics import Report, Tally
from .unwritten import Unwritten

logger = logging.getLogger("flask_cookieconsent.events")
_violations = logging.getLogger("flask_cookieconsent.violations")

# Names of cookies that one process tells in lines of the log; strangers make them up.
_MOST_TOLD = 200


class Log(Protocol):
    """What the log does for pages; keys, tables, spool and rate limits stay behind it. Needs an app context."""

    def record(self, draft: EventDraft) -> None:
        """Make the event of a draft durable, after the notice that it names; carry the rate limit's count over.

        :raises Exception: if nothing can keep it, so that a grant must not take effect.
        """

    def record_refusal(self, draft: EventDraft, address: str | None) -> bool:
        """Record the event of a draft that grants nothing new, or count it alone, and tell whether it is an event.

        Beyond the rate limit it is part of a daily count. The same press of one bearer in one minute is neither.
        *address* is the client's, which is not kept. A notice that is none of the site's is left out.

        :raises Exception: if nothing can keep it.
        """

    def delay(self, receipt: str | None, address: str | None) -> int:
        """Count one more grant against the rate limits, and return the whole seconds it has to wait, 0 for none.

        *receipt* is that of a visitor who has granted something before; *address* is the client's, which is not kept.
        """

    def receipt(self, receipt: str) -> tuple[Event, ...]:
        """Return the events of a receipt's bearer, newest first; none for an unknown receipt."""

    def receipt_document(self, receipt: str | None, translate: Callable[[Any], str]) -> dict[str, Any]:
        """Return the same as a signed document in JSON types, as `static/receipt.schema.json` describes it."""

    def verify_receipt(self, text: str) -> bool:
        """Tell whether a text is the JSON of a document that was signed here and is unchanged."""

    def erase(self, receipt: str, method: str = "preferences", scope: str = "") -> int:
        """Delete the events of a receipt's bearer, leave a tombstone, and return how many there were.

        The tombstone says by which *method* and in which *scope* it was asked for, `""` for that of the site.

        :raises Exception: if the database is unavailable.
        """

    def notices(self, locale: str | None = None) -> list[Version]:
        """Return what a list says of every kept notice, or of those in a locale, oldest first."""

    def versions(self, locale: str) -> list[Version]:
        """Return the same for the policy in a locale; an unavailable database is logged, and never raises."""

    def notice(self, digest: str) -> KeptNotice | None:
        """Return a kept notice with its texts, None for an unknown digest."""

    def report(self, since: date, until: date, scope: str | None = None) -> Report | None:
        """Return rounded statistics of the weeks of some days, and the state of the log; None without a database.

        They are of all scopes of the site together, or of one.
        """

    def count_violations(self, violations: Iterable[Violation], address: str | None) -> None:
        """Count what browsers report as blocked by the Content-Security-Policy, up to a rate limit; never raises."""

    def count_cookies(self, names: Collection[str], address: str | None) -> None:
        """Count the undeclared cookies of one request by their folded names (`core.cookie_names`); never raises.

        They are written at most once a minute, and no name that fewer than five clients have brought. *address* is the
        client's, which is not kept.
        """


class LoggerLog:
    """The log of an app without a database: each event is a line of JSON in `flask_cookieconsent.events`.

    Where the site has not said where its log lines go, they go where Flask's own do: a line that nobody hears proves
    nothing.
    """

    def __init__(self, settings: Settings, registry: Registry, factory: EventFactory) -> None:
        self._settings, self._registry, self._factory = settings, registry, factory
        self._limits = Limits.of(settings, factory.timer)
        self._unwritten = Unwritten(factory, registry.optional_by_category, self._write_counts)
        self._seen = SeenCookies(self._tell_cookies, factory.timer)
        self._written: set[str] = set()
        self._told: set[str] = set()
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
        if not has_level_handler(logger):
            logger.addHandler(default_handler)

    def record(self, draft: EventDraft) -> None:
        """Write a draft's event, after its notice where that was not written yet, as lines of JSON."""
        if draft.shown is not None and draft.shown.digest not in self._written:
            logger.info(json.dumps({"kept_notice": asdict(draft.shown)}, sort_keys=True))
            self._written.add(draft.shown.digest)
        # What nobody was shown is no proof, and whoever sends a form writes its digest.
        draft = draft if draft.notice in self._written else replace(draft, notice="")
        event = self._factory.signed(self._factory.event(draft))
        row = event.row | {"recorded_on": event.recorded_on.isoformat(), "time": event.time.isoformat() + "Z"}
        logger.info(json.dumps(row, sort_keys=True))
        self._limits.follow(draft.previous_receipt, draft.receipt)
        self._unwritten.write()

    def record_refusal(self, draft: EventDraft, address: str | None) -> bool:
        """Write a draft's event that grants nothing new, or count it beyond the rate limit of this process."""
        if self._limits.is_repeated(draft.kind, draft.previous_receipt):
            return False
        is_of_the_site = draft.shown is not None or draft.notice in self._written
        if self._limits.has_room(draft.kind, draft.previous_receipt, address):
            self.record(draft if is_of_the_site else replace(draft, notice=""))
            return True
        self._unwritten.add(draft, has_notice=is_of_the_site)
        return False

    def delay(self, receipt: str | None, address: str | None) -> int:
        """Count one more grant against the rate limits of this process."""
        return self._limits.delay(receipt, address)

    def receipt(self, receipt: str) -> tuple[Event, ...]:
        """Return no event: lines of a log cannot be looked up."""
        return ()

    def receipt_document(self, receipt: str | None, translate: Callable[[Any], str]) -> dict[str, Any]:
        """Return a signed document without events."""
        unsigned = document((), self._registry, self._settings, translate)
        return signed(unsigned, self._factory.keys, self._factory.scope)

    def verify_receipt(self, text: str) -> bool:
        """Tell whether a text is a document that was signed with the keys of this site."""
        return is_signed(text, self._factory.keys, self._factory.scope)

    def erase(self, receipt: str, method: str = "preferences", scope: str = "") -> int:
        """Erase nothing: no event can be found by its receipt."""
        return 0

    def notices(self, locale: str | None = None) -> list[Version]:
        """Return no notice."""
        return []

    def versions(self, locale: str) -> list[Version]:
        """Return no notice."""
        return []

    def notice(self, digest: str) -> None:
        """Return no notice."""

    def report(self, since: date, until: date, scope: str | None = None) -> None:
        """Return no report: there are no statistics without a database."""

    def count_violations(self, violations: Iterable[Violation], address: str | None) -> None:
        """Write a warning for each violation to the logger `flask_cookieconsent.violations`."""
        if not self._limits.may_report(address):
            return
        for directive, host in violations:
            _violations.warning("Content-Security-Policy blocked %s for %s", host, directive)

    def count_cookies(self, names: Collection[str], address: str | None) -> None:
        """Write a warning for each name, once in each process, when five clients have brought it."""
        self._seen.add(names, address)

    def _tell_cookies(self, counts: Mapping[str, int]) -> None:
        for name in sorted(counts.keys() - self._told)[: _MOST_TOLD - len(self._told)]:
            self._told.add(name)
            _violations.warning("undeclared cookie in browsers of visitors: %s", name)

    def _write_counts(self, scope: str, counts: Tally) -> None:
        row = {"day": self._factory.clock().date().isoformat(), "scope": scope, "source": "unwritten", "counts": counts}
        logger.info(json.dumps({"counted": self._factory.keys.with_mac(row)}, sort_keys=True))
