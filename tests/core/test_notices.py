"""The notice is everything that was shown, and its digest changes with all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flask_cookieconsent.core.defaults import CATEGORIES
from flask_cookieconsent.core.notices import canonical, digest, snapshot
from flask_cookieconsent.core.registry import build
from tests.kit.sites import COMPANY, make_site, own, services

FILMS = services()[3]


def notice(*, policy_version: str = "1", categories: Any = None, **changes: Any) -> str:
    given = {"locale": "en", "texts": "", "templates": {"banner.html": "abc"}, "translate": str, "cookie_domain": None}
    given["scopes"] = ()
    declared = [replace(FILMS, **{key: changes.pop(key) for key in list(changes) if key not in given}), *services()[:3]]
    return digest(canonical(snapshot(build(declared, categories, policy_version=policy_version), **(given | changes))))


CHANGES: list[dict[str, Any]] = [
    {"locale": "nl"},
    {"texts": "another catalog"},
    {"templates": {"banner.html": "abd"}},
    {"translate": lambda text: f"{text}."},
    {"policy_version": "2"},
    {"name": "Films"},
    {"description": "More films."},
    {"purpose": "embedded_post"},
    {"cookies": ()},
    {"cookies": (replace(FILMS.cookies[0], purpose="Other."),)},
    {"cookies": (replace(FILMS.cookies[0], duration=timedelta(days=2)),)},
    {"provider": replace(COMPANY, name="Another SA")},
    {"provider": replace(COMPANY, privacy_policy="https://media.example.net/new")},
    {"cookie_domain": "example.net"},
    {"scopes": ("Website", "App")},
    {"categories": [*CATEGORIES[:-1], replace(CATEGORIES[-1], refusal="Nothing.")]},
]


@pytest.mark.parametrize("change", CHANGES)
def test_all_that_is_shown_is_in_the_digest(change: dict[str, Any]) -> None:
    """F2: another sentence, name, provider, cookie, template or language is another notice."""
    assert notice(**change) != notice()


def test_digest_twin() -> None:
    """F2: the same notice has the same digest, in whatever order its parts were given."""
    assert notice() == notice()
    assert canonical({"a": 1, "b": [2]}) == canonical({"b": [2], "a": 1}) != canonical({"a": 1, "b": [3]})
    assert len(notice()) == 64


def test_digest_follows_the_templates_and_texts_of_a_site() -> None:
    """F2: a template that the site overrides is in the digest, whatever it says."""
    plain, other = make_site(), make_site(templates={"cookieconsent/banner.html": "<p>Cookies!</p>"})
    more = make_site(services=[*services(), own("theme", "functionality")])

    assert len({plain.digest, make_site().digest, other.digest, more.digest}) == 3
