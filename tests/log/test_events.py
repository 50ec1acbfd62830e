"""Events as frozen values: made from a draft, signed once, and read from a row again."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent import SampleEvent
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.validity import Validity
from flask_cookieconsent.log.events import COLUMNS, EventDraft, EventFactory, Keys, event_of, receipt_digest
from tests.kit.sites import NOON, Clock, make_site

KEYS = Keys.derive(["a key for tests only"])


def draft(**changes: Any) -> EventDraft:
    """Return the draft of a grant."""
    whole = EventDraft(
        kind=Kind.GIVEN,
        method="banner",
        choices={"films": "granted"},
        receipt="A" * 22,
        notice="0" * 64,
        locale="en",
    )
    return replace(whole, **changes)


def test_event_of_a_draft() -> None:
    """F1, F3: the log adds id, time and its own name, and keeps the receipt's digest alone."""
    factory = make_site(COOKIECONSENT_LOG_SCOPE="shop").factory
    event = factory.event(draft())

    assert (event.kind, event.time, event.scope) == (Kind.GIVEN, NOON.replace(second=0, tzinfo=None), "shop")
    assert event.receipt == receipt_digest("A" * 22)
    assert (event.previous_receipt, event.mac) == (None, "")
    assert factory.event(draft(receipt=None)).receipt is None
    assert factory.event(draft(previous_receipt="B" * 22)).previous_receipt == receipt_digest("B" * 22)
    with pytest.raises(FrozenInstanceError):
        event.mac = "0" * 64  # type: ignore[misc]


def test_row_and_event_are_one() -> None:
    """F4: what is signed is what is written and read; a kind that is none is an error."""
    event = make_site().factory.signed(draft_event := make_site().factory.event(draft()))

    assert tuple(event.row) == COLUMNS
    assert type(event.row["kind"]) is str
    assert event_of(event.row) == event
    assert event_of(event.row | {"more": 1}) == event
    assert KEYS.is_genuine(event.row) and not KEYS.is_genuine(draft_event.row)
    with pytest.raises(ValueError, match="'rewarded' is not a valid Kind"):
        event_of(event.row | {"kind": "rewarded"})


def test_recording_signs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """F4: an event has its link from the start, so that the HMAC of a row is made once, and nothing is looked up."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films")
    given = visitor.receipt
    signed: list[Any] = []
    statements: list[str] = []
    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    mac = Keys.mac
    monkeypatch.setattr(Keys, "mac", lambda self, row: (signed.append(row), mac(self, row))[1])
    site.clock.forward(minutes=1)

    visitor.choose("save", "films", "posts")

    (row,) = signed
    assert (row["kind"], row["previous_receipt"]) == ("changed", receipt_digest(given or ""))
    assert [each.split()[0] for each in statements if "cookieconsent_event" in each] == ["INSERT"]
    assert [each.previous_receipt for each in site.events()] == [None, receipt_digest(given or "")]
    assert all(KEYS.is_genuine(each.row) for each in site.events())


def test_day_and_notice_come_with_the_row() -> None:
    """F4: an event that waited is signed with the day on which it comes, and with the notice that is kept."""
    factory = make_site().factory
    event = factory.event(draft(kind=Kind.REFUSED, notice="0" * 64))
    row = factory.signed_row(event, recorded_on=date(2026, 11, 25), notice="")

    assert (event.time, event.recorded_on) == (datetime(2026, 11, 23), date(2026, 11, 23))
    assert row == event.row | {"recorded_on": date(2026, 11, 25), "notice": "", "mac": row["mac"]}
    assert KEYS.is_genuine(row)
    assert not KEYS.is_genuine(row | {"recorded_on": event.recorded_on})
    assert not KEYS.is_genuine(row | {"notice": event.notice})


def test_day_is_that_of_utc() -> None:
    """A clock may tell its moments in another zone; the day of a row is the one in UTC all the same."""
    zone = timezone(timedelta(hours=14))
    site = make_site(clock=Clock(NOON.astimezone(zone)))
    event = site.factory.event(draft())

    assert NOON.astimezone(zone).date() != NOON.date() == event.recorded_on == event.time.date()


def test_keys_rotate() -> None:
    """F4: the newest key signs, each of them verifies, and a key that is not listed does neither."""
    old, new = Keys.derive(["first"]), Keys.derive(["second", b"first"])
    row = {"a": 1}

    assert new.is_genuine(old.with_mac(row)) and new.is_genuine(new.with_mac(row))
    assert not old.is_genuine(new.with_mac(row))
    assert not new.is_genuine(new.with_mac(row) | {"a": 2})


SAMPLES = (
    SampleEvent(age=timedelta(days=3, minutes=5), kind="given", method="banner", locale="nl", granted=("films",)),
    SampleEvent(age=timedelta(days=3), kind="refused", method="banner", locale="en"),
)


def test_samples_are_marked_and_signed_and_there_once(uri: str) -> None:
    """Invented events are genuine rows of the past under a scope of their own, which no report of the site counts."""
    site = make_site(uri=uri)
    with site.app.app_context():
        assert [site.consent.add_samples(SAMPLES) for _ in range(2)] == [2, 0]
        assert list(site.log.verify()) == []
        assert site.log.summary(NOON.date() - timedelta(days=9), NOON.date()).total["kind"].total() == 0

    refused, given = site.events()
    assert (given.time, given.scope, given.notice, given.receipt) == (
        (NOON - timedelta(days=3, minutes=5)).replace(second=0, tzinfo=None),
        "sample",
        "sample",
        None,
    )
    assert [id for id, answer in given.choices.items() if answer == "granted"] == ["films"]
    assert (refused.time.hour, set(refused.choices.values())) == (0, {"refused"})


def test_samples_of_no_kind() -> None:
    """A kind that is none is an error, and no row is left of the others."""
    site = make_site()
    with site.app.app_context(), pytest.raises(ValueError, match="rewarded"):
        site.consent.add_samples([*SAMPLES, replace(SAMPLES[0], kind="rewarded")])

    assert site.events() == []


@pytest.mark.parametrize(("kind", "days"), [("given", 30), ("changed", 30), ("withdrawn", 400), ("refused", 400)])
def test_event_says_how_long_it_holds(kind: str, days: int) -> None:
    """F1, D2: a grant as long as grants do; what only refuses, as long as refusals do."""
    validity = Validity(timedelta(days=30), timedelta(days=400))
    factory = EventFactory(scope="shop", policy_version="1", clock=Clock(), keys=KEYS, validity=validity)

    assert factory.event(EventDraft(kind=Kind(kind), method="banner")).validity == days
