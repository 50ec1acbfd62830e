"""Declared services that no page shows, and stored content that nobody declares."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.findings import Finding
from tests.kit.audited import app_with, audit_of, findings_of, page_in_layout

STORED = "{{ '<iframe src=\"https://x.test/7\"></iframe>'|safe|cookieconsent_embeds }}"


def unused(content: str, home: str = "a text") -> list[str]:
    app = app_with({"/page": page_in_layout(content)})
    app.view_functions["home"] = lambda: home
    return [finding.subject for finding in findings_of(audit_of(app), "unused-service")]


@pytest.mark.parametrize(
    ("content", "subjects"),
    [
        ("", ["films", "posts"]),
        ("{{ cookieconsent.embed(film, title='A film') }}", ["posts"]),
        (
            "{% if cookieconsent.allows('films') %}<iframe src='https://player.example.net/a'></iframe>{% endif %}",
            ["posts"],
        ),
    ],
)
def test_services_without_a_page(content: str, subjects: list[str]) -> None:
    """The tag of the counter is in our head; what has neither tag nor embed shows nothing that could be missed."""
    assert unused(content) == subjects


def content(stored: str, setting: str = "block") -> list[Finding]:
    app = app_with({"/page": page_in_layout(stored)}, COOKIECONSENT_UNDECLARED_FRAMES=setting)
    return [each for each in audit_of(app).findings if each.rule in ("undeclared-content", "undeclared-host")]


def test_stored_content_that_is_not_shown() -> None:
    """It is named by its host, and its place by its address."""
    (finding,) = content(STORED)

    assert (finding.rule, finding.subject, finding.level) == ("undeclared-content", "x.test", "warning")
    assert finding.places[0].element == "https://x.test/7"


def test_stored_content_that_stays() -> None:
    """Where the owner leaves it, it is loaded: that is no warning any more."""
    assert [(each.rule, each.subject) for each in content(STORED, "leave")] == [("undeclared-host", "x.test")]


def test_stored_content_that_is_sound() -> None:
    """The bad twin: what a service embeds, and what a declared one cannot show, is declared."""
    frame = STORED.replace("x.test/7", "player.example.net/abc")
    odd = STORED.replace("x.test/7", "player.example.net/no-such-film")

    assert content(frame) == [] and content(odd) == []


def test_tags_of_pages_that_caches_share() -> None:
    """Their script brings them, so that no page has to show one; an embed has a placeholder there."""
    app = app_with({"/page": page_in_layout("")}, COOKIECONSENT_PAGES="cacheable")
    app.view_functions["home"] = lambda: "a text"

    assert [finding.subject for finding in findings_of(audit_of(app), "unused-service")] == ["films", "posts"]
