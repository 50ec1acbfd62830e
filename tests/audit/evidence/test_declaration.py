"""The declaration and the settings as an authority reads them, and what of the settings nobody reads."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date, timedelta

from flask_cookieconsent.audit.evidence.declaration import NOT_TOLD, TOLD, declared, told_settings
from flask_cookieconsent.i18n import language
from flask_cookieconsent.settings import Settings, read
from flask_cookieconsent.state import get_state
from tests.kit.sites import make_site


def test_every_setting_is_decided_about() -> None:
    """A new setting is told or not told by somebody's decision, and never by accident."""
    assert sorted((*TOLD, *NOT_TOLD)) == sorted(each.name for each in fields(Settings))


def test_no_key_is_told() -> None:
    assert not [name for name in TOLD if "secret" in name or "folder" in name or "database" in name]


def test_settings_are_plain_values() -> None:
    settings = read(
        {
            "COOKIECONSENT_POLICY_DATE": date(2026, 11, 23),
            "COOKIECONSENT_GRANT_RETENTION": timedelta(days=400),
            "COOKIECONSENT_SWEEP_EXCEPT": ["_ga"],
            "COOKIECONSENT_URL_PREFIX": "/<lang>/cookies",
        }
    )
    told = told_settings(settings)

    assert json.loads(json.dumps(told)) == told
    assert told["COOKIECONSENT_POLICY_DATE"] == "2026-11-23"
    assert told["COOKIECONSENT_GRANT_RETENTION"] == "400 days"
    assert told["COOKIECONSENT_SWEEP_EXCEPT"] == ["_ga"]
    assert told["COOKIECONSENT_URL_PREFIX"] == "/<lang>/cookies"
    assert told["COOKIECONSENT_CONTROLLER"] is None


def test_whole_declaration() -> None:
    """C2: each service and each cookie is there, with words and not with message ids alone."""
    site = make_site()
    with site.app.app_context():
        registry = get_state().registry
        found = declared(registry, language("en"))

    services = {service["id"]: service for group in found for service in group["services"]}
    assert set(services) == set(registry.services)
    assert [group["id"] for group in found if group["always_on"]] == ["necessary"]
    films = services["films"]
    assert films["provider"]["name"] == "Example Media SA"
    assert films["purpose_text"] == "Shows videos inside our pages."
    told = {cookie["name"] for service in services.values() for cookie in service["cookies"]}
    assert told == {cookie.name for service in registry.services.values() for cookie in service.cookies}
    assert json.loads(json.dumps(found)) == found
