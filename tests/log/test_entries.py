"""Texts of events and notices that wait on disk: what was written is read again, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice, digest
from flask_cookieconsent.log.entries import event_in, event_text, notice_in, notice_text
from flask_cookieconsent.log.events import COLUMNS, Event, EventDraft, EventFactory, Keys
from tests.kit.sites import Clock

KEYS = Keys.derive(["a key for tests only"])
NOTICE = Notice(digest=digest('{"a": 1}'), locale="el", policy_version="1", snapshot='{"a": 1}', html="<p>Ω 🍪")


def an_event() -> Event:
    draft = EventDraft(
        kind=Kind.CHANGED,
        method="banner",
        choices={"films": "granted"},
        receipt="A" * 22,
        previous_receipt="B" * 22,
        notice=NOTICE.digest,
        locale="el",
    )
    return EventFactory(scope="shop", policy_version="1", clock=Clock(), keys=KEYS).event(draft)


EVENT = an_event()
#: Each reader with a text that it reads.
TEXTS: dict[str, tuple[Callable[[str, Keys], Any], str]] = {
    "event": (event_in, event_text(EVENT, KEYS)),
    "notice": (notice_in, notice_text(NOTICE, KEYS)),
}


def test_what_was_written_is_read() -> None:
    """F5: an event and a notice come back as they went, but for the signature, which is that of the text."""
    event = event_in(event_text(EVENT, KEYS), KEYS)

    assert replace(event, mac="") == EVENT
    assert notice_in(notice_text(NOTICE, KEYS), KEYS) == NOTICE


def test_keys_rotate() -> None:
    """F5: what an older key signed is read for as long as that is listed, and no longer."""
    newer = Keys.derive(["the newer key of a site"])
    both = Keys((*newer.newest_first, *KEYS.newest_first))

    for read, text in TEXTS.values():
        assert read(text, both) == read(text, KEYS)
        with pytest.raises(ValueError, match="it has no valid signature"):
            read(text, newer)


def test_event_is_no_notice() -> None:
    """F4: the signature of one is none for the other, though one key makes both."""
    for name, other, version in (("event", "notice", "entry"), ("notice", "event", "notice")):
        with pytest.raises(ValueError, match=f"it is no {version} of this version"):
            TEXTS[name][0](TEXTS[other][1], KEYS)


def test_row_of_the_log_waits_for_nothing() -> None:
    """F4: whoever can read the database cannot make entries of rows, and a signature holds for its own text alone."""
    row = KEYS.with_mac(EVENT.row)
    as_text = json.dumps(
        {name: getattr(value, "isoformat", lambda value=value: value)() for name, value in row.items()}
    )

    assert replace(event_in(as_text, KEYS), mac="") == EVENT, "the same event: a second time does no harm"
    with pytest.raises(ValueError, match="signature"):
        event_in(as_text.replace("granted", "refused"), KEYS)


def test_notice_that_its_digest_does_not_name() -> None:
    """F2: nobody was shown what a digest is not of, whoever signed it."""
    with pytest.raises(ValueError, match="it is not the one that its digest names"):
        notice_in(notice_text(replace(NOTICE, digest="0" * 64), KEYS), KEYS)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


@pytest.mark.parametrize("kind", TEXTS)
@given(st.text(max_size=60) | _json.map(json.dumps), _json, st.data())
def test_no_text_is_more_than_no_entry(kind: str, text: str, value: Any, data: st.DataObject) -> None:
    """F5: any text, and any value in the place of another, is no entry, and nothing worse."""
    read, genuine = TEXTS[kind]
    values = json.loads(genuine)
    edited = values | {data.draw(st.sampled_from(sorted(values))): value}
    assume(edited != values)

    for each in (text, json.dumps(edited)):
        with pytest.raises(ValueError, match="."):
            read(each, KEYS)


@pytest.mark.parametrize(
    ("kind", "names"),
    [("event", ("recorded_on", "time", "kind")), ("notice", ("snapshot", "digest"))],
)
@given(_json, st.data())
def test_signed_values_of_another_type(kind: str, names: tuple[str, ...], value: Any, data: st.DataObject) -> None:
    """F5: what another release signed, and means otherwise, is no entry of this one, and nothing worse."""
    assume(not isinstance(value, str))
    read, genuine = TEXTS[kind]
    signed = KEYS.with_mac(json.loads(genuine) | {data.draw(st.sampled_from(names)): value})

    with pytest.raises(ValueError, match="."):
        read(json.dumps(signed), KEYS)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("more", [True, False])
def test_fields_of_another_release(kind: str, more: bool) -> None:
    """F5: one field more, or one less, than this version has."""
    read, genuine = TEXTS[kind]
    values = json.loads(genuine)
    changed = values | {"region": "BE"} if more else {name: values[name] for name in values if name != "locale"}

    with pytest.raises(ValueError, match="of this version"):
        read(json.dumps(KEYS.with_mac(changed)), KEYS)


def test_everything_is_written() -> None:
    """F5: an entry has every column of its row, so that nothing is worked out anew when it comes."""
    assert set(json.loads(event_text(EVENT, KEYS))) == set(COLUMNS)
    assert set(json.loads(notice_text(NOTICE, KEYS))) == {*asdict(NOTICE), "mac"}
    assert event_in(event_text(EVENT, KEYS), KEYS).recorded_on == date(2026, 11, 23)
