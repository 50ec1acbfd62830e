"""Events of the log as consent records in the Data Privacy Vocabulary: one line of JSON-LD each, as they come."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.scopes import SAMPLE
from flask_cookieconsent.log.events import COLUMNS, Event, Keys, event_of, first_id
from flask_cookieconsent.log.rows import Row, readable
from flask_cookieconsent.log.tables import LogTable

from .vocabulary import CONTEXT, CONTROLLER, SCHEMA, STATUSES, notice_urn, receipt_urn, record_urn, services_urn


def record(event: Event) -> dict[str, Any]:
    """Return an event as a consent record: `record.schema.json` describes it.

    A withdrawal takes back whatever had been granted, so what is not granted after it is withdrawn, as a whole; which
    of it had been granted before, the record before it tells.
    """
    services = services_urn(event.notice)
    found: dict[str, Any] = {
        "@context": CONTEXT | {"service": services},
        "@id": record_urn(event.id),
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": SCHEMA,
        "dct:identifier": event.id,
        "dct:created": event.recorded_on.isoformat(),
        "dpv:isIndicatedAtTime": event.time.isoformat() + "Z",
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
        "dpv:hasIndicationMethod": event.method,
        "dpv:hasDataController": {"@id": CONTROLLER},
        "dpv:hasService": event.scope,
        "dct:language": event.locale,
        "dct:valid": f"P{event.validity}D",
        "fcc:event": event.kind.value,
        "fcc:policyVersion": event.policy_version,
        "fcc:globalPrivacyControl": event.gpc,
    }
    if event.notice:
        found["dpv:hasNotice"] = {"@id": notice_urn(event.notice)}
    if event.receipt:
        found["dpv:hasDataSubject"] = {"@id": receipt_urn(event.receipt)}
    if event.previous_receipt:
        found["fcc:previousReceipt"] = {"@id": receipt_urn(event.previous_receipt)}
    withdrawn = event.kind is Kind.WITHDRAWN
    found["dpv:hasProcess"] = [
        {"@id": f"service:{id}", "dpv:hasConsentStatus": {"@id": _status(answer, withdrawn=withdrawn)}}
        for id, answer in sorted(event.choices.items())
    ]
    return found


def _status(answer: str, *, withdrawn: bool) -> str:
    return "dpv:ConsentWithdrawn" if withdrawn and answer == "refused" else STATUSES[answer]


@dataclass
class Records:
    """The records of one site, of all its scopes, in the period of some days, both included.

    None is the beginning, or the end. Iterate over it for lines. Afterwards it has counted what is no record: rows that
    somebody has changed, which `verify` names, invented samples, and events of other sites in the same log. Needs an
    app context.
    """

    events: LogTable
    keys: Keys
    scopes: Collection[str]
    since: date | None
    until: date | None
    today: date
    count: int = 0
    changed: int = 0
    samples: int = 0
    others: int = 0

    def __iter__(self) -> Iterator[str]:
        """Yield each record as a line of JSON, in the order of the ids, a thousand rows in memory."""
        for row in self._rows():
            if row is None or not self.keys.is_genuine(row):
                self.changed += 1
            elif row["scope"] == SAMPLE:
                self.samples += 1
            elif row["scope"] not in self.scopes:
                self.others += 1
            else:
                self.count += 1
                yield json.dumps(record(event_of(row)), separators=(",", ":"), ensure_ascii=False)

    def _rows(self) -> Iterator[Row | None]:
        if self.since is None:
            yield from self._before_end(None)
            return
        # Day by day: the keys of what is asked for within bounds are in memory at once.
        last, day = max(min(self.until or self.today, self.today), self.since), self.since
        while day < last:
            yield from self._before_end((_first_id(day), _first_id(day + timedelta(days=1))))
            day += timedelta(days=1)
        yield from self._before_end((_first_id(day), "g"))

    def _before_end(self, bounds: tuple[str, str] | None) -> Iterator[Row | None]:
        ids = self.events.c.id
        within = None if bounds is None else (ids >= bounds[0]) & (ids < bounds[1])
        end = None if self.until is None else _first_id(self.until + timedelta(days=1))
        for id, row in readable(self.events, "id", COLUMNS, within=within):
            if end is not None and id >= end:
                return
            yield row


def _first_id(day: date) -> str:
    return first_id(datetime.combine(day, time(), UTC))
