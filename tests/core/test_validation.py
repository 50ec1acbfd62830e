"""Mistakes in a declaration, told together at start-up in sentences that name the remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flask_cookieconsent import Category, RegistryError
from flask_cookieconsent.core.defaults import CATEGORIES
from flask_cookieconsent.core.registry import build
from tests.kit.declarations import CLUB, GOOD, NOTE, film
from tests.kit.sites import COMPANY, own

MISTAKES = [
    (lambda: [film(category="marketing")], "service 'films': unknown category 'marketing'; wanted one of necessary"),
    (lambda: [film(id="Films!")], "service 'Films!': an id is lower-case letters"),
    (lambda: [film(id="x" * 33)], "an id is lower-case letters"),
    (lambda: [film(), film()], "service 'films': declared twice"),
    (lambda: [film(id="tracking")], "service 'tracking': has the id of a category"),
    (lambda: [film(name="")], "service 'films': name is empty"),
    (lambda: [film(purpose="fun")], "service 'films': unknown purpose 'fun'; wanted one of consent"),
    (lambda: [film(provider=None)], "service 'films': uses other hosts but names no provider"),
    (lambda: [film(provider=replace(COMPANY, name=""))], "provider without a name"),
    (lambda: [film(provider=replace(COMPANY, country="Belgium"))], "provider country 'Belgium'"),
    (lambda: [film(provider=replace(COMPANY, privacy_policy=""))], "provider without a privacy policy; found ''"),
    (lambda: [film(provider=replace(COMPANY, privacy_policy="http://a.example"))], "wanted https://"),
    (lambda: [film(hosts={"frame-ancestors": ()})], "unknown directive 'frame-ancestors'"),
    (lambda: [film(hosts={"frame-src": ("https://a.example; script-src *",)})], "wanted an origin such as"),
    (lambda: [film(hosts={"frame-src": ("*",)})], "host '*' in frame-src"),
    (lambda: [film(hosts={"frame-src": ("'unsafe-inline'",)})], "wanted an origin"),
    (lambda: [own("seat", "necessary", NOTE)], "service 'seat': strictly necessary without a justification"),
    (lambda: [own("seat", "necessary", replace(NOTE, name="_ga"), justification="x")], "a known tracker is never"),
    (lambda: [own("seat", "necessary", replace(NOTE, name="_ga_*"), justification="x")], "a known tracker is never"),
    (lambda: [own("notes", "functionality", replace(NOTE, duration=timedelta(days=401)))], "at most 400 days"),
    (lambda: [own("notes", "functionality", replace(NOTE, duration=timedelta(0)))], "wanted more than nothing"),
    (lambda: [own("notes", "functionality", replace(NOTE, purpose=""))], "without a purpose"),
    (lambda: [own("notes", "functionality", replace(NOTE, name="a b"))], "not a cookie name"),
    (lambda: [own("notes", "functionality", replace(NOTE, name="*a"))], "with * only at the end"),
    (lambda: [own("notes", "functionality", replace(NOTE, path="shop"))], "wanted one that begins with '/'"),
    (lambda: [film(hosts={"frame-src": "https://films.example"})], "wanted a list such as ['https://films.example']"),
    (lambda: [own("notes", "functionality", replace(NOTE, storage="disk"))], "storage 'disk'"),
    (lambda: [own("a", "functionality", NOTE), own("b", "tracking", NOTE)], "a cookie belongs to one category"),
]


@pytest.mark.parametrize(("make", "sentence"), MISTAKES)
def test_mistakes(make: Any, sentence: str) -> None:
    """C2, C3, C5: each mistake stops the start, and says what to write instead."""
    with pytest.raises(RegistryError) as error:
        build(make())

    assert [each for each in error.value.mistakes if sentence in each]


@pytest.mark.parametrize("make", [lambda: [film()], lambda: [own("a", "functionality", NOTE)], lambda: GOOD])
def test_mistakes_twin(make: Any) -> None:
    """The same declarations without the mistakes are accepted, so it is the mistake that stops them."""
    assert build(make()).optional


def test_one_cookie_may_have_two_services_of_one_category() -> None:
    """Two tags of one vendor share their cookies."""
    assert build([own("a", "functionality", NOTE), own("b", "functionality", NOTE)]).optional == ("a", "b")


def test_every_mistake_at_once() -> None:
    """Nobody has to start the app once for each of their mistakes."""
    wrong = [film(category="marketing", name="", provider=None), own("seat", "necessary", replace(NOTE, purpose=""))]

    with pytest.raises(RegistryError) as error:
        build(wrong)

    assert len(error.value.mistakes) == 5
    assert all(each in str(error.value) for each in error.value.mistakes)


@pytest.mark.parametrize(
    ("categories", "sentence"),
    [
        ([CLUB], "none is necessary"),
        ([CATEGORIES[0], CLUB, CLUB], "category 'club': declared twice"),
        ([CATEGORIES[0], replace(CLUB, refusal="")], "category 'club': refusal is empty"),
        ([CATEGORIES[0], replace(CLUB, id="The club")], "category 'The club': an id is"),
    ],
)
def test_mistakes_of_categories(categories: list[Category], sentence: str) -> None:
    """C1: a category says what it is for and what refusing means, or the site does not start."""
    with pytest.raises(RegistryError, match=sentence):
        build([], categories)
