"""Guesses about what nobody has declared: never laxer than it may be, and one service for one owner."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.audit.proposals.unknown import guessed, id_of, name_of_host, starred
from flask_cookieconsent.audit.walking.domains import is_own, site_of
from flask_cookieconsent.core.defaults import CATEGORIES, NECESSARY_PURPOSES, PURPOSES
from flask_cookieconsent.core.validation import GAP


@pytest.mark.parametrize(
    ("name", "category", "purpose"),
    [
        ("cart", "necessary", "user_input"),
        ("shopping-cart", "necessary", "user_input"),
        ("XSRF-TOKEN", "necessary", "security"),
        ("csrftoken", "tracking", GAP),
        ("csrf_token", "necessary", "security"),
        ("remember_me", "necessary", "authentication"),
        ("preferredLang", "functionality", "preferences"),
        ("theme", "functionality", "preferences"),
        ("utm_source", "tracking", "attribution"),
        ("visitor_id", "performance", "audience_measurement"),
        ("carton", "tracking", GAP),
        ("x", "tracking", GAP),
        ("", "tracking", GAP),
    ],
)
def test_cookie_is_filed_by_the_words_in_its_name(name: str, category: str, purpose: str) -> None:
    guess = guessed(name)

    assert (guess.category, guess.purpose, guess.is_necessary) == (category, purpose, category == "necessary")


@given(st.text(max_size=20))
def test_guess_is_one_that_a_declaration_takes(name: str) -> None:
    guess = guessed(name)

    assert guess.category in {each.id for each in CATEGORIES}
    assert guess.purpose in {*PURPOSES, GAP}
    assert not guess.is_necessary or guess.purpose in NECESSARY_PURPOSES


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("visit_8f3a9c2b", "visit_*"),
        ("_ga_ABC1234567", "_ga_*"),
        ("seat.1234", "seat.*"),
        ("poll-0123456789abcdef", "poll-*"),
        ("cart", "cart"),
        ("seen_banner", "seen_banner"),
        ("step_2", "step_2"),
        ("_8f3a9c2b", "_8f3a9c2b"),
        ("8f3a9c2b", "8f3a9c2b"),
    ],
)
def test_id_in_a_name_becomes_a_star(name: str, declared: str) -> None:
    assert starred(name) == declared


@pytest.mark.parametrize(
    ("host", "site", "name"),
    [
        ("cdn.widgets.example", "widgets.example", "Widgets"),
        ("widgets.example", "widgets.example", "Widgets"),
        ("a.b.good-shop.co.uk", "good-shop.co.uk", "Good Shop"),
        ("shop-x.s3.amazonaws.com", "shop-x.s3.amazonaws.com", "Shop X"),
        ("one.github.io", "one.github.io", "One"),
        ("cdn.widgets.example:8443", "widgets.example", "Widgets"),
        ("192.0.2.7", "192.0.2.7", "192"),
        ("localhost", "localhost", "Localhost"),
    ],
)
def test_hosts_of_one_owner_have_one_name(host: str, site: str, name: str) -> None:
    assert (site_of(host), name_of_host(host)) == (site, name)


def test_own_server_has_the_domain_of_the_site() -> None:
    assert is_own("img.shop.example", "www.shop.example")
    assert not is_own("shop.example.evil.example", "www.shop.example")
    assert not is_own("two.github.io", "one.github.io")
    assert not is_own("localhost", "localhost")


@given(st.text(max_size=40), st.sets(st.sampled_from(["service", "a", "a_2", "s_1", "tracking"])))
def test_id_is_free_and_one_that_a_declaration_takes(text: str, taken: set[str]) -> None:
    id = id_of(text, taken)

    assert id not in taken
    assert id.isidentifier() and id.isascii() and id == id.lower() and len(id) <= 32 and id[0].isalpha()
