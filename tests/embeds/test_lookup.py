"""Resolving embeds: which service knows an address, what is remembered, and what a refusal tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from flask_cookieconsent.catalogue import disqus, facebook, google_analytics, youtube
from flask_cookieconsent.core.services import Frame, Service, Tag, Widget
from flask_cookieconsent.embeds.lookup import Embed, EmbedIndex
from flask_cookieconsent.errors import EmbedError
from tests.embeds.test_pasted_text import DISGUISES, WAYS
from tests.kit.samples import OWN, SAMPLES

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
        ((f" {FILM}",), "youtube", FILM),
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
            "no declared service can embed 'https://unknown.example/'; .*: youtube, facebook, .*; `flask cookie.* can$",
        ),
        (("https://www.youtube.com/a",), "no declared service can embed .*: youtube, facebook, disqus$"),
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


def found(*arguments: str) -> str:
    """Return what the frame of an embed shows, or nothing where there is none."""
    with suppress(EmbedError):
        content = EVERYONE.find(*arguments).content
        return content.src if isinstance(content, Frame) else content.link
    return ""


EVERYONE = index_of(*(sample.service for sample in SAMPLES))
ADDRESSES = [sample.embed for sample in SAMPLES if (sample.embed or "").startswith("https://")]


@pytest.mark.parametrize("way", WAYS)
def test_pasted(way: str) -> None:
    """A9: an address of any vendor in any harmless form shows the same, with its service named and without."""
    texts = {address: way.format(address.removeprefix("https://")) for address in ADDRESSES}
    named = {address: EVERYONE.find(address).service.id for address in ADDRESSES}

    assert [each for each, text in texts.items() if not found(text) == found(each) != ""] == []
    assert [each for each, text in texts.items() if found(named[each], text) != found(each)] == []


@pytest.mark.parametrize(
    "disguise",
    [
        *DISGUISES,
        "https://evil.example/{}",
        "https://evil.example?{}",
        "https://evil.example#{}",
        "https://evil.example.{}",
        "evil.example/{}",
        "<iframe src='https://evil.example/{}'></iframe>",
        "https://evil.example/?href=https://{}",
        "https://evil.example/?url={}&id=12345",
    ],
)
def test_disguise(disguise: str) -> None:
    """A9: nothing that only looks like an address of a vendor is embedded, whatever is made of it first."""
    texts = [disguise.replace("{}", address.removeprefix("https://")) for address in ADDRESSES]

    assert [text for text in texts if found(text)] == []


def shown_of(src: str, *necessary: str) -> str:
    """Return what is shown of an embed of a site's own service, which is strictly necessary if it is named."""
    widget = Widget(tag=Tag(src=src), attributes={}, kind="form", shape="square")
    frame = Frame(src=src, link=src, kind="form", shape="square")
    made = [replace(OWN.service, parse=lambda text, content=content: content) for content in (widget, frame)]
    refused = []
    for service in made:
        try:
            EmbedIndex({service.id: service}, necessary).find(service.id, "1")
        except EmbedError as error:
            refused.append(str(error))
    return " ".join(refused)


@pytest.mark.parametrize("src", ["https://connect.facebook.net/x", "//CONNECT.facebook.net/x", "https://a.hotjar.com"])
def test_tracker_is_never_embedded_unasked(src: str) -> None:
    """C5: what nobody is asked about shows no tracker, whatever its declaration says of hosts."""
    assert shown_of(src, OWN.service.id).count("is a tracker of") == 2


def test_tracker_is_never_embedded_unasked_twin() -> None:
    """It is shown where visitors are asked, and so is what tracks nobody where they are not."""
    assert shown_of("https://connect.facebook.net/x") == ""
    assert shown_of("https://forms.example/x", OWN.service.id) == ""


def renamed(address: str) -> str:
    """Return an address on a host whose name only ends as that of a vendor does."""
    return re.sub(r"[a-z0-9-]+\.[a-z]+(?=/)", r"evil\g<0>", address, count=1)


def test_name_that_ends_alike() -> None:
    """Hosts below a vendor's may be its customers', so it is the vendor's own label that is another."""
    assert [text for address in ADDRESSES if found(text := renamed(address))] == []


