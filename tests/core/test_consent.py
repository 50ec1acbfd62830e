"""The consent value, what a press makes of it, and its text in the cookie."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from flask_cookieconsent.core.consent import (
    LONGEST_TEXT,
    NOTHING_CHOSEN,
    Codec,
    Consent,
    Kind,
    allow_one,
    choose,
    kind_of,
    within,
    without_new_grants,
)
from flask_cookieconsent.core.origin import Origin
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.validity import HALF_A_YEAR, USUAL, Validity
from flask_cookieconsent.errors import InvalidConsentError
from tests.kit.sites import services

TODAY = date(2026, 11, 23)
REGISTRY = build(services())
CODEC = Codec(["a key for tests only"])
OTHER = Consent(MappingProxyType({"basket": "abcde"}), frozenset({"chat"}), TODAY - timedelta(days=90))

ids = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
digests = st.text(string.ascii_letters + string.digits + "_-", min_size=5, max_size=5)
days = st.dates(date(2020, 1, 1), TODAY + timedelta(days=1))


@st.composite
def consents(draw: Any) -> Consent:
    granted = draw(st.dictionaries(ids, digests, max_size=20))
    refused = draw(st.frozensets(ids.filter(lambda each: each not in granted), max_size=20))
    origin = draw(st.sampled_from(list(Origin)))
    day, latest = draw(days), TODAY + timedelta(days=1)
    refused_on = draw(st.dates(day, min(latest, day + timedelta(days=999))))
    return Consent(MappingProxyType(granted), refused, day, draw(st.booleans()), origin, refused_on)


def text_of(*parts: str) -> str:
    """Sign what Codec itself would never write, with its own key."""
    return CODEC._signer.sign(".".join(parts)).decode()


@given(consents())
def test_text_and_back(consent: Consent) -> None:
    """D7: what is written is read back, and is written the same way again."""
    text = CODEC.dumps(consent)

    assert CODEC.loads(text, today=TODAY) == consent
    assert CODEC.dumps(CODEC.loads(text, today=TODAY)) == text
    assert text.isascii()
    assert not set(text) & set(' ",;\\'), "RFC 6265, section 4.1.1: these end a cookie's value"


@given(consents(), st.randoms(use_true_random=False))
def test_same_choices_same_text(consent: Consent, chance: Any) -> None:
    """D3: whoever chooses the same on the same day holds the same text, in whatever order the choices came."""
    shuffled = list(consent.granted.items())
    chance.shuffle(shuffled)

    assert CODEC.dumps(replace(consent, granted=MappingProxyType(dict(shuffled)))) == CODEC.dumps(consent)


def test_text_is_readable() -> None:
    """D7: whoever looks at the cookie sees the day, the signal and every service."""
    granted = choose(NOTHING_CHOSEN, REGISTRY, {"films"}, today=TODAY, gpc=True)
    films = REGISTRY.declaration_digests["films"]

    text, signature = CODEC.dumps(granted).rsplit(".", 1)

    assert text == f"1.20261123.1.arrival-.counter-.films+{films}.language-.posts-"
    assert len(signature) == 43


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300).map(lambda each: each.decode("latin-1"))))
def test_any_text(text: str) -> None:
    """A7: what nobody signed says nothing, and nothing else ever happens."""
    with pytest.raises(InvalidConsentError):
        CODEC.loads(text, today=TODAY)


@given(consents(), st.data())
def test_changed_text(consent: Consent, data: Any) -> None:
    """A7: one character more, less or other, and it says nothing."""
    text = CODEC.dumps(consent)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits + ".+-_ \x00é"))
    changes = {text[:place] + text[place + 1 :], text[:place] + other + text[place + 1 :], text + other}
    told_apart = {changed for changed in changes if changed != text and not _is_same_signature(changed, text)}

    assert told_apart, "a longer text is never the same"
    for changed in told_apart:
        with pytest.raises(InvalidConsentError):
            CODEC.loads(changed, today=TODAY)


def _is_same_signature(changed: str, text: str) -> bool:
    # The last character of base64 holds two bits that say nothing.
    return changed[:-1] == text[:-1]


@pytest.mark.parametrize(
    "parts",
    [
        ("1",),
        ("1", "20261123"),
        ("2", "20261123", "0", "films-"),
        ("1", "20261323", "0", "films-"),
        ("1", "20261125", "0", "films-"),
        ("1", "20261123", "6", "films-"),
        ("1", "20261123", "", "films-"),
        ("1", "20261123", "0", "films"),
        ("1", "20261123", "0", "films+"),
        ("1", "20261123", "0", "films+abcdef"),
        ("1", "20261123", "0", "films-", "films-"),
        ("1", "20261123", "0", "films+abcde", "films-"),
        ("1", "20261123", "0", "Films-"),
        ("1", "20261123", "0", "films-", ""),
        ("1", "20261123", "0", *(f"s{number}-" for number in range(1000))),
    ],
)
def test_signed_nonsense(parts: tuple[str, ...]) -> None:
    """A7: a signature alone is no sense: other formats, days to come, answers given twice, texts too long."""
    with pytest.raises(InvalidConsentError):
        CODEC.loads(text_of(*parts), today=TODAY)


def test_signed_nonsense_twin() -> None:
    """The same way of signing makes texts that are accepted, so it is the nonsense that is refused."""
    assert CODEC.loads(text_of("1", "20261123", "0", "films-"), today=TODAY).refused == {"films"}
    assert len(text_of("1", "20261123", "0", *(f"s{number}-" for number in range(1000)))) > LONGEST_TEXT


def test_one_day_of_skew() -> None:
    """A7: a server whose clock is a day behind still believes what another has written."""
    text = text_of("1", "20261124", "0", "films-")

    assert CODEC.loads(text, today=TODAY).refused == {"films"}
    with pytest.raises(InvalidConsentError):
        CODEC.loads(text, today=TODAY - timedelta(days=1))


def test_keys_rotate() -> None:
    """A7: the newest key writes, older ones are still read, and a key that was dropped is not."""
    old, new = Codec(["the old key of a site"]), Codec(["the new key of a site", b"the old key of a site"])
    consent = choose(NOTHING_CHOSEN, REGISTRY, (), today=TODAY, gpc=False)

    assert new.loads(old.dumps(consent), today=TODAY) == consent
    assert Codec(["the new key of a site"]).loads(new.dumps(consent), today=TODAY) == consent
    with pytest.raises(InvalidConsentError):
        Codec(["the new key of a site"]).loads(old.dumps(consent), today=TODAY)


def test_key_of_another_purpose() -> None:
    """A7: what the same key has signed elsewhere, a session say, is no consent."""
    text = Signer("a key for tests only", salt="cookie-session").sign("1.20261123.0.films+abcde").decode()

    with pytest.raises(InvalidConsentError):
        CODEC.loads(text, today=TODAY)


def test_nothing_chosen_has_no_text() -> None:
    """D3: before a choice there is nothing to remember."""
    with pytest.raises(ValueError, match="write no cookie"):
        CODEC.dumps(NOTHING_CHOSEN)


def test_what_stands() -> None:
    """D2: 184 days, the last one included; a refusal lasts as long as a grant."""
    for granted in ((), REGISTRY.optional):
        consent = choose(NOTHING_CHOSEN, REGISTRY, granted, today=TODAY, gpc=False)
        assert consent.standing(USUAL, TODAY + timedelta(days=184)) is consent
        assert consent.standing(USUAL, TODAY + timedelta(days=185)) == NOTHING_CHOSEN


def test_refusals_stand_when_grants_have_ended() -> None:
    """B10, D2: both age apart from one day; whoever granted something a month ago still refuses all else."""
    consent = choose(NOTHING_CHOSEN, REGISTRY, ["films"], today=TODAY, gpc=True)
    month = Validity(grants=timedelta(days=30), refusals=timedelta(days=400))
    after = {days: consent.standing(month, TODAY + timedelta(days=days)) for days in (30, 31, 400, 401)}

    assert after[30] is consent
    assert after[31] == after[400] == Consent(refused=consent.refused, made_on=TODAY)
    assert after[401] == NOTHING_CHOSEN


def test_what_is_left() -> None:
    """D2: a cookie lasts until the last of its answers ends, and a receipt until the grants do."""
    month = Validity(grants=timedelta(days=30))
    some = choose(NOTHING_CHOSEN, REGISTRY, ["films"], today=TODAY, gpc=False)
    everything = choose(NOTHING_CHOSEN, REGISTRY, REGISTRY.optional, today=TODAY, gpc=False)
    later = TODAY + timedelta(days=10)

    assert some.left(month, later) == HALF_A_YEAR - timedelta(days=10)
    assert everything.left(month, later) == some.grants_left(month, later) == timedelta(days=20)
    assert everything.left(month, TODAY + timedelta(days=30)) == timedelta(days=1), "it counts on its last day"


def test_allowing_one_after_grants_have_ended() -> None:
    """D2: a grant that would have ended at once counts from today; a day earlier nothing is prolonged."""
    registry = build(services(), validity=Validity(grants=timedelta(days=30)))
    before = choose(NOTHING_CHOSEN, registry, (), today=TODAY, gpc=False)
    days = (TODAY + timedelta(days=30), TODAY + timedelta(days=31))

    last, next_ = (allow_one(before, registry, "films", today=day, gpc=False) for day in days)

    assert last.made_on == TODAY
    assert next_.made_on == days[1]
    assert next_.refused == before.refused - {"films"}


def test_choosing_answers_for_every_service() -> None:
    """D4: after a choice each service is granted or refused, none is left out."""
    chosen = choose(NOTHING_CHOSEN, REGISTRY, {"films", "language"}, today=TODAY, gpc=False)

    assert set(chosen.granted) == {"films", "language"}
    assert chosen.refused == {"arrival", "counter", "posts"}
    with pytest.raises(KeyError, match="toaster"):
        choose(NOTHING_CHOSEN, REGISTRY, {"toaster"}, today=TODAY, gpc=False)


def test_choosing_keeps_what_other_apps_were_told() -> None:
    """Where apps share the cookie, each keeps the other's answers, with the day of its grants."""
    chosen = choose(OTHER, REGISTRY, {"films"}, today=TODAY, gpc=True)

    assert chosen.granted["basket"] == "abcde"
    assert "chat" in chosen.refused
    assert (chosen.made_on, chosen.gpc) == (OTHER.made_on, False)
    assert set(within(chosen, REGISTRY).granted) == {"films"}


