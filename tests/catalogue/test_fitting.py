"""Whether the parts of a declaration fit together: each check, and the smallest thing that does not."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent.catalogue.kit.declaration import factory
from flask_cookieconsent.catalogue.kit.fitting import misfits, unfit_examples

from .test_checking import PODIUM

SCRIPT = {"src": "https://podium.example/podium.js"}
TAG = {"tag": SCRIPT, "hosts": {"https://*.example": {"for": ["script-src"]}}}
FRAME = {
    "kind": "audio",
    "shape": "strip",
    "src": "https://player.podium.example/{episode}",
    "link": "https://podium.example/{episode}",
    "addresses": [{"text": "(?P<episode>[0-9]+)"}, {"hosts": ["podium.example"], "path": "/(?P<episode>[0-9]+)"}],
}
WIDGET = {
    "kind": "audio",
    "shape": "strip",
    "widget": {"attributes": {"class": "podium"}, "tag": SCRIPT},
    "addresses": [{"text": "(?P<episode>[0-9]+)"}],
}


def said(**change: Any) -> list[str]:
    """Return what is said of a declaration with some keys changed, one of which is what it embeds."""
    data = PODIUM | {"embed": FRAME, "sample": {"embed": "12"}} | change
    if unfit := [str(each) for each in unfit_examples(data)]:
        return unfit
    return [str(each) for each in misfits(data, factory("podium", data)("1234"))]


@pytest.mark.parametrize("change", [{}, TAG | {"embed": WIDGET}, {"embed": WIDGET, "hosts": TAG["hosts"]}])
def test_sound_declaration_fits(change: dict[str, Any]) -> None:
    assert said(**change) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"provider": PODIUM["provider"] | {"country": "UK"}},
            "provider.country: found 'UK', wanted its code in ISO 3166-1, 'GB'",
        ),
        (
            {"provider": PODIUM["provider"] | {"country": "EU"}},
            "provider.country: found 'EU', wanted its code in ISO 3166-1, the one",
        ),
        (
            {"cookies": [{"name": "a", "purpose": "Keeps.", "source": "hearsay"}]},
            "sources: found 'hearsay', wanted one of podium as the source of a fact",
        ),
        (
            {"hosts": {"https://player.podium.example": {"for": ["frame-src"], "source": "hearsay"}}},
            "sources: found 'hearsay', wanted one of podium as the source of a fact",
        ),
        (
            {"embed": FRAME | {"src": "https://player.podium.example/{tome}"}},
            "embed: found '{tome}', wanted a variable",
        ),
        ({"sample": {"embed": "twelve"}}, "sample.embed: found 'twelve', wanted what one of the addresses reads"),
        (
            {"embed": FRAME | {"link": "https://podium.example/e/{episode}"}},
            "embed.link: found 'https://podium.example/e/12'",
        ),
        ({"hosts": {}}, "embed.src: found 'https://player.podium.example/12', wanted an https address whose origin"),
        ({"hosts": {"https://podium.example": {"for": ["frame-src"]}}}, "embed.src: found "),
        ({"hosts": {"https://layer.podium.example": {"for": ["frame-src"]}}}, "embed.src: found "),
        ({"hosts": {"https://player.podium.example": {"for": ["img-src"]}}}, "embed.src: found "),
        ({"embed": WIDGET}, "embed.widget.tag.src: found 'https://podium.example/podium.js', wanted an https address"),
        (
            TAG | {"embed": WIDGET, "tag": {"src": "//podium.example/podium.js"}},
            "tag.src: found '//podium.example/podium",
        ),
        (
            TAG | {"embed": WIDGET, "tag": {"src": "https://elsewhere.test/a.js"}},
            "tag.src: found 'https://elsewhere.test",
        ),
        (
            {"parameters": {"show": {"match": "[0-9]{4}", "example": "12"}}},
            "parameters.show.example: found '12', wanted what matches [0-9]{4}",
        ),
    ],
)
def test_misfit_is_told(change: dict[str, Any], sentence: str) -> None:
    (found,) = said(**change)

    assert found.startswith(sentence)


def test_hint_for_the_sample_is_told_as_it_is() -> None:
    hinted = {**FRAME, "addresses": [{"hosts": ["pod.example"], "hint": "short"}, *FRAME["addresses"]]}  # type: ignore[misc]
    with pytest.raises(ValueError, match="is a short link"):
        said(embed=hinted, sample={"embed": "https://pod.example/a"})