def test_name_that_ends_alike_twin() -> None:
    assert renamed("https://form.typeform.com/to/OVMXtbRr") == "https://form.eviltypeform.com/to/OVMXtbRr"
    assert found("https://evilform.typeform.com/to/OVMXtbRr") == found("https://form.typeform.com/to/OVMXtbRr") != ""


@pytest.mark.parametrize("ending", [".evil.example", ".", ":80", ":", "@evil.example", ":443@evil.example", ":443:443"])
@pytest.mark.parametrize("start", ["https://", "//", ""])
def test_host_that_goes_on(start: str, ending: str) -> None:
    texts = [start + address.removeprefix("https://").replace("/", ending + "/", 1) for address in ADDRESSES]

    assert [text for text in texts if found(text)] == []


@pytest.mark.parametrize("host", ["www.youtub\u0435.com", "www.youtube\u3002com", "www.youtube\uff0ecom", "\uff38.com"])
@pytest.mark.parametrize("start", ["https://", "//", ""])
def test_host_of_other_letters(start: str, host: str) -> None:
    assert found(f"{start}{host}/watch?v=aqz-KE-bpKQ") == ""
    assert found(f"{start}{host}/a/status/12345") == ""


def test_time_of_an_escaped_address() -> None:
    """What stands behind an escaped ampersand counts, with the service named too."""
    escaped = "https://www.youtube.com/watch?v=aqz-KE-bpKQ&amp;t=90"

    assert "start=90" in found(escaped)
    assert "start=90" in found("youtube", escaped)


def test_own_ids_are_left_alone() -> None:
    """What looks like an address to us may be an id to its service."""
    content = INDEX.find("disqus", "shop.example/article/1").content

    assert isinstance(content, Widget)
    assert content.tag.data["identifier"] == "shop.example/article/1"


FRAMES_OF_VENDORS = [
    ("facebook", PLUGIN, POST),
    ("facebook", PLUGIN.replace("https:", "", 1).replace("&", "&amp;"), POST),
    (
        "facebook",
        "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fecom%2Fvideos%2F12%2F&t=0",
        "https://www.facebook.com/ecom/videos/12/",
    ),
    (
        "x",
        "https://platform.x.com/embed/Tweet.html?dnt=true&id=463440424141459456",
        "https://x.com/i/status/463440424141459456",
    ),
]


@pytest.mark.parametrize(("service", "frame", "page"), FRAMES_OF_VENDORS)
def test_frame_of_a_vendor(service: str, frame: str, page: str) -> None:
    """A9: the address of a vendor's own frame shows what the page does, as it does in stored content."""
    assert found(frame) == found(page) != ""
    assert found(service, frame) == found(page)
    assert found(f'<iframe src="{frame}"></iframe>') == found(page)


@pytest.mark.parametrize(("service", "frame", "page"), FRAMES_OF_VENDORS)
def test_frame_of_a_vendor_twin(service: str, frame: str, page: str) -> None:
    """A9: of another service, another host, with user info, another port or another scheme it is none."""
    bare = frame.partition("//")[2]

    assert found("vimeo", frame) == ""
    for start in ("https://evil.example/", "https://evil.", "https://me@", "javascript://", "ftp://", "https:\\\\"):
        assert found(start + bare) == ""
    assert found("https://" + bare.replace(".com/", ".com:81/", 1)) == ""
    assert found("https://" + bare.replace(".com/", ".c\nom/", 1)) == ""
    for lookalike in (bare.replace("k", "\u212a"), bare.replace("x.com", "\uff38.com"), bare.replace("f", "\uff46")):
        assert lookalike == bare or found(f"https://{lookalike}") == found(lookalike) == ""


def test_hint_of_a_pasted_address() -> None:
    """A short link in any form keeps its hint."""
    for text in ("fb.watch/abc", "//fb.watch/abc", " <HTTPS://fb.watch/abc>", '<iframe src="https://fb.watch/abc">'):
        with pytest.raises(EmbedError, match=r"'https://fb\.watch/abc' is a short link.* paste the long address"):
            INDEX.find(text)


