"""Which domain a host belongs to."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.walking.domains import is_everybodys, is_own, site_of


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.shop.example", "shop.example"),
        ("shop.example", "shop.example"),
        ("a.b.shop.co.uk", "shop.co.uk"),
        ("one.github.io", "one.github.io"),
        ("127.0.0.1:5000", "127.0.0.1"),
    ],
)
def test_domain_of_a_host(host: str, site: str) -> None:
    assert site_of(host) == site


@pytest.mark.parametrize("domain", ["com", "co.uk", "github.io", "GitHub.io"])
def test_domain_of_everybody(domain: str) -> None:
    """Whoever says that it is theirs would have every neighbour's host."""
    assert is_everybodys(domain)
    assert not is_everybodys(f"shop.{domain}")


def test_neighbours_are_not_own() -> None:
    assert is_own("img.shop.example", "www.shop.example")
    assert not is_own("two.github.io", "one.github.io")
