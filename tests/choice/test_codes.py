"""A code carries one consent for a minute, once, to the one it is meant for; anything else is no code."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_cookieconsent.choice.codes import EXPIRES_IN, LONGEST_CODE, Codes, Direction, challenge_of
from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Consent
from flask_cookieconsent.core.fitting import longest_text
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.state import get_state
from tests.kit.phones import website
from tests.kit.sites import NOON, Clock, own

CONSENT = Consent({"films": "abcde"}, frozenset({"posts"}), NOON.date())
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
TO_PAGE, TO_APP = Direction.TO_PAGE, Direction.TO_APP


def codes_of(folder: Path, clock: Clock | None = None, **config: Any) -> Codes:
    site = website(clock=clock, **config)
    return Codes.of(site.app, get_state(site.app), folder)


def test_code_is_used_once(tmp_path: Path) -> None:
    """It holds the consent as it was, and the second time nothing."""
    codes = codes_of(tmp_path)
    code = codes.issue(CONSENT, TO_PAGE)

    assert codes.redeem(code, TO_PAGE) == CONSENT
    assert codes.redeem(code, TO_PAGE) is None
    assert codes.redeem(codes.issue(NOTHING_CHOSEN, TO_APP), TO_APP) == NOTHING_CHOSEN


@pytest.mark.parametrize("again", ["another last letter", "padding"])
def test_code_with_its_signature_written_otherwise_is_used_too(tmp_path: Path, again: str) -> None:
    """Base64 has several spellings of one signature: none of them is another code."""
    codes = codes_of(tmp_path)
    code = codes.issue(CONSENT, TO_PAGE)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 43 letters hold two bits more than 32 bytes.
    other = {"another last letter": code[:-1] + letters[letters.index(code[-1]) + 1], "padding": code + "="}[again]

    assert codes.redeem(other, TO_PAGE) == CONSENT
    assert codes.redeem(code, TO_PAGE) is None


def test_equal_choices_have_codes_of_their_own(tmp_path: Path) -> None:
    """Two visitors who chose the same in one second do not take each other's code."""
    codes = codes_of(tmp_path)
    assert [codes.redeem(codes.issue(CONSENT, TO_PAGE), TO_PAGE) for _ in range(2)] == [CONSENT] * 2


@pytest.mark.parametrize(("seconds", "counts"), [(EXPIRES_IN, True), (EXPIRES_IN + 1, False), (-90, False)])
def test_code_counts_for_a_minute(seconds: int, counts: bool, tmp_path: Path) -> None:
    """A code of a minute ago, or of a time to come, is none."""
    clock = Clock()
    codes = codes_of(tmp_path, clock)
    code = codes.issue(CONSENT, TO_PAGE)
    clock.forward(seconds=seconds)

    assert (codes.redeem(code, TO_PAGE) is not None) == counts


def test_code_goes_one_way(tmp_path: Path) -> None:
    """What an app hands to a page is no token for another app, nor the reverse; nothing is used up by the attempt."""
    codes = codes_of(tmp_path)
    code = codes.issue(CONSENT, TO_PAGE)

    assert codes.redeem(code, TO_APP) is None
    assert codes.redeem(code, TO_PAGE) == CONSENT


def test_code_of_another_key_or_none(tmp_path: Path) -> None:
    """Nobody else's code counts; that of a key that was rotated does."""
    codes = codes_of(tmp_path)
    foreign = codes_of(tmp_path, SECRET_KEY="the key of somebody else").issue(CONSENT, TO_PAGE)
    rotated = codes_of(tmp_path, SECRET_KEY="a newer key", SECRET_KEY_FALLBACKS=["a key for tests only"])

    assert codes.redeem(foreign, TO_PAGE) is None
    assert rotated.redeem(codes.issue(CONSENT, TO_PAGE), TO_PAGE) == CONSENT


def test_choices_cookie_is_no_code(tmp_path: Path) -> None:
    """A text that is signed for another purpose is no code, and a code no consent."""
    codes = codes_of(tmp_path)
    code = codes.issue(CONSENT, TO_PAGE)

    assert codes.redeem(codes.codec.dumps(CONSENT), TO_PAGE) is None
    assert not codes.codec.is_foreign(code)


def test_challenge_protects_a_code(tmp_path: Path) -> None:
    """RFC 7636: whoever has intercepted a code and not its verifier gets nothing, and uses nothing up."""
    codes = codes_of(tmp_path)
    code = codes.issue(CONSENT, TO_APP, challenge_of(VERIFIER))

    assert challenge_of(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    for wrong in ("", VERIFIER[:-1] + "x", challenge_of(VERIFIER), "é" * 43):
        assert codes.redeem(code, TO_APP, wrong) is None
    assert codes.redeem(code, TO_APP, VERIFIER) == CONSENT
    assert codes.redeem(codes.issue(CONSENT, TO_APP), TO_APP, VERIFIER) is None, "a code without one takes none"


def test_code_says_nothing_of_anybody(tmp_path: Path) -> None:
    """It holds a consent, a minute and chance; its letters need no encoding in a form."""
    codes = codes_of(tmp_path)
    content = codes.serializer.loads(codes.issue(CONSENT, TO_PAGE))
    text = codes.codec.dumps(CONSENT)

    assert content[:2] == ["page", int(NOON.timestamp()) + EXPIRES_IN]
    assert content[3:] == ["", text]
    assert re.fullmatch(r"[A-Za-z0-9._-]+", codes.issue(CONSENT, TO_PAGE))


def test_longest_consent_fits(tmp_path: Path) -> None:
    """The consent of as many services as a site may have is still a code."""
    names = [f"service_{number:02}_{'x' * 20}" for number in range(90)]
    registry = build([own(name, "functionality") for name in names])
    consent = Consent(registry.declaration_digests, made_on=NOON.date())
    codes = codes_of(tmp_path)
    code = codes.issue(consent, TO_PAGE)

    assert longest_text(registry) > 3_400
    assert len(code) < LONGEST_CODE
    assert codes.redeem(code, TO_PAGE) == consent


@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, 200), letter=st.characters(), junk=st.text(max_size=300))
def test_forged_codes_are_none(place: int, letter: str, junk: str) -> None:
    """Whatever somebody makes of a code, or makes up, is nothing, and never raises."""
    codes = FORGED
    code = codes.issue(CONSENT, TO_PAGE)
    place %= len(code)
    other = code[:place] + letter + code[place + 1 :]

    assert codes.redeem(junk, TO_PAGE) is None
    assert other == code or codes.redeem(other, TO_PAGE) is None


FORGED = codes_of(Path("/dev/null/codes"))


def test_moment_is_the_clocks(tmp_path: Path) -> None:
    """The day by which a consent is read is that of the app's clock in UTC."""
    clock = Clock(NOON + timedelta(hours=11))
    codes = codes_of(tmp_path, clock)
    code = codes.issue(CONSENT, TO_PAGE)
    clock.forward(seconds=30)

    assert codes.redeem(code, TO_PAGE) == CONSENT
