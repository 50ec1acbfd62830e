"""Where a consent was made, as one digit of the choices cookie."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from flask_cookieconsent.core.consent import Codec, Consent, choose, within, without_new_grants
from flask_cookieconsent.core.origin import Origin
from flask_cookieconsent.core.registry import build
from tests.kit.sites import services

TODAY = date(2026, 11, 23)
CODEC = Codec(["a key for tests only"])
REGISTRY = build(services())
SOME = Consent(MappingProxyType({"films": "abcde"}), frozenset({"counter"}), TODAY)


@pytest.mark.parametrize("origin", Origin)
@pytest.mark.parametrize("gpc", [False, True])
def test_digit_and_back(origin: Origin, gpc: bool) -> None:
    """D7: the signal and the origin share a digit, and each is read back; without an account it is the signal alone."""
    consent = replace(SOME, origin=origin, gpc=gpc)

    assert consent.unsigned.split(".")[2] == str(gpc + 2 * origin)
    assert CODEC.loads(CODEC.dumps(consent), today=TODAY) == consent
    assert CODEC.dumps(SOME).split(".")[2] == "0"


def test_origin_is_no_answer() -> None:
    """Two consents that differ in their origin alone say the same: no press is an event because of it."""
    assert replace(SOME, origin=Origin.ADOPTED).says_the_same(SOME)


def test_press_makes_a_consent_of_this_device() -> None:
    """What somebody presses is of this device until it is kept with an account; what a press leaves alone is not."""
    adopted = replace(SOME, origin=Origin.ADOPTED)

    assert choose(adopted, REGISTRY, {"films"}, today=TODAY, gpc=False).origin is Origin.DEVICE
    assert within(adopted, REGISTRY).origin is Origin.ADOPTED
    assert without_new_grants(adopted, adopted).origin is Origin.ADOPTED
