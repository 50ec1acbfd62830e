"""Share links: plain addresses, everything in them percent-encoded, nothing loaded (A9)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.catalogue.share import NETWORKS, share_link

PAGE = "https://example.org/stories?page=2&sort=new#top"
ENCODED = "https%3A%2F%2Fexample.org%2Fstories%3Fpage%3D2%26sort%3Dnew%23top"


@pytest.mark.parametrize(
    ("network", "href"),
    [
        ("facebook", f"https://www.facebook.com/sharer/sharer.php?u={ENCODED}"),
        ("x", f"https://x.com/intent/tweet?text=Ships%20%26%20quays%20%2B%201&url={ENCODED}"),
        ("linkedin", f"https://www.linkedin.com/sharing/share-offsite/?url={ENCODED}"),
    ],
)
def test_share_link(network: str, href: str) -> None:
    assert share_link(network, PAGE, "Ships & quays + 1") == href


def test_networks_are_frozen() -> None:
    with pytest.raises(TypeError):
        NETWORKS["other"] = ("Other", "https://other.example/?u={url}")  # type: ignore[index]


def test_unknown_network_names_the_others() -> None:
    with pytest.raises(ValueError, match="'myspace', wanted one of facebook, x, linkedin"):
        share_link("myspace", PAGE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/stories",
        "//example.org/stories",
        "example.org",
        "https://",
        "https:///stories",
        "https://[half/",
        "ftp://example.org/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "https://example.org/a b",
        "https://example.org/a\u00a0b",
        "https://example.org/\r\nX: y",
        " https://example.org/",
        "https://example.org/\n",
        'https://example.org/"onclick="x',
        "https://example.org/<b>",
        "https://example.org\\evil.example",
    ],
)
def test_refuses(url: str) -> None:
    with pytest.raises(ValueError, match="url: found .*, wanted an absolute http or https address"):
        share_link("x", url)


def test_apostrophe_is_part_of_an_address() -> None:
    assert share_link("facebook", "https://example.org/it's").endswith("?u=https%3A%2F%2Fexample.org%2Fit%27s")


@given(
    network=st.sampled_from(sorted(NETWORKS)),
    path=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters='"<>\\')),
    title=st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_only_unreserved_characters_and_nothing_lost(network: str, path: str, title: str) -> None:
    """Whatever the page and the title are called, the values arrive whole and break out of nothing."""
    href = share_link(network, "https://example.org/" + path, title)

    assert re.fullmatch(r"https://[a-z./-]+\?[A-Za-z0-9_.~%=&-]+", href)
    values = parse_qs(urlsplit(href).query, keep_blank_values=True)
    assert values.get("u", values.get("url")) == ["https://example.org/" + path]
    assert values.get("text", [title]) == [title]
