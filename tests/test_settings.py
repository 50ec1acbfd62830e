"""Every key is checked at start-up; a mistake names the key, what was found and what is wanted."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from flask_cookieconsent.errors import SettingsError
from flask_cookieconsent.settings import Settings, read

GOOD: dict[str, Any] = {
    "COOKIECONSENT_URL_PREFIX": "/legal/cookies",
    "COOKIECONSENT_SECRET_KEY": b"sixteen bytes or more",
    "COOKIECONSENT_SECRET_KEY_FALLBACKS": ["sixteen letters or more"],
    "COOKIECONSENT_COOKIE_DOMAIN": "example.com",
    "COOKIECONSENT_TRUSTED_ORIGINS": ["https://www.example.com", "http://localhost:5000"],
    "COOKIECONSENT_POLICY_VERSION": "2026-11",
    "COOKIECONSENT_POLICY_DATE": date(2026, 11, 1),
    "COOKIECONSENT_CONTROLLER": "Example NV",
    "COOKIECONSENT_CONTROLLER_ADDRESS": "1 Some Street, Ghent",
    "COOKIECONSENT_CONTACT": "privacy@example.com",
    "COOKIECONSENT_PRIVACY_POLICY_URL": "/privacy",
    "COOKIECONSENT_SCOPE": "shop",
    "COOKIECONSENT_LAYOUT": "base.html",
    "COOKIECONSENT_LOOK": "card",
    "COOKIECONSENT_UNDECLARED": "drop",
    "COOKIECONSENT_UNKNOWN_FRAMES": "leave",
    "COOKIECONSENT_SWEEP": "all except _ga _ga_*",
    "COOKIECONSENT_CSP": "enforce",
    "COOKIECONSENT_CSP_SOURCES": {"img-src": ["https://img.example.com", "data:"]},
    "COOKIECONSENT_DNT": True,
    "COOKIECONSENT_GRANT_RATE": "1 per second",
    "COOKIECONSENT_RECEIPT_RATE": "5 per day",
    "COOKIECONSENT_RATE_STORAGE": "redis://localhost:6379/1",
    "COOKIECONSENT_KEEP_GRANTS": 400,
    "COOKIECONSENT_KEEP_REFUSALS": 184,
    "COOKIECONSENT_SPOOL": "/var/spool/consent",
    "COOKIECONSENT_GPC_STATEMENT": False,
}
BAD = [
    ("COOKIECONSENT_URL_PREFIX", "cookies"),
    ("COOKIECONSENT_URL_PREFIX", "/"),
    ("COOKIECONSENT_URL_PREFIX", "/cookies/"),
    ("COOKIECONSENT_URL_PREFIX", "/a/<b>"),
    ("COOKIECONSENT_URL_PREFIX", None),
    ("COOKIECONSENT_SECRET_KEY", "short"),
    ("COOKIECONSENT_SECRET_KEY_FALLBACKS", "sixteen letters or more"),
    ("COOKIECONSENT_SECRET_KEY_FALLBACKS", [None]),
    ("COOKIECONSENT_SECRET_KEY", 1234567890123456),
    ("COOKIECONSENT_COOKIE_DOMAIN", "https://example.com"),
    ("COOKIECONSENT_COOKIE_DOMAIN", "com"),
    ("COOKIECONSENT_COOKIE_DOMAIN", "a.com; Secure"),
    ("COOKIECONSENT_TRUSTED_ORIGINS", "https://www.example.com"),
    ("COOKIECONSENT_TRUSTED_ORIGINS", ["https://www.example.com/"]),
    ("COOKIECONSENT_TRUSTED_ORIGINS", ["*"]),
    ("COOKIECONSENT_TRUSTED_ORIGINS", ["null"]),
    ("COOKIECONSENT_POLICY_VERSION", 2),
    ("COOKIECONSENT_POLICY_VERSION", "v 2"),
    ("COOKIECONSENT_POLICY_DATE", "1 November"),
    ("COOKIECONSENT_CONTROLLER", "Example\nNV"),
    ("COOKIECONSENT_CONTACT", 7),
    ("COOKIECONSENT_SCOPE", "x" * 41),
    ("COOKIECONSENT_LAYOUT", None),
    ("COOKIECONSENT_LOOK", "wall"),
    ("COOKIECONSENT_UNDECLARED", "ignore"),
    ("COOKIECONSENT_UNDECLARED", None),
    ("COOKIECONSENT_UNKNOWN_FRAMES", False),
    ("COOKIECONSENT_SWEEP", False),
    ("COOKIECONSENT_SWEEP", "none"),
    ("COOKIECONSENT_SWEEP", "all except a;b"),
    ("COOKIECONSENT_CSP", True),
    ("COOKIECONSENT_CSP_SOURCES", {"img-src": "https://img.example.com"}),
    ("COOKIECONSENT_CSP_SOURCES", {"img-src": ["https://img.example.com; script-src *"]}),
    ("COOKIECONSENT_CSP_SOURCES", {"img-src *; script-src": ["'self'"]}),
    ("COOKIECONSENT_CSP_SOURCES", ["img-src"]),
    ("COOKIECONSENT_DNT", 1),
    ("COOKIECONSENT_GRANT_RATE", "0 per minute"),
    ("COOKIECONSENT_GRANT_RATE", None),
    ("COOKIECONSENT_RECEIPT_RATE", "many"),
    ("COOKIECONSENT_RATE_STORAGE", None),
    ("COOKIECONSENT_KEEP_GRANTS", None),
    ("COOKIECONSENT_KEEP_REFUSALS", 100),
    ("COOKIECONSENT_KEEP_REFUSALS", True),
    ("COOKIECONSENT_SPOOL", False),
    ("COOKIECONSENT_GPC_STATEMENT", "yes"),
]


def test_each_key_has_an_example() -> None:
    """What follows tries every key there is."""
    names = {"COOKIECONSENT_" + each.name.upper() for each in fields(Settings)}

    without_bad = {"COOKIECONSENT_CONTROLLER_ADDRESS", "COOKIECONSENT_PRIVACY_POLICY_URL"}

    assert set(GOOD) == names
    assert {key for key, _ in BAD} == names - without_bad


def test_good_values() -> None:
    """Keys of others are left alone, ours are read, and what is not given has its default."""
    settings = read(GOOD | {"SECRET_KEY": "x"})

    assert settings.url_prefix == "/legal/cookies"
    assert settings.trusted_origins == ("https://www.example.com", "http://localhost:5000")
    assert settings.policy_day == date(2026, 11, 1)
    assert read({"COOKIECONSENT_POLICY_DATE": "2026-11-01"}).policy_day == date(2026, 11, 1)
    assert read({}) == Settings()
    assert read({}).policy_day is None


@pytest.mark.parametrize(("key", "value"), BAD)
def test_bad_values(key: str, value: Any) -> None:
    """Each mistake names its key and what is wanted, and never shows a secret."""
    with pytest.raises(SettingsError) as error:
        read(GOOD | {key: value})

    (mistake,) = error.value.mistakes
    assert mistake.startswith(key + ": found ")
    assert ", wanted " in mistake
    assert (repr(value) in mistake) == (not key.startswith("COOKIECONSENT_SECRET_KEY"))


def test_every_mistake_at_once() -> None:
    """Nobody has to start the app once for each of their mistakes."""
    with pytest.raises(SettingsError) as error:
        read({"COOKIECONSENT_LAYOUT": 1, "COOKIECONSENT_SCOPE": "", "COOKIECONSENT_URL_PREFX": "/c"})

    assert len(error.value.mistakes) == 3
    assert "COOKIECONSENT_URL_PREFX: no such setting; did you mean COOKIECONSENT_URL_PREFIX?" in error.value.mistakes


@pytest.mark.parametrize(
    "wish",
    [
        *("PRETICKED", "DEFAULT", "GRANTED", "HIDE_REJECT", "REJECT_BUTTON", "LEGITIMATE_INTEREST", "LEGAL_BASIS"),
        *("IMPLIED", "EXPIRES", "VALIDITY", "SAMESITE", "COOKIE_NAME", "SLIDING"),
    ],
)
def test_what_no_setting_can_do(wish: str) -> None:
    """B1, B3, B7, D2: nothing pre-ticks, hides a refusal, claims another ground or prolongs a choice."""
    with pytest.raises(SettingsError, match="no such setting"):
        read({"COOKIECONSENT_" + wish: True})