def test_refusals_of_other_apps_hold_no_day() -> None:
    """D2: where the other app was granted nothing, a new choice starts its own six months."""
    refused = Consent(refused=frozenset({"chat"}), made_on=TODAY - timedelta(days=90))

    assert choose(refused, REGISTRY, {"films"}, today=TODAY, gpc=False).made_on == TODAY


def test_allowing_one() -> None:
    """A9, D2: allowing one service answers for no other, and prolongs nothing."""
    before = choose(NOTHING_CHOSEN, REGISTRY, {"language"}, today=TODAY - timedelta(days=30), gpc=False)
    after = allow_one(before, REGISTRY, "films", today=TODAY, gpc=False)

    assert set(after.granted) == {"language", "films"}
    assert after.refused == {"arrival", "counter", "posts"}
    assert after.made_on == before.made_on
    assert allow_one(NOTHING_CHOSEN, REGISTRY, "films", today=TODAY, gpc=False).refused == frozenset()


def test_allowing_one_under_the_signal_revives_nothing() -> None:
    """G3: the grants that the signal pauses become undecided."""
    before = choose(NOTHING_CHOSEN, REGISTRY, {"posts", "language"}, today=TODAY, gpc=False)
    after = allow_one(before, REGISTRY, "films", today=TODAY, gpc=True, paused={"posts"})

    assert set(after.granted) == {"films", "language"}
    assert after.gpc
    assert "posts" not in after.refused


