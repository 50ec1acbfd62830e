"""Scopes of one app keep choices of their own or share one; what does not fit together is told at the start."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent.core.scopes import SAMPLE, Scopes
from flask_cookieconsent.errors import SettingsError
from flask_cookieconsent.settings import read
from tests.kit.phones import SURFACES


def test_without_a_scope_all_is_as_before() -> None:
    """An upgrade asks nobody anew: the pages sign for every app of the key, and under the usual name."""
    scopes = Scopes()

    assert (scopes.of_pages, scopes.named, scopes.hands_over) == (None, (), False)
    assert scopes.cookie_name("cookieconsent") == "cookieconsent"
    assert scopes.of_app == "app"


def test_own_scope_has_its_own_cookie() -> None:
    """A scope that shares nothing, or is not among those that do, signs for itself under a name of its own."""
    for scopes in (Scopes("Platform"), Scopes("Platform", "App", ("Website", "App"))):
        assert scopes.of_pages == "Platform"
        assert scopes.cookie_name("cookieconsent") == "cookieconsent-Platform"
        assert (scopes.named, scopes.hands_over) == ((), False)


def test_shared_scopes_are_one() -> None:
    """Where the app shares with the pages each may open the other; a program apart keeps its own."""
    shared, apart = Scopes("Website", "App", SURFACES), Scopes("Website", "Kiosk", SURFACES)

    assert (shared.of_pages, shared.of_app, shared.named, shared.hands_over) == (None, None, SURFACES, True)
    assert (apart.of_pages, apart.of_app, apart.named, apart.hands_over) == (None, "Kiosk", SURFACES, False)
    assert shared.cookie_name("cookieconsent") == "cookieconsent"


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"SCOPE": "Website", "SHARED_SCOPES": ["Website"]}, "SHARED_SCOPES: found one name"),
    ({"SCOPE": "Website", "SHARED_SCOPES": ["Website", "Website"]}, "SHARED_SCOPES: found ('Website', 'Website')"),
    ({"SCOPE": "Website", "SHARED_SCOPES": ["Website", "WEBSITE"]}, "SHARED_SCOPES: found ('Website', 'WEBSITE')"),
    ({"SHARED_SCOPES": ["Website", "Platform"]}, "SCOPE: found None, wanted one of Website, Platform"),
    ({"SCOPE": "website", "SHARED_SCOPES": ["Website", "Platform"]}, "SCOPE: found 'website', wanted 'Website'"),
    ({"SCOPE": "Website", "SHARED_SCOPES": ["Website", "App"]}, "APP_SCOPE: found 'app', wanted 'App'"),
    ({"SCOPE": "App"}, "APP_SCOPE: found 'app', wanted another name than that of COOKIECONSENT_SCOPE"),
    ({"SCOPE": SAMPLE}, "SCOPE: found 'sample', wanted another name"),
    ({"SCOPE": "a", "SHARED_SCOPES": ["a", SAMPLE]}, "SHARED_SCOPES: found 'sample', wanted another name"),
]


@pytest.mark.parametrize(("given", "wanted"), MISTAKES)
def test_mistakes(given: dict[str, Any], wanted: str) -> None:
    """Whoever starts the app is told the key, the value found and the value wanted."""
    with pytest.raises(SettingsError) as error:
        read({f"COOKIECONSENT_{name}": value for name, value in given.items()})

    assert [mistake for mistake in error.value.mistakes if mistake.startswith(f"COOKIECONSENT_{wanted}")]


def test_one_configuration_for_three_apps() -> None:
    """The bad twin: what fits is no mistake, of an app outside the shared scopes too."""
    for pages in (*SURFACES[:2], "Shop"):
        given = {"COOKIECONSENT_SCOPE": pages, "COOKIECONSENT_APP_SCOPE": "App"}
        assert read(given | {"COOKIECONSENT_SHARED_SCOPES": list(SURFACES)}).scopes.shared == SURFACES
