"""Every key is checked at start-up; a mistake names the key, what was found and what is wanted."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest

from flask_cookieconsent.core.validity import Validity
from flask_cookieconsent.errors import SettingsError
from flask_cookieconsent.settings import RENAMED, Settings, read

GOOD: dict[str, Any] = {
    "COOKIECONSENT_URL_PREFIX": "/legal/cookies",
    "COOKIECONSENT_SECRET_KEY": b"sixteen bytes or more",
    "COOKIECONSENT_SECRET_KEY_FALLBACKS": ["sixteen letters or more"],
    "COOKIECONSENT_COOKIE_NAME": "shop-consent",
    "COOKIECONSENT_COOKIE_DOMAIN": "example.com",
    "COOKIECONSENT_TRUSTED_ORIGINS": ["https://www.example.com", "http://localhost:5000"],
    "COOKIECONSENT_POLICY_VERSION": "2026-11",
    "COOKIECONSENT_POLICY_DATE": date(2026, 11, 1),
    "COOKIECONSENT_CONTROLLER": "Example NV",
    "COOKIECONSENT_CONTROLLER_ADDRESS": "1 Some Street, Ghent",
    "COOKIECONSENT_CONTACT": "privacy@example.com",
    "COOKIECONSENT_PRIVACY_POLICY_URL": "/privacy",
    "COOKIECONSENT_LOG_SCOPE": "shop",
    "COOKIECONSENT_SCOPE": "Website",
    "COOKIECONSENT_APP_SCOPE": "App",
    "COOKIECONSENT_SHARED_SCOPES": ["Website", "App"],
    "COOKIECONSENT_BASE_TEMPLATE": "base.html",
    "COOKIECONSENT_BANNER_STYLE": "card",
    "COOKIECONSENT_UNDECLARED_COOKIES": "drop",
    "COOKIECONSENT_UNDECLARED_FRAMES": "leave",
    "COOKIECONSENT_UNDECLARED_MEDIA": "block",
    "COOKIECONSENT_SWEEP_EXCEPT": ["_ga", "_ga_*"],
    "COOKIECONSENT_CSP": "enforce",
    "COOKIECONSENT_CSP_SOURCES": {"img-src": ["https://img.example.com", "data:"]},
    "COOKIECONSENT_PAGES": "cacheable",
    "COOKIECONSENT_DNT": True,
    "COOKIECONSENT_GRANT_RATE": "1 per second",
    "COOKIECONSENT_RECEIPT_RATE": "5 per day",
    "COOKIECONSENT_GRANT_RETENTION": timedelta(days=400),
    "COOKIECONSENT_REFUSAL_RETENTION": 184,
    "COOKIECONSENT_VALIDITY": 30,
    "COOKIECONSENT_REFUSAL_VALIDITY": timedelta(days=400),
    "COOKIECONSENT_REGION_HEADERS": ["X-Country", "X-Region"],
    "COOKIECONSENT_REGIMES": {"US-CA": "opt-out", "DE": "opt-in"},
    "COOKIECONSENT_EXEMPT": {"counter": {"GB": "PECR 2003"}},
    "COOKIECONSENT_SPOOL_FOLDER": "/var/spool/consent",
    "COOKIECONSENT_DATABASE_TIMEOUT": timedelta(seconds=5),
    "COOKIECONSENT_DATABASE_PAUSE": 30,
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
    ("COOKIECONSENT_COOKIE_NAME", "__Host-mine"),
    ("COOKIECONSENT_COOKIE_NAME", "a;b"),
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
    ("COOKIECONSENT_LOG_SCOPE", "x" * 41),
    ("COOKIECONSENT_SCOPE", "our site"),
    ("COOKIECONSENT_APP_SCOPE", None),
    ("COOKIECONSENT_SHARED_SCOPES", "Website"),
    ("COOKIECONSENT_SHARED_SCOPES", ["Website", "the app"]),
    ("COOKIECONSENT_BASE_TEMPLATE", None),
    ("COOKIECONSENT_BANNER_STYLE", "wall"),
    ("COOKIECONSENT_UNDECLARED_COOKIES", "ignore"),
    ("COOKIECONSENT_UNDECLARED_COOKIES", None),
    ("COOKIECONSENT_UNDECLARED_FRAMES", False),
    ("COOKIECONSENT_UNDECLARED_MEDIA", "warn"),
    ("COOKIECONSENT_SWEEP_EXCEPT", False),
    ("COOKIECONSENT_SWEEP_EXCEPT", "_ga"),
    ("COOKIECONSENT_SWEEP_EXCEPT", ["a;b"]),
    ("COOKIECONSENT_CSP", True),
    ("COOKIECONSENT_CSP_SOURCES", {"img-src": "https://img.example.com"}),
    ("COOKIECONSENT_CSP_SOURCES", {"img-src": ["https://img.example.com; script-src *"]}),
    ("COOKIECONSENT_CSP_SOURCES", {"img-src *; script-src": ["'self'"]}),
    ("COOKIECONSENT_CSP_SOURCES", ["img-src"]),
    ("COOKIECONSENT_PAGES", "public"),
    ("COOKIECONSENT_PAGES", True),
    ("COOKIECONSENT_DNT", 1),
    ("COOKIECONSENT_GRANT_RATE", "0 per minute"),
    ("COOKIECONSENT_GRANT_RATE", None),
    ("COOKIECONSENT_RECEIPT_RATE", "many"),
    ("COOKIECONSENT_GRANT_RETENTION", None),
    ("COOKIECONSENT_REFUSAL_RETENTION", 100),
    ("COOKIECONSENT_REFUSAL_RETENTION", True),
    ("COOKIECONSENT_REFUSAL_RETENTION", timedelta(days=183)),
    ("COOKIECONSENT_VALIDITY", 185),
    ("COOKIECONSENT_VALIDITY", 0),
    ("COOKIECONSENT_VALIDITY", True),
    ("COOKIECONSENT_VALIDITY", timedelta(days=185)),
    ("COOKIECONSENT_VALIDITY", timedelta(hours=36)),
    ("COOKIECONSENT_VALIDITY", "6 months"),
    ("COOKIECONSENT_REGION_HEADERS", "X_Country"),
    ("COOKIECONSENT_REGION_HEADERS", None),
    ("COOKIECONSENT_REGIMES", {"us": "opt-out"}),
    ("COOKIECONSENT_REGIMES", {"US": "anything"}),
    ("COOKIECONSENT_EXEMPT", {"counter": "PECR 2003"}),
    ("COOKIECONSENT_REFUSAL_VALIDITY", 183),
    ("COOKIECONSENT_REFUSAL_VALIDITY", timedelta(days=401)),
    ("COOKIECONSENT_SPOOL_FOLDER", False),
    ("COOKIECONSENT_DATABASE_TIMEOUT", 0),
    ("COOKIECONSENT_DATABASE_TIMEOUT", "2"),
    ("COOKIECONSENT_DATABASE_TIMEOUT", float("nan")),
    ("COOKIECONSENT_DATABASE_PAUSE", True),
    ("COOKIECONSENT_DATABASE_PAUSE", timedelta(hours=2)),
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
    assert settings.policy_date == date(2026, 11, 1)
    assert read({"COOKIECONSENT_POLICY_DATE": "2026-11-01"}).policy_date == date(2026, 11, 1)
    assert read({}) == Settings()
    assert settings.sweep_except == ("_ga", "_ga_*")
    assert settings.grant_retention == timedelta(days=400)
    assert settings.refusal_retention == timedelta(days=184), "a number means days"
    assert settings.region_headers == ("X-Country", "X-Region")
    assert read({"COOKIECONSENT_REGION_HEADERS": "X-Country"}).region_headers == ("X-Country",)
    assert settings.holds == Validity(timedelta(days=30), timedelta(days=400))
    assert (settings.database_timeout, settings.database_pause) == (5, 30), "a number means seconds"
    assert read({}).policy_date is None


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
        read({"COOKIECONSENT_BASE_TEMPLATE": 1, "COOKIECONSENT_LOG_SCOPE": "", "COOKIECONSENT_URL_PREFX": "/c"})

    assert len(error.value.mistakes) == 3
    assert "COOKIECONSENT_URL_PREFX: no such setting; did you mean COOKIECONSENT_URL_PREFIX?" in error.value.mistakes


def test_settings_that_do_not_fit_together() -> None:
    """A1, B10: what is well formed by itself and promises too little is named as all mistakes are."""
    with pytest.raises(SettingsError) as error:
        read({"COOKIECONSENT_REGIMES": {"FR": "opt-out"}})

    assert [mistake.partition(":")[0] for mistake in error.value.mistakes] == [
        *("COOKIECONSENT_REGIMES", "COOKIECONSENT_REGIMES", "COOKIECONSENT_REFUSAL_VALIDITY")
    ]


@pytest.mark.parametrize("name", RENAMED)
def test_old_names_name_the_new_ones(name: str) -> None:
    """A setting that was renamed before 0.1.0 is an error that says what to write, and what it says is a setting."""
    with pytest.raises(SettingsError) as error:
        read({"COOKIECONSENT_" + name: "whatever it was"})

    (mistake,) = error.value.mistakes
    named = re.findall(r"write COOKIECONSENT_(\w+)", mistake)
    assert mistake.startswith(f"COOKIECONSENT_{name}: ")
    assert {each.lower() for each in named} <= {each.name for each in fields(Settings)}
    assert named or "leave it out" in mistake


@pytest.mark.parametrize(
    "wish",
    [
        *("PRETICKED", "DEFAULT", "GRANTED", "HIDE_REJECT", "REJECT_BUTTON", "LEGITIMATE_INTEREST", "LEGAL_BASIS"),
        *("IMPLIED", "EXPIRES", "SAMESITE", "RECEIPT_COOKIE", "SLIDING"),
    ],
)
def test_what_no_setting_can_do(wish: str) -> None:
    """B1, B3, B7, D2: nothing pre-ticks, hides a refusal, claims another ground or prolongs a choice."""
    with pytest.raises(SettingsError, match="no such setting"):
        read({"COOKIECONSENT_" + wish: True})
