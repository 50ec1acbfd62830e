"""Names of cookies that are counted: what may identify somebody is a star in them."""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from collections.abc import Callable
from statistics import mean
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.core.cookie_names import LONGEST_NAME, folded

KEPT = (
    *("PHPSESSID", "JSESSIONID", "_fbp", "_gid", "__utmz", "_hjAbsoluteSessionInProgress", "optimizelyEndUserId"),
    *("CookieLawInfoConsent", "cookielawinfo-checkbox-necessary", "OptanonAlertBoxClosed", "wp-wpml_current_language"),
    *("__Host-theme", "__Secure-3PSID", "1P_JAR", "ar_v4", "hubspotutk", "AWSALBCORS", "csrf_token", "remember_token"),
    *("li_gc", "intercom-device-id", "__stripe_mid", "ASP.NET_SessionId", "connect.sid", "_pk_ses.", "laravel_session"),
    *("_hjTLDTest", "_uetmsclkid", "_ScCbts", "crisp-client%2Fsocket%2F"),
)
HEX = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("name", KEPT)
def test_names_of_vendors_and_frameworks_stay(name: str) -> None:
    assert folded(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"mp_{HEX}_mixpanel", "mp_*_mixpanel"),
        (f"wordpress_logged_in_{HEX}", "wordpress_logged_in_*"),
        ("_ga_ABC123", "_ga_*"),
        ("_gat_gtag_UA_123456_1", "_gat_gtag_UA_*"),
        ("_hjSession_1234567", "_hjSession_*"),
        ("hjSessionUser1234567", "hjSessionUser*"),
        ("_pk_id.7.1fff", "_pk_id.*"),
        ("amplitude_id_deadbeefcafebabe", "amplitude_id_*"),
        ("seen-550e8400-e29b-41d4-cafe-446655440000", "seen-*"),
        ("user_42", "user_*"),
        ("user42", "user*"),
        ("birthday-1990-01-02", "birthday-*"),
        ("call.06-12-34-56-78", "call.*"),
        ("ip-203.0.113.7", "ip-*"),
        ("cart_kXwQ-9fTz_pQrS", "cart_*"),
        ("s_xkcdqwrtzp", "s_*"),
        ("alice%40example.org", "*"),
        ("prefs_M%C3%BCller", "*"),
        ("prefs_%61lice", "*"),
        ("a%2F0123456789", "a%*"),
        (HEX, "*"),
        ("*", "*"),
    ],
)
def test_what_may_identify_is_a_star(name: str, expected: str) -> None:
    assert folded(name) == expected


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a=b", "alice@example.org", "caf\xe9", "a\n", "a\x00", '"quoted"', "x" * (LONGEST_NAME + 1), "a/b"],
)
def test_what_is_no_name(name: str) -> None:
    assert folded(name) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda number: number.to_bytes(16).hex(),
        lambda number: number.to_bytes(16).hex().upper(),
        lambda number: str(UUID(int=number)),
        str,
    ],
)
@given(st.integers(0, 2**128 - 1))
def test_nothing_is_left_of_hexadecimal_and_decimal_digits(make: Callable[[int], str], number: int) -> None:
    assert folded(f"id_{make(number)}_x") == "id_*_x"


def test_half_of_base64_is_gone() -> None:
    """Letters alone may look like words; of a number of 128 bits no name has enough left to be one of few."""
    chance = random.Random(1)
    left = [folded("id." + urlsafe_b64encode(chance.randbytes(16)).decode().rstrip("=")) or "" for _ in range(1_000)]

    assert sum(each == "id.*" for each in left) > 400
    assert mean(len(each) - len("id.*") for each in left) < 4


@given(st.text(max_size=200))
def test_any_text(name: str) -> None:
    """Folding ends, makes nothing longer, and once is enough."""
    once = folded(name)

    assert once is None or (len(once) <= len(name) and folded(once) == once)
