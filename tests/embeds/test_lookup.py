"""Resolving embeds: which service knows an address, what is remembered, and what a refusal tells."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from flask_cookieconsent.catalogue import disqus, facebook, google_analytics, youtube
from flask_cookieconsent.core.services import Frame, Service, Widget
from flask_cookieconsent.embeds.lookup import Embed, EmbedIndex, Target, is_bare, leads_below, read_target
from flask_cookieconsent.errors import EmbedError

FILM = "https://youtu.be/aqz-KE-bpKQ"
POST = "https://www.facebook.com/ecom/posts/1"
PLUGIN = "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fecom%2Fposts%2F1"


def index_of(*services: Service) -> EmbedIndex:
    return EmbedIndex({service.id: service for service in services})


INDEX = index_of(youtube(), facebook(), disqus("shop"), google_analytics("G-ABC1234567"))


def counted(service: Service, texts: list[str]) -> Service:
    """Return a service that notes every text its parser is given."""
    parse = service.parse
    assert parse is not None

    def parse_and_note(text: str) -> Frame | Widget | None:
        texts.append(text)
        return parse(text)

    return replace(service, parse=parse_and_note)


@pytest.mark.parametrize(
    ("arguments", "service", "reference"),
    [
        ((FILM,), "youtube", FILM),
        ((f" {FILM}",), "youtube", f" {FILM}"),
        (("youtube", "aqz-KE-bpKQ"), "youtube", "aqz-KE-bpKQ"),
        (("disqus", "thread-1"), "disqus", "thread-1"),
        ((POST,), "facebook", POST),
    ],
)
def test_resolving(arguments: tuple[str, ...], service: str, reference: str) -> None:
    """A9: a URL finds its service, and a service its content; parsing the reference again gives the same."""
    embed = INDEX.find(*arguments)

    assert (embed.service.id, embed.reference) == (service, reference)
    assert INDEX.resolve(embed.service.id, embed.reference) == embed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("https://unknown.example/",),
            "no declared service can embed 'https://unknown.example/'; .*: youtube, facebook",
        ),
        (("google_analytics", "a"), "no declared service can embed 'a'; services that embed: youtube"),
        (("vimeo", "1"), "no service 'vimeo'; this site declares youtube, facebook, disqus, google_analytics"),
        (("a film",), "'a film' is no address; name its service first"),
        (("youtube", "x"), "^service 'youtube' cannot embed 'x'; wanted the address or the id of its content$"),
        (("youtube",), "^service 'youtube' cannot embed ''; wanted the address or the id of its content$"),
    ],
)
@pytest.mark.parametrize("look_up", [INDEX.find, INDEX.resolve])
def test_remedies(look_up: Callable[..., Embed], arguments: tuple[str, ...], message: str) -> None:
    """An error names what was given, and what would do."""
    with pytest.raises(EmbedError, match=message):
        look_up(*arguments)


def test_site_without_embeds() -> None:
    with pytest.raises(EmbedError, match="services that embed: none"):
        index_of().find(FILM)


def test_memo() -> None:
    """What templates ask on every render is parsed once."""
    texts: list[str] = []
    index = index_of(counted(youtube(), texts))

    assert index.find(FILM) is index.find(FILM)
    assert texts == [FILM]


def test_memo_is_bounded() -> None:
    """Nothing is remembered of errors, of long texts, and of what comes with requests or content."""
    texts: list[str] = []
    index = index_of(counted(youtube(), texts))

    for address in ("https://unknown.example/", f"{FILM}?x={'y' * 2000}"):
        for _ in range(2):
            with suppress(EmbedError):
                index.find(address)
    for _ in range(2):
        index.resolve(FILM)
        index.recognise(FILM)

    assert len(texts) == 8


@pytest.mark.parametrize("address", [POST, PLUGIN])
def test_recognising(address: str) -> None:
    """The page of a post and the frame that its network gives out to copy show the same."""
    embed = INDEX.recognise(address)

    assert embed is not None
    assert embed.identity == INDEX.resolve("facebook", POST).identity


def test_recognising_twin() -> None:
    assert INDEX.recognise("https://evil.example/plugins/post.php?href=" + POST) is None
    assert INDEX.recognise("https://[/") is None
    assert INDEX.resolve("disqus", "one").identity != INDEX.resolve("disqus", "other").identity


def test_vendors_hosts() -> None:
    """A2: a vendor's host and all below it; never the site's own, nor a name that merely ends like one."""
    assert INDEX.is_vendor("www.youtube-nocookie.com")
    assert INDEX.is_vendor("a.www.youtube-nocookie.com")
    assert not INDEX.is_vendor("evilyoutube-nocookie.com")
    assert not INDEX.is_vendor("")


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("/own", None),
        ("https://LOCALHOST:443/own", None),
        ("about:blank", None),
        ("//evil.example/x", Target("https://evil.example/x", "evil.example")),
        (" ht\ntps:\\\\evil.example", Target("https://evil.example", "evil.example")),
        ("http://a@evil.example?x", Target("http://a@evil.example?x", "evil.example")),
        ("data:text/html,x", Target()),
    ],
)
def test_targets(value: str, target: Target | None) -> None:
    """A2: an address is read as browsers read it."""
    assert read_target(value, {"localhost"}) == target


@pytest.mark.parametrize(
    ("value", "leads"),
    [
        ("/cookies/choice", True),
        ("choice", False),
        ("cookies/choice?x#y", True),
        ("/news/../cookies//choice", True),
        (" /coo\nkies\\choice", True),
        ("/%63ookies/choice", True),
        ("https://shop.example/en/cookies/", True),
        ("/cookies-and-cream", False),
        ("/search?next=/cookies/choice", False),
        ("", False),
    ],
)
def test_ways_to_our_pages(value: str, leads: bool) -> None:
    """B9: however an address is spelt, it is known whether it may lead to one of ours."""
    assert leads_below(value, "/cookies") is leads


def test_bare_links() -> None:
    assert is_bare("youtu.be/a%20b", "https://youtu.be/a b/")
    assert is_bare("https://youtu.be/aqz…", FILM)
    assert not is_bare("you…", FILM)
    assert not is_bare("our film", FILM)