def test_what_only_takes_away() -> None:
    """F5: of a mixed step the refusals take effect, the grants do not."""
    before = choose(NOTHING_CHOSEN, REGISTRY, {"films", "language"}, today=TODAY - timedelta(days=9), gpc=False)
    wanted = choose(before, REGISTRY, {"films", "counter"}, today=TODAY, gpc=False)

    reduced = without_new_grants(wanted, before)

    assert set(reduced.granted) == {"films"}
    assert {"language", "counter"} <= reduced.refused
    assert reduced.made_on == before.made_on


def test_what_only_takes_away_of_a_first_grant() -> None:
    """F5: nothing chosen and nothing allowed is no choice: undecided stays undecided."""
    wanted = allow_one(NOTHING_CHOSEN, REGISTRY, "films", today=TODAY, gpc=True)

    assert without_new_grants(wanted, NOTHING_CHOSEN) is NOTHING_CHOSEN


def test_what_only_takes_away_of_a_renewed_grant() -> None:
    """D6, F5: a grant of what has changed since is a new grant."""
    before = Consent(MappingProxyType({"films": "00000"}), frozenset(), TODAY)
    wanted = allow_one(before, REGISTRY, "films", today=TODAY, gpc=False)

    assert dict(without_new_grants(wanted, before).granted) == {}


