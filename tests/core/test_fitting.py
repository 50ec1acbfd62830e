"""A consent fits into a cookie, whatever other apps with the same one keep in it."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.core.consent import LONGEST_TEXT, NOTHING_CHOSEN, Codec, Consent, choose, within
from flask_cookieconsent.core.fitting import fitted, longest_text
from flask_cookieconsent.core.registry import build
from tests.kit.sites import own, services

TODAY = date(2026, 11, 23)
REGISTRY = build(services())
CODEC = Codec(["a key for tests only"])


def test_text_of_twenty_services_is_short() -> None:
    """D1: twenty services, all granted, and the cookie stays below 512 bytes."""
    registry = build([own(f"service_{number:02}", "functionality") for number in range(20)])
    text = CODEC.dumps(choose(NOTHING_CHOSEN, registry, registry.optional, today=TODAY, gpc=False))

    assert len(text) == longest_text(registry) <= 512


@given(st.integers(0, 300), st.integers(0, 300), st.integers(10, 32))
def test_consent_of_several_apps_always_fits(granted: int, refused: int, length: int) -> None:
    """E1: a press never fails because of what other apps keep in the same cookie; refusals there give way first."""
    names = [f"s{number:03}".ljust(length, "x") for number in range(600)]
    others = Consent(
        MappingProxyType(dict.fromkeys(names[:granted], "abcde")), frozenset(names[300 : 300 + refused]), TODAY
    )
    wanted = choose(others, REGISTRY, REGISTRY.optional, today=TODAY, gpc=False)

    kept = fitted(wanted, REGISTRY)
    text = CODEC.dumps(kept)

    assert CODEC.loads(text, today=TODAY) == kept and len(text) <= LONGEST_TEXT
    assert within(kept, REGISTRY) == within(wanted, REGISTRY)
    assert set(kept.granted) <= set(wanted.granted) and kept.refused <= wanted.refused
    assert (kept == wanted) == (len(CODEC.dumps(wanted)) <= LONGEST_TEXT)
    # A grant gives way only once no refusal of another app is left.
    assert kept.granted == wanted.granted or not kept.refused - set(REGISTRY.services)
