"""What a site keeps with an account: its text, and what is not believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.core.consent import LONGEST_TEXT, Codec, Consent
from flask_cookieconsent.core.kept_choice import LONGEST_KEPT, MOST_REPLACED, KeptChoice, KeptCodec, fingerprint
from flask_cookieconsent.core.origin import Origin

NOW = datetime(2026, 11, 23, 12, 34, tzinfo=UTC)
TODAY = NOW.date()
KEY = "a key for tests only"
CODEC = KeptCodec([KEY])
SOME = Consent(MappingProxyType({"films": "abcde"}), frozenset({"counter"}), TODAY, origin=Origin.ACCOUNT)
KEPT = KeptChoice(SOME, NOW, ("0123456789ab", "ba9876543210"))


def test_text_and_back() -> None:
    """D7: what is written is read back, with its minute and what it replaced."""
    text = CODEC.dumps(KEPT)

    assert text.startswith("k1.202611231234.0123456789ab-ba9876543210.1.20261123.2.counter-.films+abcde.")
    assert CODEC.read(text, today=TODAY) == KEPT


def test_text_of_a_rotated_key() -> None:
    """A key that was replaced still tells what was kept under it."""
    assert KeptCodec(["a newer key", KEY]).read(CODEC.dumps(KEPT), today=TODAY) == KEPT


def test_longest_text() -> None:
    """A column of 4,000 characters holds the longest consent with all that it replaced."""
    names = [f"service_{number:03}" for number in range(191)]
    longest = Consent(MappingProxyType(dict.fromkeys(names, "abcde")), frozenset(), TODAY)
    kept = KeptChoice(longest, NOW, ("0123456789ab",) * MOST_REPLACED)

    assert LONGEST_TEXT - 50 < len(Codec([KEY]).dumps(longest)) <= LONGEST_TEXT
    assert len(CODEC.dumps(kept)) <= LONGEST_KEPT
    assert CODEC.read(CODEC.dumps(kept), today=TODAY) == kept


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        7,
        b"k1",
        "k1",
        "é" * 10,
        "x" * 5_000,
        CODEC.dumps(KEPT)[:-1],
        CODEC.dumps(KEPT).replace("counter-", "counter+abcde"),
        KeptCodec(["a key of another site"]).dumps(KEPT),
        Codec([KEY]).dumps(SOME),
        CODEC.dumps(replace(KEPT, moment=NOW + timedelta(days=2))),
        CODEC.dumps(replace(KEPT, consent=replace(SOME, made_on=TODAY + timedelta(days=2)))),
        CODEC._signer.sign("k2.202611231234..1.20261123.0.films-").decode(),
        CODEC._signer.sign("k1.202611231234.ada.1.20261123.0.films-").decode(),
        CODEC._signer.sign("k1.20261123..1.20261123.0.films").decode(),
        CODEC._signer.sign("k1.202611231234").decode(),
    ],
)
def test_what_is_not_believed(text: Any) -> None:
    """A7: forged, foreign, cut short, of another format or of a day to come: nothing is kept, and nothing raises."""
    assert CODEC.read(text, today=TODAY) is None


def test_neither_text_passes_for_the_other() -> None:
    """What is kept with an account is no choices cookie, whoever puts it there."""
    assert Codec([KEY]).is_foreign("1." + CODEC.dumps(KEPT))


@given(st.integers(0, 30))
def test_what_was_replaced_is_bounded(presses: int) -> None:
    """However often somebody chooses, the text stays short, and the newest of the earlier choices are known."""
    kept = KEPT
    for number in range(presses):
        answers = MappingProxyType({f"s{number}": "abcde"})
        kept = KeptChoice(replace(SOME, granted=answers), NOW, kept.followed_by)

    assert len(kept.replaced) <= MOST_REPLACED
    assert len(set(kept.replaced)) == len(kept.replaced)


def test_fingerprint_is_of_the_answers_alone() -> None:
    """The same answers have one fingerprint, whenever and wherever they were given; others have another."""
    again = replace(SOME, made_on=date(2026, 1, 1), origin=Origin.ADOPTED, gpc=True)

    assert fingerprint(again) == fingerprint(SOME)
    assert fingerprint(replace(SOME, refused=frozenset())) != fingerprint(SOME)


def test_kept_again_is_not_among_the_replaced() -> None:
    """Whoever goes back to an earlier choice has replaced the one between, and each is told once."""
    back = KeptChoice(SOME, NOW, KeptChoice(replace(SOME, refused=frozenset()), NOW, KEPT.followed_by).followed_by)

    assert back.followed_by[0] == fingerprint(SOME)
    assert back.followed_by.count(fingerprint(SOME)) == 1