def test_long_texts_are_quoted_in_part() -> None:
    for arguments in (("x" * 10_000_000,), ("https://" + "x" * 10_000_000,), ("youtube", "x" * 10_000_000)):
        with pytest.raises(EmbedError) as caught:
            INDEX.find(*arguments)
        assert len(str(caught.value)) < 600


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
    assert INDEX.recognise(PLUGIN.replace("k", "\u212a", 1)) is None
    assert INDEX.resolve("disqus", "one").identity != INDEX.resolve("disqus", "other").identity


def test_vendors_hosts() -> None:
    """A2: a vendor's host and all below it; never the site's own, nor a name that merely ends like one."""
    assert INDEX.is_vendor("www.youtube-nocookie.com")
    assert INDEX.is_vendor("a.www.youtube-nocookie.com")
    assert not INDEX.is_vendor("evilyoutube-nocookie.com")
    assert not INDEX.is_vendor("")


def test_vendors_pictures() -> None:
    """A2: further hosts of a provider, with any port, and in any spelling that browsers read as that host."""
    index = EmbedIndex({"youtube": replace(youtube(), pictures=("i.ytimg.com",)), "disqus": disqus("shop")}, {"disqus"})

    assert index.vendors("i.ytimg.com:8443") == index.vendors("I.YTIMG.COM.") == index.vendors("a.i.yt%69mg。com")
    assert index.vendors("i.ytimg.com") == {"youtube"}
    assert index.vendors("ytimg.com") == index.vendors("i.ytimg.com.evil.example") == frozenset()


def test_vendors_that_nobody_is_asked_about() -> None:
    index = EmbedIndex({"youtube": youtube(), "disqus": disqus("shop")}, {"disqus"})

    assert index.is_asked_about("www.youtube.com")
    assert index.is_vendor("disqus.com") and not index.is_asked_about("disqus.com")


@pytest.mark.parametrize(
    "address",
    [
        "https://frames.example/api/iframe?key=a&url=https%3A%2F%2Fyoutu.be%2Faqz-KE-bpKQ",
        "https://frames.example/media?src=%2F%2Fwww.youtube.com%2Fembed%2Faqz-KE-bpKQ&url=https%3A%2F%2Fa.example",
        "/media/oembed?url=https%3A//youtu.be/aqz-KE-bpKQ",
        "http://localhost/wp-json/oembed/1.0/proxy?url=https%3A//youtu.be/aqz-KE-bpKQ",
        "https://www.youtube.com:443/embed/aqz-KE-bpKQ",
    ],
)
def test_recognising_a_frame(address: str) -> None:
    """What a frame of others, or of the site, names as its content is what it shows."""
    embed = INDEX.recognise_frame(address, {"localhost"})

    assert embed is not None
    assert embed.identity == INDEX.resolve(FILM).identity


@pytest.mark.parametrize(
    "address",
    [
        "/search?url=https%3A//youtu.be/aqz-KE-bpKQ",
        "https://frames.example/?link=https%3A//youtu.be/aqz-KE-bpKQ",
        "https://frames.example/?url=javascript:alert(1)",
        "https://frames.example/?url=/own/embed",
        "https://frames.example/?" + "a=1&" * 60 + "url=https%3A//youtu.be/aqz-KE-bpKQ",
        "javascript:alert(1)?url=https%3A//youtu.be/aqz-KE-bpKQ",
        "https://[/embed?url=https%3A//youtu.be/aqz-KE-bpKQ",
        "",
    ],
)
def test_recognising_a_frame_twin(address: str) -> None:
    """A page of the site that is no embed keeps its query, and nothing but the content's own address counts."""
    assert INDEX.recognise_frame(address, {"localhost"}) is None


def test_identity_has_no_shape() -> None:
    """The same video in another shape is the same embed, and has the same place."""
    embed = INDEX.resolve(FILM)
    assert isinstance(embed.content, Frame)
    tall = replace(embed, content=replace(embed.content, shape="tall"))

    assert (tall.identity, tall.digest) == (embed.identity, embed.digest)
    assert INDEX.resolve(f"{FILM}?t=5").identity != embed.identity
