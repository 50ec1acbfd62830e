"""Invented events of demonstrations, under a scope of their own, so that no report counts them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.scopes import SAMPLE

from .events import Event, EventDraft, EventFactory, SampleEvent, new_id, truncated
from .tables import LogTable


def add_samples(
    events: LogTable, factory: EventFactory, services: Iterable[str], samples: Iterable[SampleEvent]
) -> int:
    """Insert invented events, once (idempotent), and return how many; *services* are the optional ones."""
    services = tuple(services)
    rows = [_event(sample, factory, services).row for sample in samples]
    with events.begin() as connection:
        if connection.scalar(sa.select(events.c.id).where(events.c.scope == SAMPLE).limit(1)):
            return 0
        connection.execute(sa.insert(events.table), rows)
        return len(rows)


def _event(sample: SampleEvent, factory: EventFactory, services: Iterable[str]) -> Event:
    kind = Kind(sample.kind)
    time = truncated(factory.clock() - sample.age, kind)
    choices = {id: "granted" if id in sample.granted else "refused" for id in services}
    draft = EventDraft(kind=kind, method=sample.method, choices=choices, notice=SAMPLE, locale=sample.locale)
    return factory.signed(
        replace(factory.event(draft), id=new_id(time), recorded_on=time.date(), time=time, scope=SAMPLE)
    )
