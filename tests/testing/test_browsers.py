"""What a browser of Playwright is given; that it counts there is tested in tests/browser/test_deciding.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from flask_cookieconsent import SetupError
from flask_cookieconsent.testing import deciding
from tests.kit.sites import make_site


@dataclass
class Jar:
    """Stands for a context, which keeps cookies."""

    cookies: list[dict[str, Any]] = field(default_factory=list)

    def add_cookies(self, cookies: list[dict[str, Any]]) -> str:
        self.cookies += cookies
        return "what the context returns"


@dataclass
class Page:
    """Stands for a page, which has a context."""

    context: Jar


def test_page_and_context_are_alike() -> None:
    """What the async API returns is handed on, to be awaited."""
    jar, app = Jar(), make_site().app
    answers = [deciding(each, app, "films", base_url="https://shop.example/") for each in (jar, Page(jar))]

    assert answers == ["what the context returns"] * 2
    assert jar.cookies[0] == jar.cookies[1]
    assert jar.cookies[0]["name"] == "__Host-cookieconsent" and "films+" in jar.cookies[0]["value"]


@pytest.mark.parametrize(("names", "grants"), [(("all",), 5), (("none",), 0), (("third_party",), 2), (("films",), 1)])
def test_names(names: tuple[str, ...], grants: int) -> None:
    jar = Jar()
    deciding(jar, make_site().app, *names, base_url="http://localhost:5000")

    assert jar.cookies[0]["name"] == "cookieconsent"
    assert jar.cookies[0]["value"].count("+") == grants


@pytest.mark.parametrize(
    ("names", "base_url", "said"),
    [
        ((), "https://shop.example", "wanted those of the services that are allowed, or 'all', or 'none'"),
        (("none", "films"), "https://shop.example", "found 'none', wanted a service"),
        (("film",), "https://shop.example", "did you mean 'films'?"),
        (("films",), "shop.example", "wanted the address of the site"),
    ],
)
def test_mistakes(names: tuple[str, ...], base_url: str, said: str) -> None:
    with pytest.raises(SetupError) as caught:
        deciding(Jar(), make_site().app, *names, base_url=base_url)

    assert said in str(caught.value)