def test_kinds() -> None:
    """F1: each step between two consents has one name, a repeat has none."""
    refused = choose(NOTHING_CHOSEN, REGISTRY, (), today=TODAY, gpc=False)
    some = choose(NOTHING_CHOSEN, REGISTRY, {"films"}, today=TODAY, gpc=False)
    more = choose(NOTHING_CHOSEN, REGISTRY, {"films", "posts"}, today=TODAY, gpc=False)

    steps = [(NOTHING_CHOSEN, refused), (refused, some), (some, more), (more, some), (some, refused), (some, some)]
    names = [Kind.REFUSED, Kind.GIVEN, Kind.CHANGED, Kind.CHANGED, Kind.WITHDRAWN, None]

    assert [kind_of(before, after) for before, after in steps] == names
    assert kind_of(some, replace(some, made_on=TODAY + timedelta(days=3))) is None
    assert kind_of(refused, refused) is None


@given(consents(), st.integers(0, 42), st.sampled_from("AEIMQUYcgkosw048BCDx_-#=. \x00"))
def test_one_text_for_one_consent(consent: Consent, place: int, letter: str) -> None:
    """D3: base64 has many texts for the same bytes, and only the one that is written here is a signature."""
    text = CODEC.dumps(consent)
    start = len(text) - 43
    altered = {
        text[: start + place] + letter + text[start + place + 1 :],
        text[: start + place] + letter + text[start + place :],
        text[: start + place] + "####" + text[start + place :],
    }
    for other in altered - {text}:
        with pytest.raises(InvalidConsentError):
            CODEC.loads(other, today=TODAY)


def test_texts_of_other_apps() -> None:
    """Another app's consent is told from our own and from what nobody has signed."""
    text = CODEC.dumps(OTHER)

    assert Codec(["the key of another app"]).is_foreign(text)
    assert not CODEC.is_foreign(text)
    assert not Codec(["a newer key", "a key for tests only"]).is_foreign(text)
    for nobodys in ("", "x", "1.", text[:-1], text[1:], text + "x", "2" + text[1:], "é" + text, "1." + "x" * 4_000):
        assert not Codec(["the key of another app"]).is_foreign(nobodys), nobodys
