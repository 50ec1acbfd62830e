"""What people paste for an address: every harmless way of writing one is read, and nothing that deceives."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.embeds.pasted_text import address_in, is_blank

REST = "www.youtube.com/embed/aqz-KE-bpKQ?start=5"
FILM = f"https://{REST}"

WAYS = [
    "https://{}",
    "HTTPS://{}",
    "//{}",
    "{}",
    " \r\n\thttps://{}\u00a0\n",
    "\ufeff\u200bhttps://{}\u200b\u2060\u202c",
    "<https://{}>",
    "<{}>",
    '"https://{}"',
    "'//{}'",
    "“https://{}”",
    "„{}“",
    "« https://{} »",
    "(<https://{}>)",
    '<iframe width="560" height="315" src="https://{}" title="A film" allowfullscreen></iframe>',
    '<IFRAME loading=lazy SRC="//{}"></IFRAME>\n<p><a href="https://evil.example/">A film</a></p>',
    '<p class="x"><iframe src=" https://{} " srcdoc="<iframe src=https://evil.example/>"></iframe></p>',
    '<div data-src="https://evil.example/"><iframe data-src="https://evil.example/" src="{}"></iframe></div>',
    "&lt;iframe src=&quot;https://{}&quot;&gt;&lt;/iframe&gt;",
    "&lt;https://{}&gt;",
]


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_write_an_address(way: str) -> None:
    """A9: however it was pasted, it is the address that its author copied."""
    assert address_in(way.format(REST)) == FILM


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://youtu.be/x", "http://youtu.be/x"),
        ("https://youtu.be:443/x", "https://youtu.be/x"),
        ("http://youtu.be:80/x", "http://youtu.be/x"),
        ("youtu.be:443/x", "https://youtu.be/x"),
        ("//youtu.be:443/x", "https://youtu.be/x"),
        ("https://youtu.be", "https://youtu.be"),
        ("https://youtu.be?x=/@", "https://youtu.be?x=/@"),
        ("https://youtu.be/x?a=1&amp;b=2&#038;c=3&amp;amp;d=4&#x26;e", "https://youtu.be/x?a=1&b=2&c=3&d=4&e"),
        ("https://youtu.be/x?a=&lt;b", "https://youtu.be/x?a=&lt;b"),
        ("https://bücher.example/é", "https://bücher.example/é"),
        ("<iframe.mediadelivery.net/play/1>", "https://iframe.mediadelivery.net/play/1"),
        ("<iframe\nsrc=//youtu.be/x>", "https://youtu.be/x"),
    ],
)
def test_normalising(text: str, address: str) -> None:
    """The port that a scheme has anyway goes, and an escaped ampersand is one; nothing else is changed."""
    assert address_in(text) == address


DISGUISES = [
    "javascript:alert(1)//{}",
    "data:text/html,{}",
    "ftp://{}",
    "https:{}",
    "https:/{}",
    "https:///{}",
    "///{}",
    "https:\\\\{}",
    "https://evil.example\\{}",
    "https://evil.example@{}",
    "https://user:secret@{}",
    "https://@{}",
    "user@{}",
    "//user@{}",
    "https://{}\x00",
    "https://\x00{}",
    "https://\u200b{}",
    "https://{}\u200bx",
    "https://{}\u202egpj",
    "ht\ntps://{}",
    "https://{}\r\nX-Header: 1",
    "https://{} x",
    "http\u017f://{}",
    "evil.\u212a\u212a/{}",
    "https://{}\ud800",
    "https://[{}]",
    "see https://{}",
    "https://{} https://{}",
    "<b>https://{}</b>",
    '<script src="https://{}"></script>',
    "<iframe data-src='https://{}'></iframe>",
    '<iframe srcdoc="https://{}"></iframe>',
    '<iframe src="https://{}',
    '<!-- <iframe src="https://{}"></iframe> -->',
    '<textarea title="<iframe src=//{}>"></textarea>',
    "<![x[y]]><iframe src='https://{}'></iframe>",
    "&amp;lt;https://{}&amp;gt;",
]


@pytest.mark.parametrize("disguise", [*DISGUISES, 'https://{}"onload="x', "https://{}<b>"])
def test_what_deceives_is_no_address(disguise: str) -> None:
    """A9: user info, a backslash, what nobody sees inside, and an address in the middle of something else."""
    assert address_in(disguise.replace("{}", REST)) is None


@pytest.mark.parametrize("port", [":80", ":8443", ":", ":x", ":443:443", ":443@evil.example", ":0443", ":４４３"])
def test_another_port_is_no_address(port: str) -> None:
    assert address_in(FILM.replace("/embed", port + "/embed")) is None
    assert address_in(f"http://youtu.be{port.replace(':80', ':443')}/x") is None


@pytest.mark.parametrize("text", ["", " ", "a film", "aqz-KE-bpKQ", "/own", "#x", "readme.txt", "film.mp4?x", "v1.2/x"])
def test_words_are_no_address(text: str) -> None:
    """Without a scheme an address has a host and a path."""
    assert address_in(text) is None


def test_long_texts() -> None:
    """What is longer than any address is none, at no cost; code around one may be longer."""
    assert address_in(FILM.ljust(2_000, "a")) == FILM.ljust(2_000, "a")
    assert address_in(FILM.ljust(2_001, "a")) is None
    assert address_in(f'<iframe title="{"a" * 4_000}" src="{FILM}"></iframe>') == FILM
    assert address_in("https://" + "a" * 10_000_000) is None
    assert address_in(" " * 10_000_000 + FILM) is None


@pytest.mark.parametrize(
    "text", ["<iframe ", "<iframe a='", "<!--", '<a b="', "<iframe x/", "&lt;", "((", "\u200b", "&#0"]
)
def test_hostile_texts_cost_little(text: str) -> None:
    """No repetition makes the parser go over everything again and again."""
    begin = process_time()
    address_in("<iframe " + text * 1_000)
    address_in(text * 1_000)

    assert process_time() - begin < 1


@given(st.text())
def test_any_text(text: str) -> None:
    """It never raises, and what it returns it returns again."""
    address = address_in(text)

    assert address is None or address_in(address) == address


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "\ufeff \u00a0"])
def test_blank(text: str) -> None:
    assert is_blank(text)


def test_blank_twin() -> None:
    assert not is_blank(" x\u200b")
    assert not is_blank("\x00")
